// The Python packages that are measured beside, in an environment of their own, which is kept.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from '../../scripts/lib/problem.mjs';
import { run } from '../../scripts/lib/processes.mjs';

const INSTALL_TIMEOUT_MS = 300_000;
const interpreter = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';

/**
 * Makes a virtual environment with the packages of peer/requirements.txt in .vscode-test/ unless it is there.
 * @param {string} root The project's root folder.
 * @param {string} python The interpreter that it is based on.
 * @returns {Promise<{ folder: string, python: string, versions: Readonly<Record<string, string>> }>} The environment, its
 *   interpreter, and the versions that are pinned, by the names of the packages.
 */
export async function ensurePeers(root, python) {
  const requirements = path.join(root, 'bench/peer/requirements.txt');
  const pins = await readFile(requirements, 'utf8');
  const versions = Object.fromEntries([...pins.matchAll(/^([\w-]+)==(\S+)/gm)].map((pin) => pin.slice(1)));
  const key = createHash('sha256').update(python).update(pins).digest('hex').slice(0, 12);
  const folder = path.join(root, '.vscode-test', `peers-${key}`);
  const made = { folder, python: path.join(folder, interpreter), versions };
  const stamp = path.join(folder, '.installed');
  if (existsSync(stamp)) return made;
  console.log('Installing ipykernel, jupyter_client and mcp (once, about 150 MB) …');
  await mkdir(path.dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  const options = { cwd: root, stdio: /** @type {const} */ ('ignore'), timeoutMs: INSTALL_TIMEOUT_MS };
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    requirements,
  ];
  for (const [command, args] of /** @type {const} */ ([
    [python, ['-m', 'venv', folder]],
    [made.python, pip],
  ])) {
    if ((await run(command, args, options)).code === 0) continue;
    throw new Problem(
      `\`${[command, ...args].join(' ')}\` failed.`,
      'The bench needs a Python with venv and pip that reaches its package index: name another one with --python.',
    );
  }
  await writeFile(stamp, '');
  return made;
}
