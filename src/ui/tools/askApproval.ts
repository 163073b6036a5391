import * as vscode from 'vscode';
import type { ApprovalAnswer } from '../../core/contract/tools.ts';
import type { ApprovalQuestion } from '../../core/session/session.ts';
import { approvalWords } from './approvalWords.ts';

interface AnswerItem extends vscode.QuickPickItem {
  /** Undefined: shows the whole question. */
  readonly answer?: ApprovalAnswer;
}

/** Characters of an argument that a line of the question has. */
const MAX_SHOWN_CHARACTERS = 200;

/** Milliseconds after which an answer counts: the box may come while the person types. */
const READING_MS = 700;

/** One question is shown at a time: a second box would put the first away. */
let lastAnswered: Promise<unknown> = Promise.resolve();

/**
 * Asks the person whether a tool may be called, or packages may be changed.
 *
 * @throws Error when `signal` fires: nobody waits for the answer any more
 */
export function askApproval(question: ApprovalQuestion, signal: AbortSignal): Promise<ApprovalAnswer> {
  const answered = lastAnswered.then(() => askNow(question, signal));
  lastAnswered = answered.catch(() => undefined);
  return answered;
}

async function askNow(question: ApprovalQuestion, signal: AbortSignal): Promise<ApprovalAnswer> {
  for (;;) {
    if (signal.aborted) throw new Error('The question was withdrawn.');
    const answer = await pick(question, signal);
    if (answer === 'details') await showDetails(question);
    else if (answer !== undefined) return answer;
    else if (signal.aborted) throw new Error('The question was withdrawn.');
    // Another box may have put it away: what waits for an answer is said once more before it is taken for a no.
    else if (!(await wantsToDecide(question))) return 'no';
  }
}

function pick(
  question: ApprovalQuestion,
  signal: AbortSignal,
): Promise<ApprovalAnswer | 'details' | undefined> {
  const box = vscode.window.createQuickPick<AnswerItem>();
  const { wish, called, once, all, until, heading, details } = approvalWords(question);
  box.title = `${question.initiator === 'agent' ? 'An agent' : 'A run'} wants to ${wish} (${question.startedBy || question.title})`;
  box.placeholder = question.commandLine;
  box.ignoreFocusOut = true;
  box.matchOnDescription = false;
  box.items = [
    { label: '$(check) Allow Once', description: once, answer: 'once' },
    {
      label: '$(check-all) Allow in This Session',
      description: `${all} until the session ends`,
      answer: 'session',
    },
    {
      label: '$(pass) Always Allow in This Workspace',
      description: `${all}, ${until}`,
      answer: 'workspace',
    },
    {
      label: "$(circle-slash) Don't Allow",
      description: `${called} fails in Python with a PermissionError`,
      answer: 'no',
    },
    { label: heading, kind: vscode.QuickPickItemKind.Separator },
    ...details.map(({ label, value }) => ({ label, description: shorten(value) })),
    { label: '$(open-preview) Show Everything', description: 'as a document' },
  ];
  return new Promise((resolve) => {
    const withdraw = () => box.hide();
    signal.addEventListener('abort', withdraw, { once: true });
    let answer: ApprovalAnswer | 'details' | undefined;
    const shownAt = performance.now();
    box.onDidAccept(() => {
      const [chosen] = box.selectedItems;
      // Who was just typing something else has not read the question.
      if (!chosen || performance.now() - shownAt < READING_MS) return;
      answer = chosen.answer ?? 'details';
      box.hide();
    });
    box.onDidHide(() => {
      signal.removeEventListener('abort', withdraw);
      box.dispose();
      resolve(answer);
    });
    box.activeItems = box.items.filter(({ answer: given }) => given === 'no');
    box.show();
  });
}

async function wantsToDecide(question: ApprovalQuestion): Promise<boolean> {
  const review = 'Review';
  const chosen = await vscode.window.showWarningMessage(
    `${approvalWords(question).called} waits for your approval.`,
    review,
    "Don't Allow",
  );
  return chosen === review;
}

async function showDetails({ title, startedBy, initiator, ...rest }: ApprovalQuestion): Promise<void> {
  const { tool, callable, description, commandLine, arguments: given } = rest;
  const content = JSON.stringify(
    {
      tool,
      callable,
      description,
      runs: commandLine,
      arguments: given,
      session: title,
      initiator,
      startedBy,
    },
    null,
    2,
  );
  const document = await vscode.workspace.openTextDocument({ language: 'json', content });
  await vscode.window.showTextDocument(document, { preview: true, preserveFocus: true });
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > MAX_SHOWN_CHARACTERS ? `${line.slice(0, MAX_SHOWN_CHARACTERS)}…` : line;
}
