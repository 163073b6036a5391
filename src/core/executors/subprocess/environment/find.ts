import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { CodeModeError } from '../../../contract/errors.ts';
import { CANDIDATE_TIMEOUT_MS } from './base.ts';
import { defaultCacheFolder, type InCacheFolder } from './cacheFolder.ts';
import { interpreterCandidates } from './candidates.ts';
import { isConda } from './conda.ts';
import { type FactsOptions, knownFacts } from './knownFacts.ts';
import { environmentLabel, isVirtual, managedLabel } from './label.ts';
import { interpreterIn, isEnvironmentFolder, pathInside } from './layout.ts';
import { managedEnvironments } from './managed.ts';
import { compareVersions, minorVersion } from './versions.ts';

/** An interpreter that was started and can be chosen. */
export interface FoundInterpreter {
  /** Absolute path. */
  readonly executable: string;
  /** What to write into the setting `codeMode.subprocess.python` to choose it: `.venv`, `3.12`, an absolute path. */
  readonly setting: string;
  /** `3.12.1` */
  readonly version: string;
  /** Short name: `.venv`, `managed, Python 3.12`, `conda base`, `Python 3.12`. */
  readonly label: string;
  /** Absolute path of its virtual environment; undefined for an installation, as Conda's environments are. */
  readonly folder: string | undefined;
  /** In the workspace folder; made by the extension for it; another environment, or one of Conda's; an installation. */
  readonly kind: 'workspace' | 'managed' | 'environment' | 'installation';
}

/** What {@link findInterpreters} starts from. */
export interface FindOptions {
  /** Absolute path; undefined where no folder is open. */
  readonly workspaceFolder?: string | undefined;
  /** As for `resolveEnvironment`. */
  readonly cacheFolder?: string | undefined;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How many interpreters are started at the same time. */
const STARTED_AT_ONCE = 4;

/**
 * The interpreters that can be chosen: those of the workspace folder's environments, the managed ones and the
 * machine's. Each was started, now or when its files were the same; the newest are first.
 *
 * @throws CodeModeError `cancelled`
 */
export async function findInterpreters({
  cacheFolder = defaultCacheFolder(),
  ...rest
}: FindOptions): Promise<readonly FoundInterpreter[]> {
  const options = { ...rest, cacheFolder };
  const { workspaceFolder, signal } = options;
  const [own, managed, others] = await Promise.all([
    workspaceInterpreters(workspaceFolder),
    managedEnvironments(cacheFolder, workspaceFolder),
    interpreterCandidates(signal),
  ]);
  const places = [...own, ...others.map(({ executable }) => executable)];
  const found = await mapSome(places, (executable) => describe(executable, options));
  const kept = managed.map(
    (environment): FoundInterpreter => ({
      ...environment,
      setting: minorVersion(environment.version),
      label: managedLabel(environment.version),
      kind: 'managed',
    }),
  );
  const distinct = new Map<string, FoundInterpreter>();
  for (const interpreter of [...kept, ...found.filter((one) => one !== undefined)]) {
    const { executable, folder = '' } = interpreter;
    // Several environments have the file of the same installation.
    const key = `${await realpath(executable).catch(() => executable)}\0${folder}`;
    if (!distinct.has(key)) distinct.set(key, interpreter);
  }
  return [...distinct.values()].sort((a, b) => compareVersions(b.version, a.version));
}

/** As `Promise.all` of `map`, a few at a time. */
async function mapSome<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [index, item] of rest) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: STARTED_AT_ONCE }, worker));
  return results;
}

/** The interpreters of the environments that lie directly in a folder. */
async function workspaceInterpreters(workspaceFolder: string | undefined): Promise<string[]> {
  if (workspaceFolder === undefined) return [];
  const entries = await readdir(workspaceFolder, { withFileTypes: true }).catch(() => []);
  const interpreters = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => path.join(workspaceFolder, entry.name))
      .map(async (folder) => ((await isEnvironmentFolder(folder)) ? interpreterIn(folder) : undefined)),
  );
  return interpreters.filter((interpreter) => interpreter !== undefined);
}

async function describe(
  executable: string,
  options: InCacheFolder<FindOptions>,
): Promise<FoundInterpreter | undefined> {
  const { workspaceFolder, log, cacheFolder, signal } = options;
  const inspection: FactsOptions = { log, cacheFolder, signal, timeoutMs: CANDIDATE_TIMEOUT_MS };
  try {
    const facts = await knownFacts(executable, inspection);
    const inside = workspaceFolder === undefined ? undefined : pathInside(facts.prefix, workspaceFolder);
    const isEnvironment = isVirtual(facts) || (await isConda(facts.prefix));
    return {
      executable: facts.executable,
      setting: inside ?? facts.executable,
      version: facts.version,
      label: await environmentLabel(facts, workspaceFolder),
      folder: isVirtual(facts) ? facts.prefix : undefined,
      kind: inside !== undefined ? 'workspace' : isEnvironment ? 'environment' : 'installation',
    };
  } catch (error) {
    if (CodeModeError.is(error, 'cancelled')) throw error;
    log(`python: not offered: ${CodeModeError.is(error) ? error.message : String(error)}`);
    return undefined;
  }
}
