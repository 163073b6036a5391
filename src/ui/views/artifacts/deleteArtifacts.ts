import * as vscode from 'vscode';
import type { RemovedArtifact } from '../../../core/contract/storage.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';

/** Deletes artifacts at once; a notification brings them back. Resolves when that is closed. */
export async function deleteArtifacts(store: WorkspaceStore, names: readonly string[]): Promise<void> {
  const artifacts = await store.artifacts();
  const removed: RemovedArtifact[] = [];
  let failure: unknown;
  await inView(async () => {
    for (const name of names) {
      try {
        const one = await artifacts.remove(name);
        if (one) removed.push(one);
      } catch (error) {
        failure = error;
        break;
      }
    }
  });
  if (removed.length > 0) await offerUndo(removed, names);
  if (failure !== undefined) throw failure;
}

async function offerUndo(removed: readonly RemovedArtifact[], names: readonly string[]): Promise<void> {
  const what = names.length === 1 ? `"${names[0]}"` : `${removed.length.toLocaleString('en')} artifacts`;
  const chosen = await vscode.window.showInformationMessage(`Deleted ${what}.`, 'Undo');
  if (chosen !== 'Undo') return;
  const problems: unknown[] = [];
  await inView(async () => {
    for (const one of removed) await one.restore().catch((error: unknown) => problems.push(error));
  });
  if (problems.length > 0) throw problems[0];
}

/** Shows that something is done where it is seen. */
function inView(work: () => Promise<void>): Thenable<void> {
  return vscode.window.withProgress({ location: { viewId: 'codeMode.artifacts' } }, work);
}
