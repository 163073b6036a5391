import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { defaultCacheFolder } from './cacheFolder.ts';
import {
  describe,
  type PythonEnvironment,
  type ResolveOptions,
  WORKSPACE_ENVIRONMENTS,
} from './environment.ts';
import { rememberedFacts } from './knownFacts.ts';
import { managedLabel } from './label.ts';
import { CONFIGURATION_FILE, folderOfInterpreter, interpreterIn, pathInside } from './layout.ts';
import { existingManaged } from './managed.ts';
import { parsePythonSetting } from './setting.ts';

/** What can be told of an environment without a start of its interpreter. */
export interface ExistingEnvironment {
  /** As in {@link PythonEnvironment}: `.venv`, `managed, Python 3.12`, or the path where no more is known. */
  readonly label: string;
  /** Undefined: it is not made yet, or nothing is known of it before its first start. */
  readonly environment: PythonEnvironment | undefined;
}

/**
 * As `resolveEnvironment`, but nothing is started, made or written: whoever only looks must not run what lies in a
 * workspace.
 *
 * @throws SettingsError for a setting that can't be used
 */
export async function existingEnvironment({
  python,
  workspaceFolder,
  cacheFolder = defaultCacheFolder(),
}: Pick<ResolveOptions, 'python' | 'workspaceFolder' | 'cacheFolder'>): Promise<ExistingEnvironment> {
  const choice = parsePythonSetting(python, workspaceFolder);
  if (choice.kind === 'path') {
    const isFolder = await stat(choice.path).then(
      (status) => status.isDirectory(),
      () => false,
    );
    const executable = isFolder ? await interpreterIn(choice.path) : choice.path;
    const environment = executable && (await lookAt(executable, 'named', workspaceFolder, cacheFolder));
    return environment
      ? { label: environment.label, environment }
      : { label: choice.path, environment: undefined };
  }
  if (choice.kind === 'automatic' && workspaceFolder !== undefined) {
    for (const name of WORKSPACE_ENVIRONMENTS) {
      const executable = await interpreterIn(path.join(workspaceFolder, name));
      const environment = executable && (await lookAt(executable, 'workspace', workspaceFolder, cacheFolder));
      if (environment) return { label: environment.label, environment };
    }
  }
  const wanted = choice.kind === 'version' ? choice.version : undefined;
  const { version, environment } = await existingManaged({ cacheFolder, workspaceFolder, version: wanted });
  const label = version === undefined ? 'managed' : managedLabel(version);
  return { label, environment: environment && { ...environment, kind: 'managed', label } };
}

async function lookAt(
  executable: string,
  kind: PythonEnvironment['kind'],
  workspaceFolder: string | undefined,
  cacheFolder: string,
): Promise<PythonEnvironment | undefined> {
  const facts = await rememberedFacts(executable, cacheFolder);
  if (facts) return describe(facts, kind, workspaceFolder);
  const folder = folderOfInterpreter(executable);
  const version = await configuredVersion(folder);
  if (version === undefined) return undefined;
  const inside = workspaceFolder === undefined ? undefined : pathInside(folder, workspaceFolder);
  return { executable, folder, version, label: inside ?? path.basename(folder), kind };
}

/** The version in an environment's pyvenv.cfg, as `venv`, uv or virtualenv write it. */
async function configuredVersion(folder: string): Promise<string | undefined> {
  const text = await readFile(path.join(folder, CONFIGURATION_FILE), 'utf8').catch(() => '');
  return /^\s*version(?:_info)?\s*=\s*(\d+\.\d+(?:\.\d+)?)/m.exec(text)?.[1];
}
