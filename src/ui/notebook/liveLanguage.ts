import * as vscode from 'vscode';
import type { Completion } from '../../core/contract/introspection.ts';
import type { Session } from '../../core/session/session.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';

/** Cells of notebooks, and the cells and the input box of the Interactive Window. */
const SELECTOR: vscode.DocumentSelector = [
  { language: 'python', notebookType: 'jupyter-notebook' },
  { language: 'python', notebookType: 'interactive' },
  { language: 'python', scheme: 'vscode-interactive-input' },
];

/** Whoever types waits no longer than this for Python. */
const ANSWER_MS = 700;

const KINDS: Readonly<Record<Completion['kind'], vscode.CompletionItemKind>> = {
  module: vscode.CompletionItemKind.Module,
  class: vscode.CompletionItemKind.Class,
  function: vscode.CompletionItemKind.Function,
  keyword: vscode.CompletionItemKind.Keyword,
  variable: vscode.CompletionItemKind.Variable,
  property: vscode.CompletionItemKind.Property,
};

/**
 * Completions and hovers from the live session: what the variables really are, not what could be worked out from
 * the code. While Python is busy there are none; nobody waits for it.
 */
export function registerLiveLanguage(sessions: WorkspaceSessions): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(
      SELECTOR,
      {
        provideCompletionItems: async (document, position, token) => {
          const session = idleSession(sessions, document);
          if (!session) return undefined;
          const code = document.getText();
          const result = await inTime(session.complete(code, document.offsetAt(position)), token);
          if (!result) return undefined;
          const range = new vscode.Range(document.positionAt(result.start), document.positionAt(result.end));
          return result.items.map((completion, index) => itemOf(completion, range, index));
        },
      },
      '.',
    ),
    vscode.languages.registerHoverProvider(SELECTOR, {
      provideHover: async (document, position, token) => {
        const session = idleSession(sessions, document);
        const word = document.getWordRangeAtPosition(position);
        if (!session || !word) return undefined;
        const inspection = await inTime(
          session.inspect(document.getText(), document.offsetAt(position)),
          token,
        );
        if (!inspection) return undefined;
        const { name, type, signature, value, documentation } = inspection;
        const hover = new vscode.MarkdownString();
        hover.appendCodeblock(signature || `${name}: ${type}${value ? ` = ${value}` : ''}`, 'python');
        if (documentation) hover.appendText(documentation);
        return new vscode.Hover(hover, word);
      },
    }),
  );
}

function itemOf(
  { text, kind, detail }: Completion,
  range: vscode.Range,
  index: number,
): vscode.CompletionItem {
  const item = new vscode.CompletionItem({ label: text, description: detail }, KINDS[kind]);
  item.range = range;
  // Python's order, which puts what is private last.
  item.sortText = String(index).padStart(5, '0');
  return item;
}

/** Whether a live session completes and explains the names in a document. */
export function isLive(sessions: WorkspaceSessions, document: vscode.TextDocument): boolean {
  return vscode.languages.match(SELECTOR, document) > 0 && idleSession(sessions, document) !== undefined;
}

/** The session of the notebook that a document belongs to, if it can answer at once. */
function idleSession(sessions: WorkspaceSessions, document: vscode.TextDocument): Session | undefined {
  const notebook = vscode.workspace.notebookDocuments.find((candidate) =>
    candidate.getCells().some((cell) => cell.document === document),
  );
  const session = notebook ? sessions.currentFor(notebook) : sessions.current();
  return session?.info.state === 'idle' ? session : undefined;
}

/** What a question gives, or undefined where that takes too long, fails, or nobody wants to know any more. */
async function inTime<T>(question: Promise<T>, token: vscode.CancellationToken): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let listener: vscode.Disposable | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_MS);
    listener = token.onCancellationRequested(() => resolve(undefined));
  });
  try {
    return await Promise.race([question, over]);
  } catch {
    // An answer that never comes is no error for someone who types.
    return undefined;
  } finally {
    clearTimeout(timer);
    listener?.dispose();
  }
}
