import path from 'node:path';
import * as vscode from 'vscode';
import type { ArtifactStore } from '../../../core/contract/storage.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { artifactsOf, type EntryNode, isArtifact, lastPart, nameOf } from './nodes.ts';
import { withCancel } from './withCancel.ts';

/** An artifact and where it goes. */
interface Target {
  readonly name: string;
  readonly uri: vscode.Uri;
  /** In bytes. */
  readonly size: number;
}

const REPLACE = 'Replace';
const SKIP = 'Skip Existing';

/** Copies one artifact to a file that the person names, or several to a folder. */
export async function exportArtifacts(store: WorkspaceStore, nodes: readonly EntryNode[]): Promise<void> {
  const [only] = nodes;
  const targets =
    nodes.length === 1 && only && isArtifact(only)
      ? await askForFile(only.name, only.size ?? 0)
      : await askForFolder(nodes);
  if (targets.length === 0) return;
  const artifacts = await store.artifacts();
  const total = targets.reduce((bytes, { size }) => bytes + size, 0);
  let done = 0;
  await withCancel('Exporting artifacts', total, async ({ signal, onBytes, onStep }) => {
    for (const target of targets) {
      if (signal.aborted) return;
      onStep(target.name);
      await exportOne(artifacts, target, { signal, onBytes });
      done += 1;
    }
  });
  const what = targets.length === 1 ? `"${targets[0]?.name}"` : `${done} artifacts`;
  if (done > 0) void vscode.window.showInformationMessage(`Exported ${what}.`);
}

async function exportOne(
  artifacts: ArtifactStore,
  { name, uri }: Target,
  options: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void },
): Promise<void> {
  await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(uri, '..'));
  if (uri.scheme === 'file') {
    const { exportArtifact } = await import('../../sessions/core.ts');
    await exportArtifact(artifacts, name, uri.fsPath, options);
  } else {
    // What is not on a disk is written whole.
    await vscode.workspace.fs.writeFile(uri, (await artifacts.load(name)).content);
  }
}

async function askForFile(name: string, size: number): Promise<Target[]> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: `Export ${name}`,
    saveLabel: 'Export',
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, lastPart(name)) } : {}),
  });
  return uri ? [{ name, uri, size }] : [];
}

/** What is selected keeps its own name in the folder; what is above it is left out. */
async function askForFolder(nodes: readonly EntryNode[]): Promise<Target[]> {
  const { artifactSegments } = await import('../../sessions/core.ts');
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Export to a Folder',
      openLabel: 'Export Here',
      canSelectFiles: false,
      canSelectFolders: true,
      ...(folder ? { defaultUri: folder } : {}),
    })) ?? [];
  if (!chosen) return [];
  const targets = nodes.flatMap((node) => {
    const above = path.posix.dirname(nameOf(node));
    const skipped = above === '.' ? 0 : above.length + 1;
    return artifactsOf([node]).map(({ name, size }) => ({
      name,
      size: size ?? 0,
      uri: vscode.Uri.joinPath(chosen, ...artifactSegments(name.slice(skipped))),
    }));
  });
  return askWhatToReplace(targets);
}

async function askWhatToReplace(targets: readonly Target[]): Promise<Target[]> {
  const existing = new Set<Target>();
  for (const target of targets) {
    const isThere = await vscode.workspace.fs.stat(target.uri).then(
      () => true,
      () => false,
    );
    if (isThere) existing.add(target);
  }
  const [first] = existing;
  if (!first) return [...targets];
  const what =
    existing.size === 1
      ? `There is a file "${path.posix.basename(first.uri.path)}" already. Replace it?`
      : `There are ${existing.size} files of these names already. Replace them?`;
  const isOnly = targets.length === 1;
  const chosen = await vscode.window.showWarningMessage(
    what,
    { modal: true },
    REPLACE,
    ...(isOnly ? [] : [SKIP]),
  );
  if (chosen === REPLACE) return [...targets];
  return chosen === SKIP ? targets.filter((target) => !existing.has(target)) : [];
}
