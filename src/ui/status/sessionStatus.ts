import * as vscode from 'vscode';
import type { ExecutorDescriptor } from '../../core/executors/registry.ts';
import type { EditorRuns } from '../commands/editorRuns.ts';
import { isPythonFile } from '../editor/documentCells.ts';
import { activeNotebook, activeSession } from '../sessions/activeSession.ts';
import { loadExecutors } from '../sessions/executors.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import type { ExecutorSettings } from '../settings/executorSettings.ts';
import { isolationLines, type SessionFacts, type SessionSummary, summarize } from './sessionSummary.ts';

/** Milliseconds that a run takes before the status says so: short runs would make it flicker. */
const BUSY_AFTER_MS = 150;

/**
 * The state of the Python in front of the person, in the status bar and in the language status of Python files:
 * which executor, what it does, what it isolates. A click offers what can be done.
 */
export class SessionStatus implements vscode.Disposable {
  readonly #sessions: WorkspaceSessions;
  readonly #runs: EditorRuns;
  readonly #settings: ExecutorSettings;
  readonly #item: vscode.StatusBarItem;
  readonly #languageItem: vscode.LanguageStatusItem;
  readonly #disposables: vscode.Disposable[];
  #executors: readonly ExecutorDescriptor[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(sessions: WorkspaceSessions, runs: EditorRuns, settings: ExecutorSettings) {
    this.#sessions = sessions;
    this.#runs = runs;
    this.#settings = settings;
    this.#item = vscode.window.createStatusBarItem('codeMode.session', vscode.StatusBarAlignment.Right, 90);
    this.#item.name = 'Python Code Mode Session';
    this.#item.command = 'codeMode.showMenu';
    this.#languageItem = vscode.languages.createLanguageStatusItem('codeMode.session', [
      { language: 'python' },
      { language: 'python', notebookType: '*' },
    ]);
    this.#languageItem.name = 'Python Code Mode';
    this.#languageItem.command = { command: 'codeMode.showMenu', title: 'Session…' };
    const update = () => this.#updateLater();
    this.#disposables = [
      this.#item,
      this.#languageItem,
      sessions.onDidChange(update),
      runs.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.window.onDidChangeActiveNotebookEditor(update),
    ];
    this.#updateLater();
  }

  /** What the status says now. */
  get summary(): SessionSummary {
    return summarize(this.#facts());
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #facts(): SessionFacts {
    const info = activeSession(this.#sessions)?.info;
    const chosen = this.#sessions.chosenExecutor;
    const id = info?.executor ?? chosen;
    return {
      trusted: vscode.workspace.isTrusted,
      info,
      executor: this.#executors?.find((executor) => executor.id === id),
      chosen,
      interpreterIsChosen: this.#settings.has(id, 'python'),
      waiting: this.#runs.waiting,
    };
  }

  #updateLater(): void {
    clearTimeout(this.#timer);
    const busy = activeSession(this.#sessions)?.info.state === 'busy';
    this.#timer = setTimeout(() => this.#update(), busy ? BUSY_AFTER_MS : 0);
  }

  #update(): void {
    if (!this.#isWanted()) {
      this.#item.hide();
      return;
    }
    if (!this.#executors) {
      // Only loaded when there is something to show, so that it is no part of activation.
      loadExecutors().then(
        (executors) => {
          this.#executors = executors;
          this.#updateLater();
        },
        () => undefined,
      );
      return;
    }
    const facts = this.#facts();
    const { icon, label, state, severity, busy } = summarize(facts);
    this.#item.text = `$(${icon}) ${label}`;
    this.#item.tooltip = tooltipOf(facts, state);
    this.#item.accessibilityInformation = { label: `${label}, ${state}. Session menu.`, role: 'button' };
    this.#item.backgroundColor =
      severity === 'none' ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`);
    this.#item.show();
    this.#languageItem.text = label;
    this.#languageItem.detail = state;
    this.#languageItem.busy = busy;
    this.#languageItem.severity = {
      none: vscode.LanguageStatusSeverity.Information,
      warning: vscode.LanguageStatusSeverity.Warning,
      error: vscode.LanguageStatusSeverity.Error,
    }[severity];
    this.#languageItem.accessibilityInformation = { label: `${label}, ${state}` };
  }

  #isWanted(): boolean {
    const document = vscode.window.activeTextEditor?.document;
    return (
      activeSession(this.#sessions) !== undefined ||
      this.#sessions.current() !== undefined ||
      activeNotebook() !== undefined ||
      (document !== undefined && isPythonFile(document))
    );
  }
}

function tooltipOf({ info, executor, trusted }: SessionFacts, state: string): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString('', true);
  tooltip.appendMarkdown(`**${executor?.label ?? 'Python Code Mode'}**: ${state}\n\n`);
  if (!trusted) return tooltip;
  // It may carry the name of a folder, which is no Markdown.
  if (info?.interpreter) tooltip.appendText(info.interpreter).appendMarkdown('\n\n');
  if (executor) tooltip.appendMarkdown(`${executor.description}\n\n`);
  const lines = isolationLines(info?.capabilityReport ?? []);
  if (lines.length > 0) tooltip.appendMarkdown(`---\n\n${lines.join('\n\n')}\n\n`);
  tooltip.appendMarkdown('---\n\nClick to interrupt, reset, restart or switch.');
  return tooltip;
}
