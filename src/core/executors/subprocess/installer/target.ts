import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { isMissing, reasonOf } from '../../../common/files/systemErrors.ts';
import type { DepsSpec } from '../../../deps/depsSpec.ts';
import { findUv, type KnownPlaces, type PythonEnvironment, packagePlaces } from '../environment/index.ts';
import type { InterpreterFacts } from '../environment/inspect.ts';
import { type FactsOptions, knownFacts, rememberedFacts } from '../environment/knownFacts.ts';
import { interpreterIn, isThere } from '../environment/layout.ts';
import { configuredHome } from '../environment/marker.ts';
import { minorVersion } from '../environment/versions.ts';
import type { InstallerBackend } from './backend.ts';
import { type PlacedPython, pipBackend } from './pipBackend.ts';
import { uvBackend } from './uvBackend.ts';

/** What is asked of interpreters. */
export interface Interpreters {
  /** Absolute path of what is kept of interpreters. */
  readonly cacheFolder: string;
  /** Where an interpreter has its packages; undefined: it is not known, and not to be started. @throws as `knownFacts` */
  facts(executable: string): Promise<InterpreterFacts | undefined>;
}

/** Those that are not known are started. */
export function interpretersToStart(options: FactsOptions): Interpreters {
  return { cacheFolder: options.cacheFolder, facts: (executable) => knownFacts(executable, options) };
}

/** None is started. */
export function interpretersAtHand(cacheFolder: string): Interpreters {
  return { cacheFolder, facts: (executable) => rememberedFacts(executable, cacheFolder) };
}

/** Where an environment's packages are. */
export async function placesOf(
  environment: PythonEnvironment,
  interpreters: Interpreters,
): Promise<KnownPlaces | undefined> {
  const places = await packagePlaces(environment, interpreters.cacheFolder);
  return places ?? (await interpreters.facts(environment.executable))?.packages;
}

/** Why packages can't be installed into an environment, with what to do; undefined: they can. */
export async function installProblem(
  { folder, executable }: PythonEnvironment,
  { purelib, stdlib }: KnownPlaces,
): Promise<string | undefined> {
  const another =
    'Choose an environment in the setting codeMode.subprocess.python, or leave it empty for one that is made for you.';
  if (folder === undefined && stdlib && (await isThere(path.join(stdlib, 'EXTERNALLY-MANAGED'))))
    return `${executable} belongs to the system, which keeps others from installing packages into it (EXTERNALLY-MANAGED). ${another}`;
  const unwritable = await whyUnwritable(purelib);
  if (unwritable !== undefined) return `${purelib} can't be written: ${unwritable}. ${another}`;
  return undefined;
}

/** The program that installs into an environment; undefined: there is none. */
export async function findBackend(
  choice: NonNullable<DepsSpec['installer']>,
  environment: PythonEnvironment,
  places: KnownPlaces,
  interpreters: Interpreters,
): Promise<InstallerBackend | undefined> {
  const uv = choice === 'pip' ? undefined : await findUv();
  if (uv !== undefined) return uvBackend(uv, environment.executable);
  if (choice === 'uv') return undefined;
  const own: PlacedPython = {
    executable: environment.executable,
    folders: places.folders,
    stdlib: places.stdlib,
  };
  return pipBackend(own, await baseOf(environment, interpreters));
}

/** Whether pip may be there all the same where {@link findBackend} finds nothing: its base is not known, and not started. */
export async function mayHavePip(
  choice: NonNullable<DepsSpec['installer']>,
  environment: PythonEnvironment,
  interpreters: Interpreters,
): Promise<boolean> {
  return choice !== 'uv' && environment.folder !== undefined && !(await baseOf(environment, interpreters));
}

/** What there is to say where {@link findBackend} finds nothing. */
export function noInstaller(choice: NonNullable<DepsSpec['installer']>, executable: string): string {
  if (choice === 'uv')
    return 'uv was not found, which the setting codeMode.deps.installer asks for. Install uv (docs.astral.sh/uv), or set it to "auto".';
  const pip =
    process.platform === 'linux'
      ? 'pip ("sudo apt install python3-pip python3-venv" on Debian and Ubuntu, "sudo dnf install python3-pip" on Fedora)'
      : `pip ("${executable}" -m ensurepip)`;
  return `Neither uv nor pip was found for ${executable}. Install uv (docs.astral.sh/uv) or ${pip}.`;
}

/** The installation that an environment is based on. */
async function baseOf(
  environment: PythonEnvironment,
  interpreters: Interpreters,
): Promise<PlacedPython | undefined> {
  const { folder, version } = environment;
  if (folder === undefined) return undefined;
  const home = await configuredHome(folder);
  const executable = home && (await interpreterAt(home, version));
  if (!executable) return undefined;
  const facts = await interpreters.facts(executable).catch(() => undefined);
  return facts && { executable, folders: facts.packages.folders, stdlib: facts.packages.stdlib };
}

/** The interpreter in the folder that `pyvenv.cfg` names as its base's. */
async function interpreterAt(home: string, version: string): Promise<string | undefined> {
  for (const name of [`python${minorVersion(version)}`, 'python3', 'python.exe']) {
    if (await isThere(path.join(home, name))) return path.join(home, name);
  }
  return interpreterIn(path.dirname(home));
}

async function whyUnwritable(folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    const parent = path.dirname(folder);
    return isMissing(error) && parent !== folder ? whyUnwritable(parent) : reasonOf(error);
  }
}
