import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { checkParams } from '../common/params.ts';
import type { HostCallHandlers } from '../connection/hostCalls.ts';
import type { InstallResult, RemoveResult } from '../contract/dependencies.ts';
import { CodeModeError, UnsupportedError } from '../contract/errors.ts';
import { parseRequirements } from './requirements.ts';

const AddParams = z.object({ package: z.string() });
const RemoveParams = z.object({ name: z.string() });

/** The configured packages of a session. No executor of this version can install any, and this says so. */
export class DependencyService {
  readonly #file: string | undefined;

  /** @param baseFolder absolute path of the folder with `requirements.txt`; undefined: nothing is configured */
  constructor(baseFolder: string | undefined) {
    this.#file = baseFolder === undefined ? undefined : path.join(baseFolder, 'requirements.txt');
  }

  /** The packages of `requirements.txt`, as they are written there. */
  async list(): Promise<readonly string[]> {
    if (this.#file === undefined) return [];
    try {
      return parseRequirements(await readFile(this.#file, 'utf8'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw new CodeModeError('storage', `${this.#file} could not be read.`, {
        hint: 'Check that it is a file that you may read.',
        cause: error,
      });
    }
  }

  /** @throws UnsupportedError */
  async add(packageSpec: string): Promise<InstallResult> {
    throw cannot(`install ${packageSpec}`);
  }

  /** @throws UnsupportedError */
  async remove(packageName: string): Promise<RemoveResult> {
    throw cannot(`remove ${packageName}`);
  }

  /** @throws UnsupportedError where packages are configured */
  async sync(): Promise<InstallResult> {
    const configured = await this.list();
    if (configured.length > 0)
      throw cannot(`install the packages of requirements.txt (${configured.join(', ')})`);
    return { installed: [], alreadyPresent: [], failed: [] };
  }
}

/** What `deps` in Python calls; results have the Python project's names. */
export function dependencyCalls(dependencies: DependencyService): HostCallHandlers {
  return {
    'deps.list': async () => ({ result: [...(await dependencies.list())] }),
    'deps.add': async ({ method, params }) => {
      const checked = checkParams(AddParams, method, params);
      return { result: installResult(await dependencies.add(checked.package)) };
    },
    'deps.remove': async ({ method, params }) => {
      const { name } = checkParams(RemoveParams, method, params);
      const { removed, notFound, failed, removedFromConfig } = await dependencies.remove(name);
      const failures = failed.map((failure) => ({ ...failure }));
      return {
        result: { removed, not_found: notFound, failed: failures, removed_from_config: removedFromConfig },
      };
    },
    'deps.sync': async () => ({ result: installResult(await dependencies.sync()) }),
  };
}

function installResult({ installed, alreadyPresent, failed }: InstallResult) {
  return { installed, already_present: alreadyPresent, failed: failed.map((failure) => ({ ...failure })) };
}

function cannot(what: string): UnsupportedError {
  return new UnsupportedError(
    `This executor cannot ${what}: it has the Python standard library and no installer.`,
    'Use what the standard library has, or run the code in a Python environment of your own.',
  );
}
