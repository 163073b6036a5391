import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type FoundInterpreter,
  findInterpreters,
  type PythonEnvironment,
  type ResolveOptions,
  resolveEnvironment,
} from '../../src/core/executors/subprocess/environment/index.ts';
import {
  compareVersions,
  minorVersion,
  NEWEST,
} from '../../src/core/executors/subprocess/environment/versions.ts';

/** The CPython installations of this machine that are supported, the newest first. */
export async function installedPythons(): Promise<readonly FoundInterpreter[]> {
  const cacheFolder = mkdtempSync(path.join(tmpdir(), 'code-mode-installed-'));
  try {
    const found = await findInterpreters({ cacheFolder, log: () => undefined });
    return found.filter(
      ({ kind, version }) => kind === 'installation' && compareVersions(minorVersion(version), NEWEST) <= 0,
    );
  } finally {
    rmSync(cacheFolder, { recursive: true, force: true });
  }
}

/**
 * A home, a search path, a workspace and a cache of their own, so that what this machine's person has installed or
 * configured plays no part but for the system's own folders.
 */
export class PythonWorld {
  readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'code-mode-world-')));
  readonly home = path.join(this.root, 'home');
  /** The first folder of the search path. */
  readonly programs = path.join(this.root, 'programs');
  readonly cacheFolder = path.join(this.root, 'cache');
  readonly environments = path.join(this.cacheFolder, 'environments');
  readonly workspaceFolder = path.join(this.root, 'My würk.space');
  /** What was logged, line by line. */
  readonly log: string[] = [];
  /** What was said to take longer. */
  readonly progress: string[] = [];
  readonly #environment = { ...process.env };

  constructor() {
    for (const folder of [this.home, this.programs, this.workspaceFolder]) mkdirSync(folder);
    for (const name of Object.keys(process.env)) {
      if (/^(PYENV|UV|PIP|PYTHON|XDG|CONDA)_|^VIRTUAL_ENV$/.test(name)) delete process.env[name];
    }
    process.env.HOME = process.env.USERPROFILE = this.home;
    process.env.PATH = [this.programs, '/usr/bin', '/bin'].join(path.delimiter);
  }

  leave(): void {
    // Key by key: only so the process's own environment changes.
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, this.#environment);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  inWorkspace(...parts: string[]): string {
    return path.join(this.workspaceFolder, ...parts);
  }

  /** Puts a link to a program on the search path. */
  link(program: string, name: string): string {
    const file = path.join(this.programs, name);
    rmSync(file, { force: true });
    symlinkSync(program, file);
    return file;
  }

  /** Puts an installation on the search path under its ordinary name: `python3.12`. */
  install({ executable, version }: FoundInterpreter): string {
    return this.link(executable, `python${version.split('.', 2).join('.')}`);
  }

  resolve(python: string, options: Partial<ResolveOptions> = {}): Promise<PythonEnvironment> {
    return resolveEnvironment({
      python,
      workspaceFolder: this.workspaceFolder,
      cacheFolder: this.cacheFolder,
      log: (line) => void this.log.push(line),
      onProgress: (message) => void this.progress.push(message),
      ...options,
    });
  }

  /** The lines of the log that say that an environment is made. */
  made(): readonly string[] {
    return this.log.filter((line) => line.includes('making '));
  }
}

/** Makes a virtual environment by hand. @returns its interpreter */
export function makeVenv(python: string, folder: string): string {
  execFileSync(python, ['-I', '-m', 'venv', '--without-pip', folder], { timeout: 20_000 });
  return path.join(folder, 'bin', 'python');
}

/** The folder of an environment's packages. */
export function packagesOf(interpreter: string): string {
  const code = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  const options = { encoding: 'utf8', timeout: 20_000 } as const;
  // What runs at its start may have printed before.
  return execFileSync(interpreter, ['-I', '-c', code], options).trim().split('\n').at(-1) ?? '';
}

/** Has an environment run code whenever it is started. Debian's Python has a sitecustomize of its own, so not by that. */
export function runAtStart(interpreter: string, code: string): void {
  const packages = packagesOf(interpreter);
  writeFileSync(path.join(packages, 'at_start.py'), `${code}\n`);
  writeFileSync(path.join(packages, 'at_start.pth'), 'import at_start\n');
}

/**
 * Makes an environment note each of its starts.
 * @returns how often it was started since
 */
export function countStarts(interpreter: string): () => number {
  const notes = path.join(packagesOf(interpreter), 'starts.txt');
  runAtStart(interpreter, `open(${JSON.stringify(notes)}, "a").write("x")`);
  return () => statSync(notes, { throwIfNoEntry: false })?.size ?? 0;
}
