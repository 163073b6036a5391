import { spawn } from 'node:child_process';
import { access, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { ChildTransport } from '../../connection/childTransport.ts';
import { untilReady } from '../../connection/resumedTransport.ts';
import type { Transport } from '../../connection/transport.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { type Confinement, confineBySetting, networkPolicy, type Program } from '../confineBySetting.ts';
import { killProcessTree } from '../processTree.ts';
import { ChildPipe, END, INTERRUPT_BYTES } from './runtime/childPipes.ts';
import { PACKAGES_OPTION, type PyodideFiles, pyodideFiles } from './runtime/files.ts';
import type { SandboxSettings } from './settings.ts';
import { ThreadTransport } from './threadTransport.ts';

/**
 * Starts Pyodide on a worker thread of this process.
 *
 * @param packagesFolder - absolute path of the environment whose packages Python sees beside its own; undefined: none
 * @throws CodeModeError `start-failed`
 */
export async function startThread(
  distFolder: string,
  packagesFolder: string | undefined,
): Promise<Transport> {
  const files = pyodideFiles(distFolder);
  await checkFiles(files);
  return new ThreadTransport(files, packagesFolder);
}

/** A child process with Pyodide in it that is ready. */
export interface StartedSandbox {
  readonly transport: Transport;
  /** Whether it is under the operating system's sandbox. */
  readonly isConfined: boolean;
}

/** What Pyodide in a child process is started with. */
export interface SandboxStart {
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  /** Absolute path of the environment whose packages Python sees beside its own, and can't change; undefined: none. */
  readonly packagesFolder: string | undefined;
  readonly settings: SandboxSettings;
  readonly log: (line: string) => void;
}

/**
 * Starts Pyodide in a child process under Node's permission model and, as the settings ask, under the operating
 * system's sandbox.
 *
 * @throws CodeModeError `start-failed`, also where a sandbox is required and missing
 */
export async function startSandbox(
  { distFolder, packagesFolder, settings, log }: SandboxStart,
  signal: AbortSignal,
): Promise<StartedSandbox> {
  // The permission model compares real paths.
  const folder = await realpath(distFolder);
  const packages = packagesFolder === undefined ? [] : [await realpath(packagesFolder)];
  const files = pyodideFiles(folder);
  await checkFiles(files);
  const program = {
    command: process.execPath,
    args: [
      ...permissionFlags([folder, ...packages]),
      files.childFile,
      ...packages.map((shown) => `${PACKAGES_OPTION}${shown}`),
    ],
    // The child needs nothing of our environment, and Python is not to see what is in it.
    // Allowed domains are reached through a proxy, which Node's fetch knows from its version 22.21 on.
    env: { ELECTRON_RUN_AS_NODE: '1', NODE_USE_ENV_PROXY: '1' },
  };
  // Without the sandbox, the list of domains would be a setting that does nothing.
  const [setting, wish] =
    settings.osSandbox === 'auto' && settings.network === 'allowedDomains'
      ? (['codeMode.sandbox.network', 'required'] as const)
      : (['codeMode.sandbox.osSandbox', settings.osSandbox] as const);
  const confinement = await confineBySetting(
    setting,
    wish,
    program,
    {
      writable: [],
      readable: [folder, ...packages, path.dirname(process.execPath)],
      otherFiles: 'hidden',
      network: networkPolicy(settings.network, settings.allowedDomains),
      workingFolder: files.pyodideFolder,
    },
    signal,
    log,
  );
  if (!confinement) return { transport: spawnChild(program, files), isConfined: false };
  const confined = spawnChild(confinement, files, confinement);
  if (wish === 'required') return { transport: confined, isConfined: true };
  try {
    return { transport: await untilReady(confined, signal), isConfined: true };
  } catch (error) {
    if (signal.aborted) throw error;
    // The program is ours and starts everywhere: it is the sandbox that does not fit this system.
    log(`the operating system's sandbox cannot be used: ${CodeModeError.describe(error)}`);
    return { transport: spawnChild(program, files), isConfined: false };
  }
}

function spawnChild(program: Program, files: PyodideFiles, confinement?: Confinement): Transport {
  const child = spawn(program.command, program.args, {
    env: program.env,
    cwd: files.pyodideFolder,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe', 'pipe'],
    detached: confinement !== undefined,
    windowsHide: true,
  });
  const interrupts = child.stdio[ChildPipe.INTERRUPTS] as Duplex;
  interrupts.on('error', () => undefined);
  const control = (word: number) => {
    const bytes = Buffer.alloc(INTERRUPT_BYTES);
    bytes.writeUInt32BE(word);
    interrupts.write(bytes);
  };
  return new ChildTransport(
    child,
    {
      input: child.stdin as Writable,
      output: child.stdio[ChildPipe.OUTPUT] as Readable,
      complaints: child.stderr as Readable,
    },
    {
      interrupt: control,
      end: () => control(END),
      ...(confinement && { kill: () => killProcessTree(child), cleanUp: () => confinement.release() }),
    },
  );
}

/**
 * Node's permission model: reads below these folders alone, no writes, no child processes, no native add-ons. A
 * hedge, which Node itself does not call a defence against malicious code, and so no capability rests on it.
 */
function permissionFlags(folders: readonly string[]): string[] {
  // Its experimental name is the older one; a runtime that knows neither would refuse to start with it.
  const known = process.allowedNodeEnvironmentFlags;
  const flag = ['--permission', '--experimental-permission'].find((name) => known.has(name));
  if (!flag) return [];
  // Some versions take a comma for the end of a path.
  const readable = folders.some((folder) => folder.includes(',')) ? ['*'] : folders;
  return [flag, ...readable.map((folder) => `--allow-fs-read=${folder}`), '--allow-worker', '--no-warnings'];
}

async function checkFiles(files: PyodideFiles): Promise<void> {
  try {
    await Promise.all([access(files.workerFile), access(files.snapshotFile)]);
  } catch (cause) {
    throw new CodeModeError('start-failed', 'The files of the embedded Python are missing.', {
      hint: 'Reinstall the extension, or run "npm run build" in its sources.',
      cause,
    });
  }
}
