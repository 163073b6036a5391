import * as vscode from 'vscode';
import type { ArtifactStore, RemovedArtifact } from '../../../core/contract/storage.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { conflictOf, type Move, movesOf } from './moves.ts';
import { artifactsOf, type EntryNode, isArtifact, lastPart, nameOf } from './nodes.ts';

/** Asks for another name of an artifact or a folder, and gives it. The new name of an artifact, or undefined. */
export async function renameEntry(store: WorkspaceStore, node: EntryNode): Promise<string | undefined> {
  const { CodeModeError, artifactSegments } = await import('../../sessions/core.ts');
  const artifacts = await store.artifacts();
  const from = nameOf(node);
  const own = artifactsOf([node]).map(({ name }) => name);
  const taken = new Set((await artifacts.list()).map(({ name }) => name));
  for (const name of own) taken.delete(name);
  const refusal = (to: string): string | undefined => {
    try {
      artifactSegments(to);
    } catch (error) {
      return CodeModeError.describe(error);
    }
    const conflict = conflictOf(taken, movesOf(own, from, to));
    return conflict === undefined ? undefined : `There is "${conflict}" already.`;
  };
  const end = from.length;
  const start = end - lastPart(from).length;
  const ending = isArtifact(node) ? /.\.[^.]+$/.exec(lastPart(from)) : null;
  const typed = await vscode.window.showInputBox({
    title: `Rename ${from}`,
    prompt: 'Folders are separated by "/".',
    value: from,
    valueSelection: [start, ending ? start + ending.index + 1 : end],
    validateInput: (text) => (text === from ? undefined : refusal(text)),
  });
  if (typed === undefined || typed === from) return undefined;
  const moves = movesOf(own, from, typed);
  await moveArtifacts(artifacts, moves);
  await followInEditors(store, moves);
  return moves[0]?.to;
}

/** Gives artifacts other names; what has one of them is put away, where the person agrees. Whether it was done. */
export async function moveAskingToReplace(store: WorkspaceStore, moves: readonly Move[]): Promise<boolean> {
  const artifacts = await store.artifacts();
  const sources = new Set(moves.map(({ from }) => from));
  const names = new Set((await artifacts.list()).map(({ name }) => name));
  const replaced = moves.filter(({ to }) => names.has(to) && !sources.has(to));
  if (replaced.length > 0) {
    const what =
      replaced.length === 1
        ? `There is an artifact "${replaced[0]?.to}" already. Replace it?`
        : `There are ${replaced.length} artifacts of these names already. Replace them?`;
    const chosen = await vscode.window.showWarningMessage(what, { modal: true }, 'Replace');
    if (chosen !== 'Replace') return false;
  }
  await moveArtifacts(artifacts, moves, new Set(replaced.map(({ to }) => to)));
  await followInEditors(store, moves);
  return true;
}

async function moveArtifacts(
  artifacts: ArtifactStore,
  moves: readonly Move[],
  replaced: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const { from, to } of moves) {
    const before: RemovedArtifact | undefined = replaced.has(to) ? await artifacts.remove(to) : undefined;
    try {
      await artifacts.rename(from, to);
    } catch (error) {
      await before?.restore();
      throw error;
    }
  }
}

/** Editors in sight show an artifact under its new name; one with changes keeps them, and the old name. */
async function followInEditors(store: WorkspaceStore, moves: readonly Move[]): Promise<void> {
  const renamed = new Map<string, vscode.Uri>();
  for (const { from, to } of moves) {
    renamed.set((await store.uriOf('artifacts', from)).toString(), await store.uriOf('artifacts', to));
  }
  for (const { activeTab: tab, viewColumn } of vscode.window.tabGroups.all) {
    const input = tab?.input;
    if (!(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom)) continue;
    const uri = renamed.get(input.uri.toString());
    if (!tab || !uri || tab.isDirty) continue;
    const editor = input instanceof vscode.TabInputCustom ? input.viewType : 'default';
    const options = { viewColumn, preserveFocus: true, preview: tab.isPreview };
    await vscode.commands.executeCommand('vscode.openWith', uri, editor, options);
    // In a preview the new one is in its place already.
    if (vscode.window.tabGroups.all.some(({ tabs }) => tabs.includes(tab))) {
      await vscode.window.tabGroups.close(tab, true);
    }
  }
}
