import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { installedPythons } from './pythonWorld.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 300_000;
/** Interpreters that are tried: for the newest there may be no wheels yet. */
const TRIES = 3;

/**
 * An environment with the packages of a file in `test/fixtures`, made in `.vscode-test` unless it is there.
 * @param root the project's folder
 * @param name of the environment; `NAME-requirements.txt` lists its packages
 * @returns its interpreter; undefined where none can be made, such as without a package index
 */
export async function pythonEnvironment(root: string, name: string): Promise<string | undefined> {
  const requirements = path.join(root, `test/fixtures/${name}-requirements.txt`);
  for (const { executable, version } of (await installedPythons()).slice(0, TRIES)) {
    const key = createHash('sha256')
      .update(executable)
      .update(version)
      .update(await readFile(requirements));
    const folder = path.join(root, '.vscode-test', `${name}-${key.digest('hex').slice(0, 12)}`);
    const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
    const stamp = path.join(folder, '.installed');
    if (existsSync(stamp)) return python;
    await mkdir(path.dirname(folder), { recursive: true });
    await rm(folder, { recursive: true, force: true });
    const install = [
      '--quiet',
      '--disable-pip-version-check',
      '--only-binary',
      ':all:',
      '--requirement',
      requirements,
    ];
    try {
      await run(executable, ['-m', 'venv', folder], { timeout: INSTALL_TIMEOUT_MS });
      await run(python, ['-m', 'pip', 'install', ...install], { timeout: INSTALL_TIMEOUT_MS });
      await writeFile(stamp, '');
      return python;
    } catch {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return undefined;
}
