import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { installedPythons } from './pythonWorld.ts';

const run = promisify(execFile);
const DOWNLOAD_TIMEOUT_MS = 300_000;

/** The platform tag of wheels that are for the Pyodide that is built in. */
export const PYODIDE_PLATFORM = 'pyemscripten_2026_0_wasm32';

const FOR_PYODIDE = [
  ...['--platform', PYODIDE_PLATFORM],
  ...['--python-version', '3.14', '--implementation', 'cp'],
  ...['--abi', 'cp314', '--abi', 'abi3', '--abi', 'none'],
];

/**
 * Wheels of the public index, with what they need, downloaded once in a run of the tests.
 *
 * @param names - with versions where they matter: `six==1.17.0`
 * @param target - `pyodide`, or the interpreter that they are for
 * @returns a folder to read alone; undefined where they can't be had, such as without a network
 */
export async function realWheels(
  names: readonly string[],
  target: 'pyodide' | { readonly python: string },
): Promise<string | undefined> {
  const kept = path.join(process.env.XDG_CACHE_HOME || tmpdir(), 'code-mode-test-wheels');
  const key = createHash('sha256')
    .update(JSON.stringify([names, target]))
    .digest('hex')
    .slice(0, 16);
  const folder = path.join(kept, key);
  if (existsSync(folder)) return folder;
  const python = target === 'pyodide' ? await anyPip() : target.python;
  if (python === undefined) return undefined;
  await mkdir(kept, { recursive: true });
  const scratch = await mkdtemp(`${folder}-`);
  try {
    const options = target === 'pyodide' ? FOR_PYODIDE : [];
    await run(
      python,
      ['-m', 'pip', 'download', '--quiet', '--only-binary', ':all:', ...options, '--dest', scratch, ...names],
      { timeout: DOWNLOAD_TIMEOUT_MS },
    );
    // Another process may have been first.
    await rename(scratch, folder).catch(() => undefined);
    return folder;
  } catch (error) {
    console.log(`${names.join(', ')} can't be downloaded: ${error instanceof Error ? error.message : error}`);
    return undefined;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function anyPip(): Promise<string | undefined> {
  for (const { executable } of await installedPythons()) {
    const has = run(executable, ['-m', 'pip', '--version']).then(
      () => true,
      () => false,
    );
    if (await has) return executable;
  }
  return undefined;
}
