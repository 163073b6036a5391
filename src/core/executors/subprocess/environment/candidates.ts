import { readdir, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { interpreterIn, isThere } from './layout.ts';
import { runProgram } from './program.ts';
import { searchPath } from './searchPath.ts';
import { findUv } from './uv.ts';

/** A place where an interpreter seems to be; only starting it tells. */
export interface Candidate {
  /** Absolute path. */
  readonly executable: string;
  /** `3.12`, by its name or that of its folder; undefined where they say nothing. */
  readonly version: string | undefined;
  readonly source: 'path' | 'pyenv' | 'uv' | 'system' | 'launcher' | 'conda';
}

const windows = process.platform === 'win32';
const macos = process.platform === 'darwin';
const QUERY_TIMEOUT_MS = 5_000;

/**
 * Where the interpreters of this machine seem to be, each file once, in the order of preference: the search path
 * first, Conda's last.
 */
export async function interpreterCandidates(signal?: AbortSignal): Promise<readonly Candidate[]> {
  const found = await Promise.all([
    onSearchPath(),
    fromVersionManagers(),
    fromUv(signal),
    fromSystem(),
    fromLauncher(signal),
    fromConda(),
  ]);
  const candidates = new Map<string, Candidate>();
  for (const candidate of found.flat()) {
    const file = await realpath(candidate.executable).catch(() => candidate.executable);
    if (!candidates.has(file)) {
      candidates.set(file, {
        ...candidate,
        version: candidate.version ?? versionInName(path.basename(file)),
      });
    }
  }
  return [...candidates.values()];
}

/** pyenv's shims are left out: what they start is found by itself, whichever version pyenv has chosen. */
async function onSearchPath(): Promise<Candidate[]> {
  const shims = path.join(pyenvRoot(), 'shims');
  const folders = searchPath().filter((folder) => path.normalize(folder) !== shims);
  const lists = await Promise.all(folders.map((folder) => interpretersIn(folder)));
  return lists.flat();
}

async function interpretersIn(folder: string, source: Candidate['source'] = 'path'): Promise<Candidate[]> {
  // Without its developer tools macOS has a file there that opens a dialog.
  if (macos && folder === '/usr/bin' && !(await hasDeveloperTools())) return [];
  const pattern = windows ? /^python(3(\.\d+)?)?\.exe$/i : /^python(3(\.\d+)?)?$/;
  const names = (await childrenOf(folder)).filter((name) => pattern.test(name));
  // Of several names for one file the one that an upgrade does not lead elsewhere.
  names.sort((a, b) => b.length - a.length);
  return names.map((name) => ({
    executable: path.join(folder, name),
    version: versionInName(name),
    source,
  }));
}

async function hasDeveloperTools(): Promise<boolean> {
  const places = ['/Library/Developer/CommandLineTools/usr/bin/python3', '/Applications/Xcode.app'];
  return (await Promise.all(places.map(isThere))).includes(true);
}

async function fromVersionManagers(): Promise<Candidate[]> {
  const data = process.env.XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share');
  const lists = await Promise.all([
    installationsIn(path.join(pyenvRoot(), 'versions'), 'pyenv'),
    installationsIn(path.join(homedir(), '.pyenv', 'pyenv-win', 'versions'), 'pyenv'),
    installationsIn(path.join(homedir(), '.asdf', 'installs', 'python'), 'system'),
    installationsIn(path.join(data, 'mise', 'installs', 'python'), 'system'),
  ]);
  return lists.flat();
}

function pyenvRoot(): string {
  return process.env.PYENV_ROOT ?? path.join(homedir(), '.pyenv');
}

/** The interpreters that uv has downloaded. */
async function fromUv(signal: AbortSignal | undefined): Promise<Candidate[]> {
  const uv = await findUv();
  if (uv === undefined) return [];
  const { stdout, exitCode } = await runProgram(uv, ['python', 'dir', '--no-config', '--offline'], {
    cwd: path.dirname(uv),
    timeoutMs: QUERY_TIMEOUT_MS,
    signal,
  });
  return exitCode === 0 ? installationsIn(stdout.trim(), 'uv') : [];
}

async function fromSystem(): Promise<Candidate[]> {
  if (windows) {
    const { LOCALAPPDATA = '', PROGRAMFILES = '' } = process.env;
    const folders = [path.join(LOCALAPPDATA, 'Programs', 'Python'), PROGRAMFILES];
    const lists = folders.map((folder) => installationsIn(folder, 'system', /^Python3\d+$/i));
    return (await Promise.all(lists)).flat();
  }
  const lists = await Promise.all([
    ...['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'].map((folder) => interpretersIn(folder, 'system')),
    ...(macos
      ? [installationsIn('/Library/Frameworks/Python.framework/Versions', 'system', /^3\.\d+$/)]
      : []),
  ]);
  return lists.flat();
}

/** What the launcher of Python for Windows knows: lines such as ` -V:3.12 *   C:\Python312\python.exe`. */
async function fromLauncher(signal: AbortSignal | undefined): Promise<Candidate[]> {
  if (!windows) return [];
  const folder = searchPath().find((folder) => folder.toLowerCase().endsWith('windows')) ?? 'C:\\Windows';
  const launcher = path.join(folder, 'py.exe');
  if (!(await isThere(launcher))) return [];
  const { stdout } = await runProgram(launcher, ['-0p'], {
    cwd: folder,
    timeoutMs: QUERY_TIMEOUT_MS,
    signal,
  });
  return parseLauncherList(stdout);
}

export function parseLauncherList(text: string): Candidate[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, version, executable] =
      /^\s*-(?:V:)?(?:[^\s/]*\/)?(3\.\d+)?\S*\s+(?:\*\s+)?(\S.*\.exe)\s*$/i.exec(line) ?? [];
    return executable ? [{ executable, version, source: 'launcher' as const }] : [];
  });
}

/** Conda's installations in their usual places, their environments, and those that Conda has noted. */
async function fromConda(): Promise<Candidate[]> {
  const home = homedir();
  const names = ['miniforge3', 'mambaforge', 'miniconda3', 'anaconda3'];
  const bases = [
    ...names.map((name) => path.join(home, name)),
    ...(windows ? names.map((name) => path.join(process.env.PROGRAMDATA ?? 'C:\\ProgramData', name)) : []),
    ...(windows ? [] : ['/opt/conda', ...names.map((name) => path.join('/opt', name))]),
  ];
  const noted = await readFile(path.join(home, '.conda', 'environments.txt'), 'utf8').catch(() => '');
  const folders = new Set([...bases, ...noted.split(/\r?\n/).map((line) => line.trim())]);
  const own = await Promise.all(
    [...folders].filter((folder) => path.isAbsolute(folder)).map((folder) => installation(folder, 'conda')),
  );
  const below = await Promise.all(bases.map((base) => installationsIn(path.join(base, 'envs'), 'conda')));
  return [...own, ...below].flat();
}

async function installationsIn(
  folder: string,
  source: Candidate['source'],
  pattern = /^/,
): Promise<Candidate[]> {
  if (!path.isAbsolute(folder)) return [];
  const names = (await childrenOf(folder)).filter((name) => pattern.test(name));
  const found = await Promise.all(names.map((name) => installation(path.join(folder, name), source)));
  return found.flat();
}

async function installation(folder: string, source: Candidate['source']): Promise<Candidate[]> {
  const executable = await interpreterIn(folder);
  if (executable === undefined) return [];
  return [{ executable, version: versionInName(path.basename(folder)), source }];
}

/** `3.12` of `python3.12`, `3.12.1`, `cpython-3.12.1-linux` and `Python312`. */
function versionInName(name: string): string | undefined {
  const [, dotted, minor] =
    /^(?:c?python-?)?(?:(\d+\.\d+)|3(\d+)(?:-\d+)?$)/i.exec(name.replace(/\.exe$/i, '')) ?? [];
  return dotted ?? (minor && `3.${minor}`);
}

async function childrenOf(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
