import type * as vscode from 'vscode';
import type { StoreComparisons } from './storeComparison.ts';
import type { PickedStore } from './storePicks.ts';
import { withStoreProgress } from './storeProgress.ts';

/** Compares two stores and shows in what they differ. */
export async function diffStores(
  from: PickedStore,
  to: PickedStore,
  comparisons: StoreComparisons,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const { compareStores, comparisonReport, kindsOf, openTransferStore } = await import('../sessions/core.ts');
  const options = { log: (line: string) => log.info(line) };
  await using source = openTransferStore(from.spec, { ...options, password: from.password });
  await using target = openTransferStore(to.spec, { ...options, password: to.password });
  const items = await withStoreProgress('Comparing the Stores', (followed) =>
    compareStores(source, target, { kinds: kindsOf(from.spec, to.spec), ...followed }),
  );
  const changed = new Map<string, { source: string; target: string }>();
  for (const { kind, name, state } of items) {
    if (kind !== 'workflows' || state !== 'changed') continue;
    const [ours, theirs] = await Promise.all([source.workflows.get(name), target.workflows.get(name)]);
    changed.set(name, { source: ours?.source ?? '', target: theirs?.source ?? '' });
  }
  await comparisons.show({ lines: comparisonReport(from.label, to.label, items), changed });
}
