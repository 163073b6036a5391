import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../../common/files/atomicWrite.ts';
import { FileLock } from '../../../common/files/fileLock.ts';
import { folderKey } from '../../../common/files/folderKey.ts';
import { makeFolders } from '../../../common/files/folders.ts';
import { reasonOf } from '../../../common/files/systemErrors.ts';
import { CodeModeError } from '../../../contract/errors.ts';
import { CANDIDATE_TIMEOUT_MS, findBase } from './base.ts';
import type { InterpreterFacts } from './inspect.ts';
import { readRecord } from './jsonRecord.ts';
import { type FactsOptions, knownFacts } from './knownFacts.ts';
import { environmentInterpreter } from './layout.ts';
import { makeEnvironment, notMade } from './makeEnvironment.ts';
import { environmentState, type Marker, writeMarker } from './marker.ts';
import { throwIfCancelled } from './program.ts';
import { minorVersion, OLDEST } from './versions.ts';

/** Which managed environment is wanted. */
export interface ManagedRequest {
  /** Absolute path. The environments are below it, in `environments`. */
  readonly cacheFolder: string;
  /** Absolute path; undefined for the environments that all windows without a folder share. */
  readonly workspaceFolder: string | undefined;
  /** `3.12`; undefined for the version that was chosen first, the newest that there was then. */
  readonly version: string | undefined;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** A managed environment that is whole. */
export interface ManagedEnvironment {
  /** Absolute path. */
  readonly folder: string;
  readonly executable: string;
  /** `3.12.1` */
  readonly version: string;
}

const AutomaticSchema = z.object({ format: z.literal(1), version: z.string().regex(/^3\.\d+$/) });

/** Another window may make the same environment, on a slow disk. */
const LOCK_WAIT_MS = 300_000;

/**
 * The managed environment of a workspace folder and a version, made where it is missing or not whole.
 * @throws CodeModeError `start-failed`, `storage` (another program keeps its lock), `cancelled`
 */
export async function managedEnvironment(request: ManagedRequest): Promise<ManagedEnvironment> {
  const { environments, folderOf, automaticFile, automatic, version, state } = await lookUp(request);
  if (version && state?.kind === 'whole') return environmentIn(folderOf(version), state.marker);

  request.onProgress?.('Looking for Python');
  const former = state?.kind === 'outdated' ? await formerBase(state.marker, request) : undefined;
  const base = former ?? (await baseFor(version, automatic !== undefined, request));
  const folder = folderOf(minorVersion(base.version));
  try {
    await makeFolders(environments);
    const marker = await makeOnce(folder, base, request);
    if (!request.version) {
      await writeFileAtomically(
        automaticFile,
        JSON.stringify({ format: 1, version: minorVersion(base.version) }),
      );
    }
    return environmentIn(folder, marker);
  } catch (error) {
    throwIfCancelled(request.signal);
    throw CodeModeError.is(error) ? error : notMade(folder, reasonOf(error), error);
  }
}

/**
 * What is there of the environment that {@link managedEnvironment} would give; starts and makes nothing.
 * @returns `version`: `3.12`, undefined where none was chosen yet; `environment`: also one that is to be made again around
 *   its packages; undefined: none is there
 */
export async function existingManaged(
  request: Pick<ManagedRequest, 'cacheFolder' | 'workspaceFolder' | 'version'>,
): Promise<{ readonly version: string | undefined; readonly environment: ManagedEnvironment | undefined }> {
  const { version, folderOf, state } = await lookUp(request);
  if (!version || !state || state.kind === 'missing') return { version, environment: undefined };
  return { version, environment: environmentIn(folderOf(version), state.marker) };
}

/** The managed environments of a workspace folder that are whole. */
export async function managedEnvironments(
  cacheFolder: string,
  workspaceFolder: string | undefined,
): Promise<readonly ManagedEnvironment[]> {
  const environments = path.join(cacheFolder, 'environments');
  const start = `${await environmentKey(workspaceFolder)}-`;
  const names = (await readdir(environments).catch(() => [])).filter((name) => name.startsWith(start));
  const found = await Promise.all(
    names.map(async (name) => {
      const folder = path.join(environments, name);
      const state = await environmentState(folder);
      return state.kind === 'whole' ? [environmentIn(folder, state.marker)] : [];
    }),
  );
  return found.flat();
}

async function lookUp(request: Pick<ManagedRequest, 'cacheFolder' | 'workspaceFolder' | 'version'>) {
  const environments = path.join(request.cacheFolder, 'environments');
  const key = await environmentKey(request.workspaceFolder);
  const folderOf = (version: string) => path.join(environments, `${key}-${version}`);
  // The automatic version stays once it is chosen: with a newer Python the packages would be gone.
  const automaticFile = path.join(environments, `${key}.json`);
  const automatic = request.version ? undefined : (await readRecord(automaticFile, AutomaticSchema))?.version;
  const version = request.version ?? automatic;
  const state = version ? await environmentState(folderOf(version)) : undefined;
  return { environments, folderOf, automaticFile, automatic, version, state };
}

/** Makes the environment unless another process has done so meanwhile. */
function makeOnce(folder: string, base: InterpreterFacts, request: ManagedRequest): Promise<Marker> {
  const { workspaceFolder, log, signal } = request;
  const lock = new FileLock(`${folder}.lock`, {
    log: (line) => log(`python: ${line}`),
    waitMs: LOCK_WAIT_MS,
  });
  return lock.hold(async (held) => {
    const state = await environmentState(folder);
    if (state.kind === 'whole') return state.marker;
    const keepPackages = state.kind === 'outdated' && state.marker.freeThreaded === base.freeThreaded;
    log(`python: making ${folder} with ${base.executable} (Python ${base.version})`);
    request.onProgress?.(`Making a Python ${base.version} environment`);
    const marker = {
      ...(await makeEnvironment({ folder, base, keepPackages, log, signal })),
      ...(workspaceFolder !== undefined && { workspaceFolder }),
    };
    held.confirm();
    await writeMarker(folder, marker);
    return marker;
  }, signal);
}

/** The interpreter that an environment was based on, if it still is one of that version. */
async function formerBase(marker: Marker, request: ManagedRequest): Promise<InterpreterFacts | undefined> {
  try {
    const facts = await knownFacts(marker.base, factsOptions(request));
    return minorVersion(facts.version) === minorVersion(marker.version) ? facts : undefined;
  } catch (error) {
    if (CodeModeError.is(error, 'cancelled')) throw error;
    return undefined;
  }
}

async function baseFor(
  version: string | undefined,
  otherwiseNewest: boolean,
  request: ManagedRequest,
): Promise<InterpreterFacts> {
  const base =
    (await findBase(version, factsOptions(request))) ??
    (otherwiseNewest ? await findBase(undefined, factsOptions(request)) : undefined);
  if (base) return base;
  throw new CodeModeError('start-failed', `No Python ${version ?? `${OLDEST} or newer`} was found.`, {
    hint: `Install it (python.org, your system's packages, or "uv python install${version ? ` ${version}` : ''}"), write the path of an interpreter into the setting codeMode.subprocess.python, or choose the executor "sandbox", which needs nothing.`,
  });
}

function factsOptions({ cacheFolder, log, signal }: ManagedRequest): FactsOptions {
  return { cacheFolder, log, signal, timeoutMs: CANDIDATE_TIMEOUT_MS };
}

function environmentIn(folder: string, { version }: Marker): ManagedEnvironment {
  return { folder, executable: environmentInterpreter(folder), version };
}

async function environmentKey(workspaceFolder: string | undefined): Promise<string> {
  return workspaceFolder === undefined ? 'no-workspace' : folderKey(workspaceFolder);
}
