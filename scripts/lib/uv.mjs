// uv as the Python packages carry it, for the tests of what uses it.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { run } from './processes.mjs';

const VERSION = '0.13.9';
const INSTALL_TIMEOUT_MS = 120_000;
const windows = process.platform === 'win32';

/**
 * The folder with uv in it, installed in .vscode-test/ unless it is there.
 * @param {string} root The project's root folder.
 * @param {readonly string[]} pythons Interpreters, one of which has pip or can make an environment that has.
 * @returns {Promise<string>}
 */
export async function ensureUv(root, pythons) {
  const target = path.join(root, '.vscode-test', `uv-${VERSION}`);
  const programs = path.join(target, 'bin');
  if (existsSync(programs)) return programs;
  console.log('Installing uv (once, about 50 MB) …');
  await mkdir(path.dirname(target), { recursive: true });
  const scratch = await mkdtemp(`${target}-`);
  try {
    for (const python of pythons) {
      if (!(await install(python, scratch))) continue;
      // Another run may have been first.
      await rename(path.join(scratch, 'packages'), target).catch(() => undefined);
      if (existsSync(programs)) return programs;
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  throw new Problem(
    'uv could not be installed for the tests.',
    'Install uv so that it is on the search path, or a Python with pip that reaches its package index.',
  );
}

/**
 * @param {string} python
 * @param {string} scratch
 */
async function install(python, scratch) {
  const venv = path.join(scratch, 'venv');
  const options = { cwd: scratch, stdio: /** @type {const} */ ('ignore'), timeoutMs: INSTALL_TIMEOUT_MS };
  const { code } = await run(python, ['-m', 'venv', '--clear', venv], options);
  // Distributions that leave out what `venv` needs may have pip itself.
  const pip = code === 0 ? path.join(venv, windows ? 'Scripts/python.exe' : 'bin/python') : python;
  const flags = ['--quiet', '--disable-pip-version-check', '--target', path.join(scratch, 'packages')];
  return (await run(pip, ['-m', 'pip', 'install', ...flags, `uv==${VERSION}`], options)).code === 0;
}
