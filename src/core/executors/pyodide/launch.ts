import { spawn } from 'node:child_process';
import { access, realpath } from 'node:fs/promises';
import type { Duplex, Readable, Writable } from 'node:stream';
import { ChildTransport } from '../../connection/childTransport.ts';
import type { Launcher } from '../../connection/transport.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { ChildPipe, END, INTERRUPT_BYTES } from './runtime/childPipes.ts';
import { type PyodideFiles, pyodideFiles } from './runtime/files.ts';
import { ThreadTransport } from './threadTransport.ts';

/** Starts Pyodide on a worker thread of this process. */
export function threadLauncher(distFolder: string): Launcher {
  const files = pyodideFiles(distFolder);
  return async () => {
    await checkFiles(files);
    return new ThreadTransport(files);
  };
}

/** Starts Pyodide in a child process under Node's permission model. */
export function childLauncher(distFolder: string): Launcher {
  return async () => {
    // The permission model compares real paths.
    const folder = await realpath(distFolder);
    const files = pyodideFiles(folder);
    await checkFiles(files);
    const child = spawn(process.execPath, [...permissionFlags(folder), files.childFile], {
      // The child needs nothing of our environment, and Python is not to see what is in it.
      env: { ELECTRON_RUN_AS_NODE: '1' },
      cwd: files.pyodideFolder,
      stdio: ['pipe', 'ignore', 'pipe', 'pipe', 'pipe'],
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
      { interrupt: control, end: () => control(END) },
    );
  };
}

/**
 * Node's permission model: reads below `dist` alone, no writes, no child processes, no native add-ons. A
 * hedge, which Node itself does not call a defence against malicious code, and so no capability rests on it.
 */
function permissionFlags(distFolder: string): string[] {
  // Its experimental name is the older one; a runtime that knows neither would refuse to start with it.
  const known = process.allowedNodeEnvironmentFlags;
  const flag = ['--permission', '--experimental-permission'].find((name) => known.has(name));
  if (!flag) return [];
  // Some versions take a comma for the end of a path.
  const readable = distFolder.includes(',') ? '*' : distFolder;
  return [flag, `--allow-fs-read=${readable}`, '--allow-worker', '--no-warnings'];
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
