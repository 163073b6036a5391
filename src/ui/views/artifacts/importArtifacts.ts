import * as vscode from 'vscode';
import type { ArtifactStore } from '../../../core/contract/storage.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import type { ImportSource } from './importSources.ts';
import { withCancel } from './withCancel.ts';

const REPLACE = 'Replace';
const SKIP = 'Skip Existing';

/** Copies files into the store, asking before something is replaced. The names of those that are there now. */
export async function importArtifacts(
  store: WorkspaceStore,
  sources: readonly ImportSource[],
): Promise<string[]> {
  const artifacts = await store.artifacts();
  const wanted = await askWhatToReplace(artifacts, sources);
  if (wanted.length === 0) return [];
  const { CodeModeError, importArtifact } = await import('../../sessions/core.ts');
  const total = wanted.reduce((bytes, { size }) => bytes + size, 0);
  const done: string[] = [];
  const failures: { readonly name: string; readonly error: unknown }[] = [];
  await withCancel('Importing artifacts', total, async ({ signal, onBytes, onStep }) => {
    for (const { name, open } of wanted) {
      onStep(name);
      try {
        await using source = await open();
        await importArtifact(artifacts, name, source, { signal, onBytes });
        done.push(name);
      } catch (error) {
        if (signal.aborted) return;
        failures.push({ name, error });
      }
    }
  });
  const [first] = failures;
  if (first) {
    const many = failures.length > 1 ? ` So were ${failures.length - 1} more.` : '';
    const why = CodeModeError.describe(first.error).replaceAll('\n', ' ');
    void vscode.window.showErrorMessage(`"${first.name}" was not imported: ${why}${many}`);
  }
  return done;
}

async function askWhatToReplace(
  artifacts: ArtifactStore,
  sources: readonly ImportSource[],
): Promise<readonly ImportSource[]> {
  const names = new Set((await artifacts.list()).map(({ name }) => name));
  const replaced = sources.filter(({ name }) => names.has(name));
  const [first] = replaced;
  if (!first) return sources;
  const isOnly = sources.length === 1;
  const question =
    replaced.length === 1
      ? `There is an artifact "${first.name}" already. Replace it?`
      : `There are ${replaced.length} artifacts of these names already. Replace them?`;
  const chosen = await vscode.window.showWarningMessage(
    question,
    { modal: true, detail: 'Content, description and metadata are replaced.' },
    REPLACE,
    ...(isOnly ? [] : [SKIP]),
  );
  if (chosen === REPLACE) return sources;
  return chosen === SKIP ? sources.filter(({ name }) => !names.has(name)) : [];
}
