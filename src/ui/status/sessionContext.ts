import * as vscode from 'vscode';
import { activeSession } from '../sessions/activeSession.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';

/**
 * Keeps the context keys of the session in front of the person: `codeMode.sessionLive` (its Python has been
 * started) and `codeMode.sessionBusy` (code runs).
 */
export class SessionContext implements vscode.Disposable {
  readonly #sessions: WorkspaceSessions;
  readonly #disposables: vscode.Disposable[];
  readonly #known = new Map<string, boolean>();

  constructor(sessions: WorkspaceSessions) {
    this.#sessions = sessions;
    const update = () => this.#update();
    this.#disposables = [
      sessions.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.window.onDidChangeActiveNotebookEditor(update),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #update(): void {
    const state = activeSession(this.#sessions)?.info.state ?? 'stopped';
    this.#set('codeMode.sessionLive', state !== 'stopped');
    this.#set('codeMode.sessionBusy', state === 'busy');
  }

  #set(key: string, value: boolean): void {
    if (this.#known.get(key) === value) return;
    this.#known.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
