// What the tests start containers with: Podman, and an image with Python that debootstrap makes once for this machine.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { run } from './processes.mjs';

const MINUTE = 60_000;

/** What the image is made of; another recipe is another image. */
const RECIPE = {
  release: 'bookworm',
  packages: ['ca-certificates', 'python3', 'python3-pip', 'python3-venv'],
  /** What is of no use in it: globs of folders whose content is left out. */
  without: [
    './var/cache/apt/*',
    './var/lib/apt/lists/*',
    './usr/share/doc/*',
    './usr/share/man/*',
    './usr/share/locale/*',
  ],
};
const NAME = 'localhost/code-mode-test';
const IMAGE = `${NAME}:${createHash('sha256').update(JSON.stringify(RECIPE)).digest('hex').slice(0, 12)}`;
/** Where no image can be made, that of the extension's own default does. */
const PULLED_IMAGE = 'docker.io/library/python:3.13-slim';

/** For a machine on which nobody may raise the limits that engines want for their containers. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

/** Debian's packages of the engines, and of what makes the image. */
export function containerPackages() {
  // Docker's own packages of its command line go by other names.
  const docker = hasProgram('docker') ? [] : ['docker.io'];
  // Podman makes a network with the two in the middle; crun does not start where control groups are of both versions.
  return ['podman', 'netavark', 'iptables', 'runc', 'debootstrap', ...docker];
}

/**
 * Sees to an image, and finds out how a container of it starts on this machine.
 * @param {string} scratch A folder for everything temporary.
 * @param {string} dataFolder The folder that the tests have for `$XDG_DATA_HOME`.
 * @returns {Promise<Record<string, unknown>>} Settings `codeMode.container.*`.
 */
export async function ensureContainers(scratch, dataFolder) {
  if (!hasProgram('podman')) {
    throw new Problem(
      'there is no Podman.',
      "Install it (Debian's packages: podman runc netavark iptables).",
    );
  }
  const image = await ensureImage(scratch);
  if (process.platform === 'linux' && process.getuid?.() !== 0) shareImages(dataFolder);
  const complaints = [];
  for (const runtime of ['', 'runc']) {
    for (const runArguments of [[], LIMITS]) {
      const global = runtime ? ['--runtime', runtime] : [];
      const args = [...global, 'run', '--rm', '--network', 'none', ...runArguments, image, 'python3', '-V'];
      const { status, stderr } = spawnSync('podman', args, { encoding: 'utf8', timeout: MINUTE });
      if (status === 0) return { engine: 'podman', runtime, image, pull: 'never', runArguments };
      complaints.push(stderr.trim());
    }
  }
  throw new Problem('Podman starts no container.', complaints.at(-1) ?? '');
}

/**
 * Podman without root keeps images among the person's data, where the tests otherwise have no business.
 * @param {string} dataFolder
 */
function shareImages(dataFolder) {
  const own = process.env.XDG_DATA_HOME || path.join(os.homedir(), '.local/share');
  mkdirSync(dataFolder, { recursive: true });
  symlinkSync(path.join(own, 'containers'), path.join(dataFolder, 'containers'));
}

/**
 * @param {string} scratch
 * @returns {Promise<string>} its name
 */
async function ensureImage(scratch) {
  if (hasImage(IMAGE)) return IMAGE;
  if (process.getuid?.() === 0 && hasProgram('debootstrap')) {
    await makeImage(scratch);
    return IMAGE;
  }
  if (!hasImage(PULLED_IMAGE)) await must('podman', ['pull', '--quiet', PULLED_IMAGE], scratch);
  return PULLED_IMAGE;
}

/** @param {string} scratch */
async function makeImage(scratch) {
  console.log('Making an image with Python for the tests of containers …');
  const folder = mkdtempSync(path.join(scratch, 'image-'));
  const [system, archive] = [path.join(folder, 'system'), path.join(folder, 'image.tar')];
  try {
    const include = `--include=${RECIPE.packages.join(',')}`;
    const bootstrap = ['debootstrap', '--variant=minbase', include, RECIPE.release, system];
    // What it mounts is gone with it, however it ends.
    await must('unshare', ['--mount', ...bootstrap], folder);
    const without = RECIPE.without.map((glob) => `--exclude=${glob}`);
    await must('tar', ['-C', system, ...without, '-cf', archive, '.'], folder);
    await must('podman', ['import', '--quiet', archive, IMAGE], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // Those of earlier recipes are of no use any more.
  const { stdout } = spawnSync('podman', ['images', '--format', '{{.Repository}}:{{.Tag}}', NAME], {
    encoding: 'utf8',
  });
  const old = stdout.split('\n').filter((name) => name !== '' && name !== IMAGE);
  if (old.length > 0) await run('podman', ['rmi', ...old], { stdio: 'ignore' });
}

/**
 * Runs a program that has to succeed; what it prints is only shown where it does not.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} folder For what it prints.
 */
async function must(program, args, folder) {
  const file = path.join(folder, `${program}.txt`);
  const log = openSync(file, 'w');
  try {
    const { code } = await run(program, args, { stdio: ['ignore', log, log], timeoutMs: 8 * MINUTE });
    if (code === 0) return;
  } finally {
    closeSync(log);
  }
  const end = readFileSync(file, 'utf8').trim().split('\n').slice(-15).join('\n');
  throw new Problem(`${[program, ...args].join(' ')} has failed.`, end);
}

/** @param {string} name */
function hasImage(name) {
  return spawnSync('podman', ['image', 'exists', name]).status === 0;
}

/** @param {string} name */
function hasProgram(name) {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}
