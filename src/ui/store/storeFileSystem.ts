import * as vscode from 'vscode';
import type { ArtifactDataType, StoreContent } from '../../core/contract/storage.ts';
import { placeOf, STORE_SCHEME } from './storeUri.ts';
import { StoreVersions } from './storeVersions.ts';
import type { WorkspaceStore } from './workspaceStore.ts';

/** A file of the store, or one of its folders. */
interface Place {
  readonly uri: vscode.Uri;
  readonly kind: StoreContent;
  /** Of an artifact or a workflow; empty for the folder of all. */
  readonly name: string;
}

const WORKFLOW_ENDING = '.py';

/**
 * Makes documents of the artifacts and workflows of a store that has no files: `code-mode-store://STORE/artifacts/NAME` and
 * `code-mode-store://STORE/workflows/NAME.py`. A workflow with an error is not saved: others use the store, so the editor says
 * why, and keeps the text.
 */
export class StoreFileSystem implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #store: WorkspaceStore;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly #watched = new Map<string, { readonly uri: vscode.Uri; count: number }>();
  readonly #versions = new StoreVersions();
  readonly #disposables: vscode.Disposable[];

  readonly onDidChangeFile = this.#changed.event;

  constructor(store: WorkspaceStore) {
    this.#store = store;
    this.#disposables = [
      this.#changed,
      store.onDidChange((kind) => this.#onChange(kind)),
      vscode.workspace.registerFileSystemProvider(STORE_SCHEME, this, { isCaseSensitive: true }),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  /** The store tells what has changed as a whole: everything that is watched is looked at again. */
  watch(uri: vscode.Uri): vscode.Disposable {
    const key = uri.toString();
    const watched = this.#watched.get(key) ?? { uri, count: 0 };
    watched.count += 1;
    this.#watched.set(key, watched);
    return new vscode.Disposable(() => {
      watched.count -= 1;
      if (watched.count === 0) this.#watched.delete(key);
    });
  }

  stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return this.#act(uri, async (place) => {
      if (!place || place.name === '') return FOLDER;
      const found = await this.#statOf(place);
      if (found) return found;
      const isFolder = (await this.#namesOf(place.kind)).some((name) => name.startsWith(`${place.name}/`));
      if (isFolder) return FOLDER;
      throw vscode.FileSystemError.FileNotFound(uri);
    });
  }

  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return this.#act(uri, async (place) => {
      if (!place) {
        return [
          ['artifacts', vscode.FileType.Directory],
          ['workflows', vscode.FileType.Directory],
        ];
      }
      const lead = place.name === '' ? '' : `${place.name}/`;
      const found = new Map<string, vscode.FileType>();
      for (const name of await this.#namesOf(place.kind)) {
        if (!name.startsWith(lead)) continue;
        const [first = '', ...rest] = name.slice(lead.length).split('/');
        found.set(first, rest.length > 0 ? vscode.FileType.Directory : vscode.FileType.File);
      }
      return [...found];
    });
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#act(uri, async (place) => {
      if (place?.kind === 'artifacts')
        return (await (await this.#store.artifacts()).load(place.name)).content;
      const source = place && (await this.#sourceOf(place));
      if (source === undefined) throw vscode.FileSystemError.FileNotFound(uri);
      return new TextEncoder().encode(source);
    });
  }

  writeFile(
    uri: vscode.Uri,
    content: Uint8Array,
    { create, overwrite }: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    return this.#act(uri, async (place) => {
      if (!place || place.name === '') throw vscode.FileSystemError.NoPermissions(uri);
      const isThere = (await this.#statOf(place)) !== undefined;
      if (!isThere && !create) throw vscode.FileSystemError.FileNotFound(uri);
      if (isThere && create && !overwrite) throw vscode.FileSystemError.FileExists(uri);
      if (place.kind === 'artifacts') await this.#saveArtifact(place.name, content, isThere);
      else await (await this.#store.workflows()).save(workflowOf(place), new TextDecoder().decode(content));
    });
  }

  rename(from: vscode.Uri, to: vscode.Uri, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    return this.#act(from, async (place) => {
      const target = this.#place(to);
      if (!place || !target || place.kind !== target.kind) throw vscode.FileSystemError.NoPermissions(to);
      if (await this.#statOf(target)) {
        if (!overwrite) throw vscode.FileSystemError.FileExists(to);
        await this.#delete(target);
      }
      if (place.kind === 'artifacts') await (await this.#store.artifacts()).rename(place.name, target.name);
      else await (await this.#store.workflows()).rename(workflowOf(place), workflowOf(target));
    });
  }

  delete(uri: vscode.Uri, { recursive }: { readonly recursive: boolean }): Promise<void> {
    return this.#act(uri, async (place) => {
      if (!place || place.name === '') throw vscode.FileSystemError.NoPermissions(uri);
      if (await this.#delete(place)) return;
      const below = (await this.#namesOf(place.kind)).filter((name) => name.startsWith(`${place.name}/`));
      if (below.length === 0) throw vscode.FileSystemError.FileNotFound(uri);
      if (!recursive) throw vscode.FileSystemError.NoPermissions('The folder is not empty.');
      for (const name of below) await this.#delete({ ...place, name });
    });
  }

  /** Folders are there as soon as something is in them. */
  createDirectory(): void {}

  async #act<T>(uri: vscode.Uri, act: (place: Place | undefined) => Promise<T>): Promise<T> {
    try {
      if (uri.authority !== (await this.#store.root('artifacts')).authority) {
        throw vscode.FileSystemError.Unavailable(
          'It belongs to another store than the one that the settings choose now.',
        );
      }
      const place = this.#place(uri);
      if (!place && uri.path !== '/') throw vscode.FileSystemError.FileNotFound(uri);
      return await act(place);
    } catch (error) {
      throw fileSystemError(error, uri);
    }
  }

  #place(uri: vscode.Uri): Place | undefined {
    const place = placeOf(uri);
    return place && { uri, ...place };
  }

  async #namesOf(kind: StoreContent): Promise<string[]> {
    if (kind === 'artifacts') return (await (await this.#store.artifacts()).list()).map(({ name }) => name);
    return (await (await this.#store.workflows()).list()).map(({ name }) => name + WORKFLOW_ENDING);
  }

  async #statOf(place: Place): Promise<vscode.FileStat | undefined> {
    if (place.kind === 'workflows') {
      const source = await this.#sourceOf(place);
      return source === undefined
        ? undefined
        : {
            type: vscode.FileType.File,
            ...this.#versions.of(place.name, source),
            size: Buffer.byteLength(source),
          };
    }
    const artifacts = await this.#store.artifacts();
    const info = await artifacts.get(place.name);
    if (!info) return undefined;
    const time = Date.parse(info.created_at) || 0;
    const size = (await artifacts.sizes([place.name])).get(place.name) ?? 0;
    return { type: vscode.FileType.File, ctime: time, mtime: time, size };
  }

  async #sourceOf(place: Place): Promise<string | undefined> {
    if (!place.name.endsWith(WORKFLOW_ENDING) || place.name.includes('/')) return undefined;
    return (await (await this.#store.workflows()).get(workflowOf(place)))?.source;
  }

  /** Keeps what is known of the artifact beside its content. */
  async #saveArtifact(name: string, content: Uint8Array, isThere: boolean): Promise<void> {
    const artifacts = await this.#store.artifacts();
    const before = isThere ? await artifacts.get(name) : undefined;
    let dataType: ArtifactDataType = /\.json$/i.test(name) ? 'json' : 'text';
    if (before) {
      await using reader = await artifacts.open(name);
      dataType = reader.dataType;
    }
    await artifacts.save(name, content, {
      description: before?.description ?? '',
      metadata: before?.metadata ?? {},
      dataType,
    });
  }

  async #delete(place: Place): Promise<boolean> {
    if (place.kind === 'artifacts') return (await this.#store.artifacts()).delete(place.name);
    return (await this.#store.workflows()).delete(workflowOf(place));
  }

  #onChange(kind: StoreContent): void {
    const concerned = [...this.#watched.values()].filter(({ uri }) => placeOf(uri)?.kind === kind);
    if (concerned.length === 0) return;
    void this.#tell(concerned.map(({ uri }) => uri));
  }

  /** Says of each whether it is still there: an editor of what was deleted shows that. */
  async #tell(uris: readonly vscode.Uri[]): Promise<void> {
    const events = await Promise.all(
      uris.map(async (uri) => {
        const isThere = await this.stat(uri).then(
          () => true,
          (error: unknown) => !(error instanceof vscode.FileSystemError && error.code === 'FileNotFound'),
        );
        return { uri, type: isThere ? vscode.FileChangeType.Changed : vscode.FileChangeType.Deleted };
      }),
    );
    this.#changed.fire(events);
  }
}

const FOLDER: vscode.FileStat = { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };

function workflowOf({ name }: Place): string {
  return name.endsWith(WORKFLOW_ENDING) ? name.slice(0, -WORKFLOW_ENDING.length) : name;
}

/** What the editor shows: our message with what to do next. Looked at by shape, so that no schema is loaded. */
function fileSystemError(error: unknown, uri: vscode.Uri): Error {
  if (error instanceof vscode.FileSystemError) return error;
  const { message, code, hint } = error as Error & { readonly code?: unknown; readonly hint?: unknown };
  if (code === 'not-found') return vscode.FileSystemError.FileNotFound(uri);
  const text = typeof hint === 'string' ? `${message} ${hint}` : message;
  return code === 'storage' || code === 'closed'
    ? vscode.FileSystemError.Unavailable(text)
    : new vscode.FileSystemError(text);
}
