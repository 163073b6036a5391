import * as vscode from 'vscode';
import type { Subscription } from '../../core/common/events.ts';
import type { SessionManager } from '../../core/session/session.ts';
import type { ProvidedTool } from '../../core/session/tools.ts';

/** The tools that other extensions of this window provide: given to every session manager of the window. */
export class ProvidedTools implements vscode.Disposable {
  readonly #tools: ProvidedTool[] = [];
  readonly #managers = new Map<SessionManager, Subscription>();
  readonly #log: vscode.LogOutputChannel;
  #telling: Promise<unknown> = Promise.resolve();

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /** @throws Error for a name that is taken */
  add(tool: ProvidedTool): vscode.Disposable {
    if (this.#tools.some(({ name }) => name === tool.name)) {
      throw new Error(`There is a tool "${tool.name}" of an extension already: choose another name.`);
    }
    this.#tools.push(tool);
    this.#tellAll();
    return new vscode.Disposable(() => {
      const index = this.#tools.indexOf(tool);
      if (index < 0) return;
      this.#tools.splice(index, 1);
      this.#tellAll();
    });
  }

  /** Gives a manager the tools of now, and those that come. */
  giveTo(manager: SessionManager): vscode.Disposable {
    this.#managers.set(manager, { dispose: () => undefined });
    if (this.#tools.length > 0) this.#tell(manager);
    return new vscode.Disposable(() => {
      this.#managers.get(manager)?.dispose();
      this.#managers.delete(manager);
    });
  }

  dispose(): void {
    for (const subscription of this.#managers.values()) subscription.dispose();
    this.#managers.clear();
  }

  #tellAll(): void {
    for (const manager of this.#managers.keys()) this.#tell(manager);
  }

  /** One after the other, so that the newest counts. */
  #tell(manager: SessionManager): void {
    this.#telling = this.#telling.then(async () => {
      if (!this.#managers.has(manager)) return;
      try {
        this.#managers.set(manager, await manager.tools.provide([...this.#tools]));
      } catch (error) {
        this.#log.warn(`Tools of extensions could not be given to the sessions: ${String(error)}`);
      }
    });
  }
}
