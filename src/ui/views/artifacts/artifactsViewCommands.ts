import * as vscode from 'vscode';
import { showError } from '../../messages.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { insertCode } from '../insertCode.ts';
import type { ArtifactsView } from './artifactsView.ts';
import { deleteArtifacts } from './deleteArtifacts.ts';
import { exportArtifacts } from './exportArtifacts.ts';
import { importArtifacts } from './importArtifacts.ts';
import { sourcesOf } from './importSources.ts';
import {
  artifactsOf,
  type EntryNode,
  isArtifact,
  isFolder,
  type MoreNode,
  type Node,
  nameOf,
  topmost,
} from './nodes.ts';
import { openArtifact, openAsTable } from './openArtifact.ts';
import { loadingCode } from './pythonCode.ts';
import { renameEntry } from './renameArtifacts.ts';

/** What the view's commands work with. */
export interface ArtifactsViewCommandServices {
  readonly store: WorkspaceStore;
  readonly view: ArtifactsView;
  readonly log: vscode.LogOutputChannel;
}

/** Registers what can be done with the lines of the view. */
export function registerArtifactsViewCommands({
  store,
  view,
  log,
}: ArtifactsViewCommandServices): vscode.Disposable {
  const command = (
    name: string,
    act: (node: Node | undefined, all: readonly Node[] | undefined) => Promise<unknown>,
  ) =>
    vscode.commands.registerCommand(
      `codeMode.artifacts.${name}`,
      async (node: Node | undefined, all: readonly Node[] | undefined) => {
        try {
          await act(node, all);
        } catch (error) {
          void showError(error, log);
        }
      },
    );
  /** On the lines that are meant: those selected, where the one that was clicked is among them or a key was pressed. */
  const onEntries = (name: string, act: (entries: readonly EntryNode[]) => Promise<unknown>) =>
    command(name, async (node, all) => {
      const meant = topmost(all ?? (node ? [node] : view.selection));
      if (meant.length > 0) await act(meant);
    });
  const onArtifact = (name: string, act: (artifact: string) => Promise<unknown>) =>
    onEntries(name, async (entries) => {
      const first = entries.find(isArtifact);
      if (first) await act(first.name);
    });
  const copy = async (lines: readonly string[]) => vscode.env.clipboard.writeText(lines.join('\n'));
  const namesOf = (entries: readonly EntryNode[]) => artifactsOf(entries).map(({ name }) => name);
  return vscode.Disposable.from(
    onArtifact('open', (name) => openArtifact(store, name)),
    // A click leaves the keyboard in the view, as in the Explorer.
    onArtifact('show', (name) => openArtifact(store, name, { preserveFocus: true })),
    onArtifact('openTable', (name) => openAsTable(store, name)),
    onEntries('revealInExplorer', async ([entry]) => {
      const uri = entry && (await store.uriOf('artifacts', nameOf(entry)));
      await vscode.commands.executeCommand('revealInExplorer', uri);
    }),
    onEntries('revealInOS', async ([entry]) => {
      const uri = entry && (await store.uriOf('artifacts', nameOf(entry)));
      await vscode.commands.executeCommand('revealFileInOS', uri);
    }),
    onEntries('copyCode', (entries) => copy(namesOf(entries).map(loadingCode))),
    onEntries('copyName', (entries) => copy(entries.map(nameOf))),
    onEntries('copyPath', async (entries) => {
      const isFile = (await store.spec())?.type === 'file';
      const pathOf = async (entry: EntryNode) =>
        isFile || isFolder(entry) ? (await store.uriOf('artifacts', nameOf(entry))).fsPath : entry.info.path;
      await copy(await Promise.all(entries.map(pathOf)));
    }),
    onArtifact('insertCode', (name) => {
      const text = loadingCode(name);
      const snippet = new vscode.SnippetString().appendText(text);
      return insertCode({ snippet, text, what: `what loads "${name}"` });
    }),
    onEntries('rename', async ([entry]) => {
      const renamed = entry && (await renameEntry(store, entry));
      if (renamed !== undefined) await view.reveal(renamed);
    }),
    onEntries('delete', (entries) => deleteArtifacts(store, namesOf(entries))),
    onEntries('export', (entries) => exportArtifacts(store, entries)),
    command('import', async (node) => {
      const folder = node && isFolder(node) ? node.path : '';
      const uris = await vscode.window.showOpenDialog({
        title: 'Import Files as Artifacts',
        openLabel: 'Import',
        canSelectMany: true,
      });
      const [first] = uris ? await importArtifacts(store, await sourcesOf(uris, folder)) : [];
      if (first !== undefined) await view.reveal(first);
    }),
    command('refresh', () => view.refresh()),
    command('showMore', async (node) => {
      if (node && 'more' in node) view.showMore(node satisfies MoreNode);
    }),
  );
}
