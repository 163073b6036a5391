import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';

/** The kernel for notebooks, as the command that chooses one wants it. */
export const KERNEL = { id: 'notebook', extension: 'python-code-mode.python-code-mode' };
const STDOUT = 'application/vnd.code.notebook.stdout';
const STDERR = 'application/vnd.code.notebook.stderr';
const ERROR = 'application/vnd.code.notebook.error';
const decoder = new TextDecoder();
/** Each file of tests has names of its own: the session of a notebook outlives it for a while, under its name. */
let counter = Date.now();

/** An error as a cell shows it. */
export interface ShownError {
  readonly name: string;
  readonly message: string;
  /** With its colours. */
  readonly stack: string;
}

/** Writes a notebook with these cells into the workspace and opens it with this extension's kernel. */
export async function openNotebook(...sources: string[]): Promise<vscode.NotebookDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder, 'the tests run in a workspace');
  return openNotebookIn(folder, ...sources);
}

/** Writes a notebook into a folder, as {@link openNotebook} does; its cells may have ids. */
export async function openNotebookIn(
  folder: vscode.Uri,
  ...sources: (string | { readonly id: string; readonly source: string })[]
): Promise<vscode.NotebookDocument> {
  counter += 1;
  const uri = vscode.Uri.joinPath(folder, `made-${counter}.ipynb`);
  const cells = sources.map((given) => ({
    cell_type: 'code',
    execution_count: null,
    metadata: {},
    outputs: [],
    ...(typeof given === 'string' ? { source: given } : given),
  }));
  // Cells have ids since 4.5.
  const minor = sources.some((given) => typeof given !== 'string') ? 5 : 4;
  const content = { cells, metadata: {}, nbformat: 4, nbformat_minor: minor };
  await vscode.workspace.fs.writeFile(uri, Buffer.from(JSON.stringify(content)));
  // As a person opens it: what the API opens, VS Code keeps open after its editor is closed.
  await vscode.commands.executeCommand('vscode.openWith', uri, 'jupyter-notebook');
  const editor = () =>
    vscode.window.visibleNotebookEditors.find((shown) => shown.notebook.uri.toString() === uri.toString());
  await until('the notebook', () => editor() !== undefined);
  const notebookEditor = editor()!;
  const { notebook } = notebookEditor;
  await vscode.commands.executeCommand('notebook.selectKernel', { ...KERNEL, notebookEditor });
  return notebook;
}

/** Starts cells without waiting for them; all cells unless told. */
export async function start(notebook: vscode.NotebookDocument, ...indexes: number[]): Promise<void> {
  const ranges = (indexes.length > 0 ? indexes : [...notebook.getCells().keys()]).map((index) => ({
    start: index,
    end: index + 1,
  }));
  await vscode.commands.executeCommand('notebook.cell.execute', { ranges, document: notebook.uri });
}

/** Runs cells and waits until the last of them has ended. */
export async function run(notebook: vscode.NotebookDocument, ...indexes: number[]): Promise<void> {
  const chosen = indexes.length > 0 ? indexes : [...notebook.getCells().keys()];
  const before = chosen.map((index) => notebook.cellAt(index).executionSummary?.timing?.endTime);
  await start(notebook, ...indexes);
  await until('the cells to end', () =>
    chosen.every((index, at) => {
      const summary = notebook.cellAt(index).executionSummary;
      return summary?.timing !== undefined && summary.timing.endTime !== before[at];
    }),
  );
}

/** Whether a cell ended well; undefined while it waits or runs, and where it never began. */
export function success(notebook: vscode.NotebookDocument, index: number): boolean | undefined {
  return notebook.cellAt(index).executionSummary?.success;
}

/** Everything that a cell printed. */
export function printed(notebook: vscode.NotebookDocument, index: number): string {
  return itemsOf(notebook, index)
    .filter(({ mime }) => mime === STDOUT || mime === STDERR)
    .map(({ data }) => decoder.decode(data))
    .join('');
}

/** A cell's outputs, each as the first line of `mime: text` of its first item. */
export function outputs(notebook: vscode.NotebookDocument, index: number): string[] {
  return notebook.cellAt(index).outputs.map(({ items }) => {
    const mime = items[0]?.mime.replace('application/vnd.code.notebook.', '');
    return `${mime}: ${decoder.decode(items[0]?.data).split('\n')[0]}`;
  });
}

/** The data of a cell's outputs by MIME type; the last one of each. */
export function mimes(notebook: vscode.NotebookDocument, index: number): Map<string, Uint8Array> {
  return new Map(itemsOf(notebook, index).map(({ mime, data }) => [mime, data]));
}

/** The error that a cell ended with. */
export function errorOf(notebook: vscode.NotebookDocument, index: number): ShownError | undefined {
  const data = mimes(notebook, index).get(ERROR);
  return data && (JSON.parse(decoder.decode(data)) as ShownError);
}

/** Text without its colours. */
export function plain(text: string): string {
  return text.replace(/\x1b\[[0-9;]*m/g, '');
}

function itemsOf(notebook: vscode.NotebookDocument, index: number): vscode.NotebookCellOutputItem[] {
  return notebook.cellAt(index).outputs.flatMap(({ items }) => items);
}
