import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { run } from './processes.mjs';

/**
 * The program and arguments that run npm: the npm that started this script; by hand (`node scripts/…`) the one on
 * the path.
 * @param {readonly string[]} args
 * @returns {[string, ...string[]]}
 */
export function npmCommand(args) {
  const self = process.env.npm_execpath;
  if (self?.endsWith('.js')) return [process.execPath, self, ...args];
  return process.platform === 'win32' ? ['cmd.exe', '/d', '/c', 'npm', ...args] : ['npm', ...args];
}

/**
 * Runs npm in a folder.
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export async function npm(args, cwd) {
  const [command, ...rest] = npmCommand(args);
  const { code } = await run(command, rest, { cwd });
  if (code === 0) return;
  throw new Problem(
    `\`npm ${args.join(' ')}\` failed in ${cwd}.`,
    'Its output above says why. For an install the npm registry must be reachable: `npm ping` tells.',
  );
}

/**
 * Installs the project's dependencies when they are missing or not those of package-lock.json.
 * @param {string} root
 */
export async function ensureDependencies(root) {
  if (await dependenciesMatch(root)) return;
  console.log('Installing dependencies …');
  await npm(['ci', '--no-audit', '--no-fund'], root);
}

/** @param {string} root */
async function dependenciesMatch(root) {
  const [wanted, installed] = await Promise.all([
    readPackages(path.join(root, 'package-lock.json')),
    readPackages(path.join(root, 'node_modules/.package-lock.json')),
  ]);
  if (!wanted || !installed) return false;
  // Versions say more than file times, which a checkout changes. Optional packages are there on their platform only.
  return Object.entries(wanted).every(
    ([name, entry]) =>
      name === '' || (installed[name] ? installed[name].version === entry.version : entry.optional === true),
  );
}

/**
 * @param {string} lockFile
 * @returns {Promise<Record<string, { version?: string, optional?: boolean }> | undefined>}
 */
async function readPackages(lockFile) {
  try {
    return JSON.parse(await readFile(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
