import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Problem } from './problem.mjs';
import { run } from './processes.mjs';

/**
 * Refuses a Node that is too old, before anything fails in a way that does not say so.
 * @param {string} [minimum]
 */
export function requireNode(minimum = '20.11.0') {
  const asNumber = (/** @type {string} */ version) =>
    version.split('.').reduce((sum, part) => sum * 1000 + Number.parseInt(part, 10), 0);
  if (asNumber(process.versions.node) >= asNumber(minimum)) return;
  throw new Problem(
    `Node ${minimum} or newer is needed; this is ${process.versions.node}.`,
    'Install a newer Node (nodejs.org or your version manager), then run the same command again.',
  );
}

/**
 * Installs Debian packages that are missing.
 * @param {readonly string[]} packages
 * @returns {Promise<string[]>} What is still missing: everything that was, where this is no Debian or no root.
 */
export async function ensureDebianPackages(packages) {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0 || !canInstall()) return missing;
  console.log(`Installing Debian packages: ${missing.join(' ')} …`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const limits = { env, timeoutMs: 8 * 60_000 };
  await run('apt-get', ['update', '-q'], limits);
  await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing], limits);
  return missing.filter((name) => !isInstalled(name));
}

/** Chromium, or a browser of its family: `$CHROMIUM` where that is set, else where systems keep it. */
export function findChromium() {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) return existsSync(CHROMIUM) ? CHROMIUM : undefined;
  return [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ].find((file) => existsSync(file));
}

/** @param {string} name */
function isInstalled(name) {
  const { stdout } = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' });
  return stdout?.includes('Status: install ok installed') ?? false;
}

function canInstall() {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0;
}
