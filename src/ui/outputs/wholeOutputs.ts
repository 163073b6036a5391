import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { WholeSink } from './outputModel.ts';
import type { TextPatch } from './terminal.ts';
import { WholeOutput } from './wholeOutput.ts';

/** The scheme of the read-only documents that show an output whole. */
export const WHOLE_OUTPUT_SCHEME = 'code-mode-output';
/** What the mark of a cut output is rendered by; named in package.json too. */
export const CUT_RENDERER_ID = 'python-code-mode-cut';
/** The MIME type of that mark; named in package.json too. */
export const CUT_MIME = 'application/vnd.python-code-mode.cut+json';

/** What a cut output's mark tells its renderer. */
export interface CutMark {
  readonly id: string;
  readonly characters: number;
  readonly lines: number;
  readonly omittedDisplays: number;
  /** False while the run still adds to it: the sizes are not the last word. */
  readonly complete: boolean;
}

/** Beyond this many UTF-16 code units the editor loads the file itself instead of getting the text from here. */
const MAX_DOCUMENT_CHARACTERS = 20_000_000;
const REFRESH_MS = 1_000;

/** The outputs that are longer than a cell shows, and the documents that show them whole. */
export class WholeOutputs implements vscode.Disposable, vscode.TextDocumentContentProvider {
  readonly #outputs = new Map<string, WholeOutput>();
  readonly #cells = new Map<string, vscode.NotebookCell>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #refreshing = new Map<string, NodeJS.Timeout>();
  readonly #open = new Set<string>();
  readonly #disposables: vscode.Disposable[] = [];
  readonly onDidChange = this.#changed.event;

  constructor() {
    const messaging = vscode.notebooks.createRendererMessaging(CUT_RENDERER_ID);
    this.#disposables.push(
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(WHOLE_OUTPUT_SCHEME, this),
      messaging.onDidReceiveMessage(({ message }) => {
        if (isOpenMessage(message)) void this.show(message.id);
      }),
      vscode.commands.registerCommand('codeMode.showWholeOutput', () => this.#showOfActiveCell()),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === WHOLE_OUTPUT_SCHEME) this.#open.delete(document.uri.query);
      }),
    );
  }

  /** A new place for the whole text of a cell's output. `title` names the tab that shows it. */
  create(title: string, cell: vscode.NotebookCell): WholeSink {
    const id = randomUUID();
    const output = new WholeOutput(title);
    this.#outputs.set(id, output);
    this.#cells.set(id, cell);
    return {
      id,
      get length() {
        return output.length;
      },
      get lines() {
        return output.lines;
      },
      patch: (patch: TextPatch) => {
        output.patch(patch);
        this.#refreshSoon(id);
      },
      dispose: () => {
        this.#outputs.delete(id);
        this.#cells.delete(id);
        output.dispose();
      },
    };
  }

  /** Opens the whole output in an editor of its own. */
  async show(id: string): Promise<void> {
    const output = this.#outputs.get(id);
    if (!output) {
      void vscode.window.showInformationMessage(
        'The whole output is no longer kept. Run the cell again to get it back.',
      );
      return;
    }
    const uri =
      output.length > MAX_DOCUMENT_CHARACTERS ? vscode.Uri.file(output.file()) : this.uriOf(id, output.title);
    await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const output = this.#outputs.get(uri.query);
    this.#open.add(uri.query);
    return output?.read() ?? 'This output is no longer kept. Run the cell again to get it back.\n';
  }

  /** The address of the document that shows an output whole. */
  uriOf(id: string, title: string): vscode.Uri {
    const name = title.replace(/[\\/?#:]+/g, ' ').trim() || 'output';
    return vscode.Uri.from({ scheme: WHOLE_OUTPUT_SCHEME, path: `/${name}.txt`, query: id });
  }

  dispose(): void {
    for (const timer of this.#refreshing.values()) clearTimeout(timer);
    for (const output of this.#outputs.values()) output.dispose();
    this.#outputs.clear();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** The link below a cut output, for those who work with the keyboard. */
  async #showOfActiveCell(): Promise<void> {
    const editor = vscode.window.activeNotebookEditor;
    const index = editor?.selection.start ?? 0;
    const cell = editor && index < editor.notebook.cellCount ? editor.notebook.cellAt(index) : undefined;
    const ids = [...this.#cells].filter(([, other]) => other === cell).map(([id]) => id);
    if (ids.length === 0) {
      void vscode.window.showInformationMessage('The output of this cell is shown whole.');
    }
    for (const id of ids) await this.show(id);
  }

  #refreshSoon(id: string): void {
    if (!this.#open.has(id) || this.#refreshing.has(id)) return;
    const timer = setTimeout(() => {
      this.#refreshing.delete(id);
      const output = this.#outputs.get(id);
      if (output && output.length <= MAX_DOCUMENT_CHARACTERS)
        this.#changed.fire(this.uriOf(id, output.title));
    }, REFRESH_MS);
    this.#refreshing.set(id, timer);
  }
}

function isOpenMessage(message: unknown): message is { id: string } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'showWholeOutput' &&
    'id' in message &&
    typeof message.id === 'string'
  );
}
