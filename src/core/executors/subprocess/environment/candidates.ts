import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { condaCandidates } from './conda.ts';
import { type Candidate, childrenOf, installationsIn, versionInName } from './installations.ts';
import { launcherCandidates } from './launcher.ts';
import { CONFIGURATION_FILE, folderOfInterpreter, isThere } from './layout.ts';
import { runProgram } from './program.ts';
import { searchPath } from './searchPath.ts';
import { findUv } from './uv.ts';
import { isSupported } from './versions.ts';

const windows = process.platform === 'win32';
const macos = process.platform === 'darwin';
const QUERY_TIMEOUT_MS = 5_000;

/**
 * Where this machine's interpreters seem to be that are not too old, each once, in the order of preference: those on
 * the search path first, Conda's last.
 */
export async function interpreterCandidates(signal?: AbortSignal): Promise<readonly Candidate[]> {
  const found = await Promise.all([
    onSearchPath(),
    fromVersionManagers(),
    fromUv(signal),
    fromSystem(),
    launcherCandidates(signal),
    condaCandidates(),
  ]);
  const candidates = new Map<string, Candidate>();
  for (const { executable, version: named } of found.flat()) {
    const file = await realpath(executable).catch(() => executable);
    const version = named ?? versionInName(path.basename(file));
    if (version !== undefined && !isSupported(version)) continue;
    const folder = folderOfInterpreter(executable);
    // An environment has its base's file, but is another place.
    const key = (await isThere(path.join(folder, CONFIGURATION_FILE))) ? folder : file;
    if (!candidates.has(key)) candidates.set(key, { executable, version });
  }
  return [...candidates.values()];
}

/** pyenv's shims are left out: what they start is found by itself, whichever version pyenv has chosen. */
async function onSearchPath(): Promise<Candidate[]> {
  const shims = path.join(pyenvRoot(), 'shims');
  const folders = searchPath().filter((folder) => path.normalize(folder) !== shims);
  return (await Promise.all(folders.map(interpretersIn))).flat();
}

async function interpretersIn(folder: string): Promise<Candidate[]> {
  // Without its developer tools macOS has a file there that opens a dialog.
  if (macos && folder === '/usr/bin' && !(await hasDeveloperTools())) return [];
  const pattern = windows ? /^python(3(\.\d+)?)?\.exe$/i : /^python(3(\.\d+)?)?$/;
  const names = (await childrenOf(folder)).filter((name) => pattern.test(name));
  // Of several names for one file the one that an upgrade does not lead elsewhere.
  names.sort((a, b) => b.length - a.length);
  return names.map((name) => ({ executable: path.join(folder, name), version: versionInName(name) }));
}

async function hasDeveloperTools(): Promise<boolean> {
  const places = ['/Library/Developer/CommandLineTools/usr/bin/python3', '/Applications/Xcode.app'];
  return (await Promise.all(places.map(isThere))).includes(true);
}

async function fromVersionManagers(): Promise<Candidate[]> {
  const data = process.env.XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share');
  const folders = [
    path.join(pyenvRoot(), 'versions'),
    path.join(homedir(), '.pyenv', 'pyenv-win', 'versions'),
    path.join(homedir(), '.asdf', 'installs', 'python'),
    path.join(data, 'mise', 'installs', 'python'),
  ];
  return (await Promise.all(folders.map((folder) => installationsIn(folder)))).flat();
}

function pyenvRoot(): string {
  return process.env.PYENV_ROOT ?? path.join(homedir(), '.pyenv');
}

/** The interpreters that uv has installed. */
async function fromUv(signal: AbortSignal | undefined): Promise<Candidate[]> {
  const uv = await findUv();
  if (uv === undefined) return [];
  const args = ['python', 'dir', '--no-config', '--offline'];
  const options = { cwd: path.dirname(uv), timeoutMs: QUERY_TIMEOUT_MS, signal };
  const { stdout, exitCode } = await runProgram(uv, args, options);
  return exitCode === 0 ? installationsIn(stdout.trim()) : [];
}

async function fromSystem(): Promise<Candidate[]> {
  const { LOCALAPPDATA = '', PROGRAMFILES = '' } = process.env;
  const lists = windows
    ? [path.join(LOCALAPPDATA, 'Programs', 'Python'), PROGRAMFILES].map((folder) =>
        installationsIn(folder, /^Python3\d+(-\d+)?$/i),
      )
    : ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'].map(interpretersIn);
  if (macos) lists.push(installationsIn('/Library/Frameworks/Python.framework/Versions', /^3\.\d+$/));
  return (await Promise.all(lists)).flat();
}
