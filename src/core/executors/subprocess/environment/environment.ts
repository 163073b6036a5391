import { stat } from 'node:fs/promises';
import path from 'node:path';
import { CodeModeError, SettingsError } from '../../../contract/errors.ts';
import { defaultCacheFolder, type InCacheFolder } from './cacheFolder.ts';
import { isConda } from './conda.ts';
import type { InterpreterFacts } from './inspect.ts';
import { knownFacts } from './knownFacts.ts';
import { environmentLabel, isVirtual, managedLabel } from './label.ts';
import { interpreterIn, isThere } from './layout.ts';
import { managedEnvironment } from './managed.ts';
import { parsePythonSetting } from './setting.ts';

/** An interpreter to start. */
export interface PythonEnvironment {
  /** Absolute path. Links are not resolved: through its link an environment's interpreter finds its packages. */
  readonly executable: string;
  /** Absolute path of the virtual environment; undefined for the interpreter of an installation. */
  readonly folder: string | undefined;
  /** `3.12.1` */
  readonly version: string;
  /** Short name for the status item: `.venv`, `managed, Python 3.12`, `conda base`. */
  readonly label: string;
  /** Made and kept by the extension; named in the setting; found in the workspace folder. */
  readonly kind: 'managed' | 'named' | 'workspace';
}

/** What {@link resolveEnvironment} starts from. */
export interface ResolveOptions {
  /** The setting `codeMode.subprocess.python`; empty: automatic. */
  readonly python: string;
  /** Absolute path; undefined where no folder is open. */
  readonly workspaceFolder?: string | undefined;
  /** Absolute path of the folder for managed environments, made where it is missing; default: one of the user's. */
  readonly cacheFolder?: string | undefined;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that an interpreter may take to say what it is; by default 20 seconds. */
  readonly timeoutMs?: number;
  /** Called when it takes longer, with what is being done. */
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** The folders of a workspace in which its own environment is looked for. */
export const WORKSPACE_ENVIRONMENTS = ['.venv', 'venv'];

/**
 * Which environment the setting `codeMode.subprocess.python` means; a managed one is made where it is missing.
 * Nothing is started for an environment that is known and unchanged.
 *
 * @throws SettingsError for a setting that can't be used, or an interpreter of that name that can't; CodeModeError
 *   `start-failed` where no Python is found or no environment can be made; `cancelled`
 */
export async function resolveEnvironment({
  cacheFolder = defaultCacheFolder(),
  ...rest
}: ResolveOptions): Promise<PythonEnvironment> {
  const options = { ...rest, cacheFolder };
  const { workspaceFolder } = options;
  const choice = parsePythonSetting(options.python, workspaceFolder);
  if (choice.kind === 'path') return namedEnvironment(choice.path, options);
  if (choice.kind === 'automatic') {
    const own = await workspaceEnvironment(options);
    if (own) return own;
  }
  const managed = await managedEnvironment({
    ...options,
    workspaceFolder,
    version: choice.kind === 'version' ? choice.version : undefined,
  });
  return { ...managed, kind: 'managed', label: managedLabel(managed.version) };
}

async function namedEnvironment(
  place: string,
  options: InCacheFolder<ResolveOptions>,
): Promise<PythonEnvironment> {
  const { workspaceFolder } = options;
  const isFolder = await stat(place).then(
    (status) => status.isDirectory(),
    () => false,
  );
  const executable = isFolder ? await interpreterIn(place) : place;
  if (executable === undefined) {
    throw new SettingsError(
      `The folder ${place} has no Python interpreter in it.`,
      'Name the folder of a virtual environment, or an interpreter, in the setting codeMode.subprocess.python.',
    );
  }
  const facts = await knownFacts(executable, options);
  return describe(facts, 'named', workspaceFolder);
}

/** The workspace's own environment, if there is one that can be used. */
async function workspaceEnvironment(
  options: InCacheFolder<ResolveOptions>,
): Promise<PythonEnvironment | undefined> {
  const { workspaceFolder, log } = options;
  if (workspaceFolder === undefined) return undefined;
  for (const name of WORKSPACE_ENVIRONMENTS) {
    const folder = path.join(workspaceFolder, name);
    if (!(await isThere(folder))) continue;
    const executable = await interpreterIn(folder);
    try {
      if (executable === undefined) throw new SettingsError('it has no interpreter');
      const facts = await knownFacts(executable, options);
      if (isVirtual(facts) || (await isConda(facts.prefix)))
        return describe(facts, 'workspace', workspaceFolder);
      throw new SettingsError(`its interpreter takes itself for that of ${facts.prefix}`);
    } catch (error) {
      if (!CodeModeError.is(error, 'settings')) throw error;
      log(`python: the workspace's ${name} is not used: ${error.message}`);
    }
  }
  return undefined;
}

/** @param facts of its interpreter */
export async function describe(
  facts: InterpreterFacts,
  kind: PythonEnvironment['kind'],
  workspaceFolder: string | undefined,
): Promise<PythonEnvironment> {
  return {
    // By its own account: behind a shim there is another one, which starts faster.
    executable: facts.executable,
    folder: isVirtual(facts) ? facts.prefix : undefined,
    version: facts.version,
    label: await environmentLabel(facts, workspaceFolder),
    kind,
  };
}
