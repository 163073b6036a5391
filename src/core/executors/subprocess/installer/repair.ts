import { rm } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf } from '../../../common/files/systemErrors.ts';
import type { Distribution } from '../../../deps/distribution.ts';
import type { InstallerEnd, InstallerOptions } from '../../installing/installPlan.ts';
import type { KnownPlaces } from '../environment/index.ts';
import type { InstallerBackend } from './backend.ts';
import { addedDistributions, addedEntries, isSame, type Snapshot, takeSnapshot } from './snapshot.ts';

/** With what an environment is put back. */
export interface RepairTools {
  readonly places: KnownPlaces;
  readonly backend: InstallerBackend;
  readonly options: InstallerOptions;
  run(args: readonly string[]): Promise<InstallerEnd>;
}

/**
 * Brings an environment back to what it was before an installer failed or was ended: what is new is removed, also where it
 * is half there, and what is gone or replaced is installed again, in the version that it had.
 *
 * @returns what could not be put back, a sentence each; empty: all is as it was
 */
export async function putBack(before: Snapshot, tools: RepairTools): Promise<readonly string[]> {
  const after = await takeSnapshot(tools.places);
  if (isSame(before, after)) return [];
  const lost = addedDistributions(after, before);
  await removeAdded(before, after, tools);
  const problems = [...(await removeEntries(before, tools))];
  if (lost.length > 0) await installAgain(lost, tools);
  const now = await takeSnapshot(tools.places);
  const isThere = new Set(now.distributions.filter(({ hasRecord }) => hasRecord).map(inWords));
  problems.push(
    ...lost
      .filter((one) => !isThere.has(inWords(one)))
      .map((one) => `${inWords(one)} is not whole any more.`),
  );
  return problems;
}

/**
 * Makes whole what a program has left that was ended in the midst of a change, such as by a power failure: installers refuse
 * to touch what has no list of its files. Who was there before nobody knows any more.
 */
export async function finishHalfDone({ distributions }: Snapshot, tools: RepairTools): Promise<void> {
  const half = distributions.filter(({ hasRecord }) => !hasRecord);
  if (half.length === 0) return;
  for (const { place } of half) await rm(place, { recursive: true, force: true });
  await installAgain(half, tools);
}

/** Whole ones by the installer, which knows their files; of others nothing but their own description is known. */
async function removeAdded(before: Snapshot, after: Snapshot, { backend, run }: RepairTools): Promise<void> {
  const added = addedDistributions(before, after);
  const whole = added.filter(({ hasRecord }) => hasRecord).map(({ name }) => name);
  for (const { hasRecord, place } of added) {
    if (!hasRecord) await rm(place, { recursive: true, force: true }).catch(() => undefined);
  }
  if (whole.length > 0) await run(backend.uninstallArguments([...new Set(whole)]));
}

/** What belongs to nobody: files of packages that were not there yet, and what pip had moved aside. */
async function removeEntries(before: Snapshot, { places }: RepairTools): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { folder, name } of addedEntries(before, await takeSnapshot(places))) {
    const place = path.join(folder, name);
    await rm(place, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      problems.push(`${place} could not be removed: ${reasonOf(error)}.`);
    });
  }
  return problems;
}

async function installAgain(
  lost: readonly Distribution[],
  { backend, options, run }: RepairTools,
): Promise<void> {
  // What came from a folder or a URL can't be had from an index.
  const fromIndex = lost.filter(({ origin }) => origin === null);
  if (fromIndex.length === 0) return;
  const requirements = fromIndex.map(({ title, version }) => `${title}==${version}`);
  const plan = { ...options, requirements, isRepair: true };
  // Of uv's cache first: there it lies, unless somebody else had installed it.
  if (backend.kind === 'uv' && (await run(backend.installArguments({ ...plan, offline: true }))).succeeded)
    return;
  await run(backend.installArguments(plan));
}

function inWords({ title, version }: Distribution): string {
  return `${title} ${version}`;
}
