import path from 'node:path';
import * as vscode from 'vscode';
import { FolderWatch } from '../../core/common/files/folderWatch.ts';
import type { StorageBackend, StoreContent } from '../../core/contract/storage.ts';

/** Milliseconds for which changes are gathered: one save touches several files. */
const GATHER_MS = 100;
/** What a write leaves for a moment, and the lock: of no interest to anybody. */
const PASSING = /(?:^|\/)\.tmp-|\.lock(?:\/|$)/u;

/** Tells when anybody changes a store, some changes at a time. */
export function watchStore(
  storage: StorageBackend,
  onChange: (changed: StoreContent) => void,
): vscode.Disposable {
  const gathered = new Set<StoreContent>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (changed: StoreContent) => {
    gathered.add(changed);
    timer ??= setTimeout(() => {
      timer = undefined;
      const all = [...gathered];
      gathered.clear();
      for (const one of all) onChange(one);
    }, GATHER_MS);
  };
  const watching = storage.watch?.(tell) ?? watchFiles(storage, tell);
  return {
    dispose: () => {
      clearTimeout(timer);
      watching.dispose();
    },
  };
}

function watchFiles(storage: StorageBackend, tell: (changed: StoreContent) => void): vscode.Disposable {
  const access = storage.getSerializableAccess();
  if (access.type !== 'file') return { dispose: () => undefined };
  const root = access.root_path ?? path.dirname(access.artifacts_path);
  const isOfInterest = (name: string) => !PASSING.test(`/${name}`);
  const folders = (
    [
      ['artifacts', 'artifacts'],
      ['workflows', 'workflows'],
      // What an older layout says for workflows.
      ['skills', 'workflows'],
    ] as const
  ).map(
    ([folder, changed]) =>
      new FolderWatch(path.join(root, folder), (name) => {
        if (isOfInterest(name)) tell(changed);
      }),
  );
  // Artifacts have folders.
  const base = vscode.Uri.file(path.join(root, 'artifacts'));
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(base, '**'));
  const onEvent = (uri: vscode.Uri) => {
    if (isOfInterest(uri.path.slice(base.path.length + 1))) tell('artifacts');
  };
  return vscode.Disposable.from(
    ...folders,
    watcher,
    watcher.onDidCreate(onEvent),
    watcher.onDidChange(onEvent),
    watcher.onDidDelete(onEvent),
  );
}
