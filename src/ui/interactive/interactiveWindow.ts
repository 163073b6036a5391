import * as vscode from 'vscode';
import type { CodeOrigin, ExecutionResult } from '../../core/contract/execution.ts';
import { KERNEL_LABEL, Kernel } from '../notebook/kernel.ts';
import type { DisplayRegistry } from '../outputs/displayRegistry.ts';
import type { WholeOutputs } from '../outputs/wholeOutputs.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';

/** What {@link InteractiveWindow} is made with. */
export interface InteractiveWindowOptions {
  /** `publisher.name` of this extension. */
  readonly extensionId: string;
  readonly sessions: WorkspaceSessions;
  readonly wholes: WholeOutputs;
  readonly displays: DisplayRegistry;
  /** Of the workspace. */
  readonly state: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

/** The notebook type of VS Code's Interactive Window. */
export const INTERACTIVE = 'interactive';
const CONTROLLER_ID = 'interactive';
/** How long VS Code may take to make the kernel the window's. */
const ASSOCIATION_MS = 15_000;

/** What the command `interactive.open` gives. */
interface Opened {
  readonly notebookUri: vscode.Uri;
  readonly notebookEditor?: vscode.NotebookEditor;
}

/**
 * The workspace's session in VS Code's Interactive Window: what the person types there and what the editor runs
 * both appear as cells, in the order in which they were asked for.
 */
export class InteractiveWindow implements vscode.Disposable {
  readonly kernel: Kernel;
  readonly #options: InteractiveWindowOptions;
  /** The open windows that this extension's kernel is chosen for, oldest first. */
  readonly #notebooks = new Set<vscode.NotebookDocument>();
  readonly #disposables: vscode.Disposable[] = [];
  #newest: vscode.Uri | undefined;
  #inserting: Promise<unknown> = Promise.resolve();

  constructor(options: InteractiveWindowOptions) {
    this.#options = options;
    const { sessions, wholes, displays, state, log } = options;
    this.kernel = new Kernel({
      id: CONTROLLER_ID,
      notebookType: INTERACTIVE,
      wholes,
      displays,
      state,
      log,
      // The editor restores the window as it was some time before a reload.
      addCell: append,
      sessions: {
        open: () => sessions.workspaceSession(),
        find: () => sessions.findWorkspaceSession(),
        onDidAttach: sessions.onDidAttach,
        restart: (session) => sessions.restart(session),
        ensureTrusted: () => sessions.ensureTrusted(),
      },
    });
    this.#disposables.push(
      this.kernel,
      this.kernel.controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
        if (selected) this.#notebooks.add(notebook);
        else this.#notebooks.delete(notebook);
      }),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        this.#notebooks.delete(notebook);
        this.kernel.close(notebook);
      }),
    );
  }

  /**
   * Shows code as a cell of the window and runs it in the workspace's session, after what was asked for before.
   *
   * @param origin - the file and line that tracebacks name
   * @returns undefined if it could not run and the person was told why
   */
  async run(
    code: string,
    origin: CodeOrigin,
    { preserveFocus = true }: { preserveFocus?: boolean } = {},
  ): Promise<ExecutionResult | undefined> {
    if (!this.#options.sessions.ensureTrusted()) return undefined;
    // Only the insertion waits for those before it; the kernel's queue keeps the runs in order.
    const inserted = this.#inserting.then(async () => {
      const { notebook, editor } = await this.#open(preserveFocus);
      const cell = await append(notebook, code);
      const results = this.kernel.run([cell], origin);
      editor?.revealRange(
        new vscode.NotebookRange(cell.index, cell.index + 1),
        vscode.NotebookEditorRevealType.Default,
      );
      return { results };
    });
    this.#inserting = inserted.catch(() => {});
    const { results } = await inserted;
    return (await results)[0];
  }

  /** Opens the window, or brings it to the front. */
  async show(): Promise<void> {
    if (!this.#options.sessions.ensureTrusted()) return;
    await this.#open(false);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #open(
    preserveFocus: boolean,
  ): Promise<{ notebook: vscode.NotebookDocument; editor: vscode.NotebookEditor | undefined }> {
    const open = this.#openNotebook();
    const visible = vscode.window.visibleNotebookEditors.find(({ notebook }) => notebook === open);
    // Asking VS Code to open what is in sight would only cost time, and could move the focus.
    if (open && visible && preserveFocus) return { notebook: open, editor: visible };
    const opened = await vscode.commands.executeCommand<Opened>(
      'interactive.open',
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus },
      open?.uri,
      `${this.#options.extensionId}/${CONTROLLER_ID}`,
      KERNEL_LABEL,
    );
    const notebook = await vscode.workspace.openNotebookDocument(opened.notebookUri);
    this.#newest = notebook.uri;
    await this.#associate(notebook, opened.notebookEditor);
    return { notebook, editor: opened.notebookEditor };
  }

  /** The window to use: the one used last, else any that is left from before a reload. */
  #openNotebook(): vscode.NotebookDocument | undefined {
    const open = [...this.#notebooks].filter(({ isClosed }) => !isClosed);
    return open.find(({ uri }) => uri.toString() === this.#newest?.toString()) ?? open.at(-1);
  }

  /** Waits until VS Code has made the kernel the window's; only then can it run cells there. */
  async #associate(
    notebook: vscode.NotebookDocument,
    editor: vscode.NotebookEditor | undefined,
  ): Promise<void> {
    if (this.#notebooks.has(notebook)) return;
    const { controller } = this.kernel;
    const associated = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => finish(false), ASSOCIATION_MS);
      const listener = controller.onDidChangeSelectedNotebooks((event) => {
        if (event.notebook === notebook && event.selected) finish(true);
      });
      const finish = (value: boolean) => {
        clearTimeout(timer);
        listener.dispose();
        resolve(value);
      };
    });
    controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
    if (editor) {
      await vscode.commands.executeCommand('notebook.selectKernel', {
        notebookEditor: editor,
        id: CONTROLLER_ID,
        extension: this.#options.extensionId,
      });
    }
    if (await associated) return;
    throw new Error(
      `Choose "${KERNEL_LABEL}" as the kernel of the Interactive Window, then run the code again.`,
    );
  }
}

async function append(notebook: vscode.NotebookDocument, code: string): Promise<vscode.NotebookCell> {
  const index = notebook.cellCount;
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [
    vscode.NotebookEdit.insertCells(index, [
      new vscode.NotebookCellData(vscode.NotebookCellKind.Code, code, 'python'),
    ]),
  ]);
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new Error('The code could not be added to the Interactive Window.');
  }
  // Someone may have typed a cell in between, so it is looked for by its text, from the end.
  for (let at = notebook.cellCount - 1; at >= index; at--) {
    const cell = notebook.cellAt(at);
    if (cell.document.getText() === code.replaceAll('\r\n', '\n') || at === index) return cell;
  }
  return notebook.cellAt(index);
}
