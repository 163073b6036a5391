import * as vscode from 'vscode';
import type { DisplayRegistry } from '../outputs/displayRegistry.ts';
import type { WholeOutputs } from '../outputs/wholeOutputs.ts';
import { loadExecutors } from '../sessions/executors.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import { Kernel } from './kernel.ts';
import { ensureKernelMetadata, isPythonNotebook } from './kernelMetadata.ts';
import { registerLiveLanguage } from './liveLanguage.ts';
import { NotebookMoves } from './notebookMoves.ts';

/** The type of `.ipynb` notebooks, which VS Code's built-in extension opens and saves. */
export const JUPYTER_NOTEBOOK = 'jupyter-notebook';

/** What {@link Notebooks} is made with. */
export interface NotebooksOptions {
  readonly sessions: WorkspaceSessions;
  readonly wholes: WholeOutputs;
  readonly displays: DisplayRegistry;
  /** Of the workspace. */
  readonly state: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

/** The kernel for `.ipynb` notebooks, and what belongs to a notebook's life: its session, its metadata. */
export class Notebooks implements vscode.Disposable {
  readonly kernel: Kernel;
  readonly #sessions: WorkspaceSessions;
  readonly #disposables: vscode.Disposable[] = [];

  constructor({ sessions, wholes, displays, state, log }: NotebooksOptions) {
    this.#sessions = sessions;
    this.kernel = new Kernel({
      id: 'notebook',
      notebookType: JUPYTER_NOTEBOOK,
      wholes,
      displays,
      state,
      log,
      sessions: {
        open: (notebook) => sessions.notebookSession(notebook),
        find: (notebook) => sessions.findNotebookSession(notebook),
        onDidAttach: sessions.onDidAttach,
        restart: (session) => sessions.restart(session),
        ensureTrusted: () => sessions.ensureTrusted(),
      },
    });
    this.#disposables.push(
      this.kernel,
      new NotebookMoves({
        onDidMove: (from, to) => {
          sessions
            .moveNotebook(from, to)
            .then(() => this.kernel.move(from, to))
            .catch((error) => log.error("A notebook's session was not kept.", error));
        },
        onDidClose: (notebook) => {
          this.kernel.close(notebook);
          sessions
            .closeFor(notebook)
            .catch((error) => log.error("A notebook's session was not closed.", error));
        },
      }),
      this.kernel.onDidRun(({ notebook }) => {
        const interpreter = sessions.currentFor(notebook)?.info.interpreter ?? '';
        ensureKernelMetadata(notebook, interpreter).catch((error) =>
          log.error("A notebook's metadata was not set.", error),
        );
      }),
      registerLiveLanguage(sessions),
      vscode.workspace.onDidOpenNotebookDocument((notebook) => this.#prefer(notebook)),
      sessions.onDidChange(() => this.#describeSoon()),
    );
    for (const notebook of vscode.workspace.notebookDocuments) this.#prefer(notebook);
    this.#describeSoon();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  /** Python notebooks get this kernel without a question, unless another claims them as well. */
  #prefer(notebook: vscode.NotebookDocument): void {
    if (notebook.notebookType !== JUPYTER_NOTEBOOK || !isPythonNotebook(notebook)) return;
    this.kernel.controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
  }

  #describing = false;
  /** The picker shows what the code will run on; worked out outside of the activation. */
  #describeSoon(): void {
    if (this.#describing) return;
    this.#describing = true;
    setTimeout(() => {
      this.#describing = false;
      this.#describe().catch(() => {
        this.kernel.controller.detail = '';
      });
    }, 100);
  }

  async #describe(): Promise<void> {
    const executor = (await loadExecutors()).find(({ id }) => id === this.#sessions.chosenExecutor);
    const detail = executor ? `${executor.label} · ${executor.isolation}` : '';
    if (this.kernel.controller.detail !== detail) this.kernel.controller.detail = detail;
  }
}
