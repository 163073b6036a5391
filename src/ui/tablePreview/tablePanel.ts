import path from 'node:path';
import * as vscode from 'vscode';
import { type ByteSource, sourceOfBytes } from '../files/byteSource.ts';
import { artifactOf, isStoreUri } from '../store/storeUri.ts';
import type { WorkspaceStore } from '../store/workspaceStore.ts';
import type { PageMessage, PageRequest } from './messages.ts';
import type { TableReader } from './readers/table.ts';

/** Milliseconds for which changes of the file are gathered. */
const GATHER_MS = 200;
/** What is neither on a disk nor in the store is read whole. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

/** What {@link TablePanel} is made with. */
export interface TablePanelOptions {
  readonly uri: vscode.Uri;
  readonly webview: vscode.Webview;
  readonly store: WorkspaceStore;
  readonly log: vscode.LogOutputChannel;
}

/** A version of the file that is shown. */
interface OpenTable {
  readonly version: number;
  readonly source: ByteSource;
  readonly reader: TableReader;
}

/** Gives a page the rows of a file that it asks for, and follows the changes of the file. */
export class TablePanel implements vscode.Disposable {
  readonly #options: TablePanelOptions;
  readonly #disposables: vscode.Disposable[];
  #table: OpenTable | undefined;
  #version = 0;
  /** What tells the version that is shown from others. */
  #stamp = '';
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(options: TablePanelOptions) {
    this.#options = options;
    const { uri, webview, store } = options;
    const pattern = new vscode.RelativePattern(
      vscode.Uri.joinPath(uri, '..'),
      escapeGlob(path.posix.basename(uri.path)),
    );
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const onChange = () => this.#loadSoon();
    this.#disposables = [
      watcher,
      watcher.onDidChange(onChange),
      watcher.onDidCreate(onChange),
      watcher.onDidDelete(onChange),
      // A watcher takes a moment to begin; that of the store is there already.
      store.onDidChange(() => void this.#lookAgain()),
      webview.onDidReceiveMessage((message: unknown) => void this.#answer(message)),
    ];
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#letGo();
  }

  async #answer(message: unknown): Promise<void> {
    const { uri, log } = this.#options;
    try {
      const { parsePageRequest } = await import('./tables.ts');
      const request = parsePageRequest(message);
      if (request.type === 'load') await this.#load();
      else if (request.type === 'rows') await this.#giveRows(request);
      else await vscode.commands.executeCommand('vscode.openWith', uri, 'default');
    } catch (error) {
      log.warn(`The table preview of ${uri.toString()}: ${String(error)}`);
      await this.#fail(error);
    }
  }

  #loadSoon(): void {
    if (this.#isDisposed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#answer({ type: 'load' } satisfies PageRequest), GATHER_MS);
  }

  async #lookAgain(): Promise<void> {
    if (this.#stamp !== '' && (await stampOf(this.#options.uri)) !== this.#stamp) this.#loadSoon();
  }

  async #load(): Promise<void> {
    const version = ++this.#version;
    this.#stamp = await stampOf(this.#options.uri);
    const { openTable } = await import('./tables.ts');
    const source = await openSource(this.#options);
    let reader: TableReader | undefined;
    try {
      reader = await openTable(path.posix.basename(this.#options.uri.path), source);
    } finally {
      if (!reader || version !== this.#version || this.#isDisposed) await source[Symbol.asyncDispose]();
    }
    // A newer one is on its way.
    if (version !== this.#version || this.#isDisposed) return;
    this.#letGo();
    this.#table = { version, source, reader };
    await this.#tell({ type: 'table', version, columns: reader.columns, extent: reader.extent });
  }

  async #giveRows({ version, from, count }: PageRequest & { type: 'rows' }): Promise<void> {
    const table = this.#table;
    if (table?.version !== version) return;
    try {
      const rows = await table.reader.rows(from, count);
      const { columns, extent } = table.reader;
      await this.#tell({ type: 'rows', version, from, rows, columns, extent });
    } catch (error) {
      // Of a file that has changed meanwhile nobody wants to know.
      if (this.#table === table) throw error;
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.#letGo();
    const hint =
      error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
    await this.#tell({
      type: 'failed',
      message: error instanceof Error ? error.message : String(error),
      hint,
    });
  }

  async #tell(message: PageMessage): Promise<void> {
    if (!this.#isDisposed) await this.#options.webview.postMessage(message);
  }

  #letGo(): void {
    const table = this.#table;
    this.#table = undefined;
    table?.source[Symbol.asyncDispose]().then(undefined, (error: unknown) => {
      this.#options.log.warn(String(error));
    });
  }
}

async function stampOf(uri: vscode.Uri): Promise<string> {
  return vscode.workspace.fs.stat(uri).then(
    ({ mtime, size }) => `${mtime} ${size}`,
    () => 'gone',
  );
}

async function openSource({ uri, store }: TablePanelOptions): Promise<ByteSource> {
  if (uri.scheme === 'file') return (await import('./tables.ts')).openFile(uri.fsPath);
  const artifact = isStoreUri(uri) ? artifactOf(uri) : undefined;
  if (artifact !== undefined) return (await store.artifacts()).open(artifact);
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MAX_WHOLE_BYTES) throw new Error('A file of more than 64 MB can only be shown from a disk.');
  return sourceOfBytes(await vscode.workspace.fs.readFile(uri));
}

/** A name that may have the characters of patterns. */
function escapeGlob(name: string): string {
  return name.replace(/[[\]{}*?]/g, (character) => `[${character}]`);
}
