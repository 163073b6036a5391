import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import type { Duplex, Readable, Writable } from 'node:stream';
import { ChildTransport } from '../../connection/childTransport.ts';
import type { Launcher } from '../../connection/transport.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { ChildPipe, INTERRUPT_BYTES } from './runtime/childPipes.ts';
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
  const files = pyodideFiles(distFolder);
  return async () => {
    await checkFiles(files);
    const child = spawn(process.execPath, [...permissionFlags(distFolder), files.childFile], {
      // The child needs nothing of our environment, and Python is not to see what is in it.
      env: { ELECTRON_RUN_AS_NODE: '1' },
      cwd: files.pyodideFolder,
      stdio: ['pipe', 'ignore', 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const interrupts = child.stdio[ChildPipe.INTERRUPTS] as Duplex;
    interrupts.on('error', () => undefined);
    return new ChildTransport(
      child,
      { input: child.stdin as Writable, output: child.stdio[ChildPipe.OUTPUT] as Readable },
      (run) => {
        const id = Buffer.alloc(INTERRUPT_BYTES);
        id.writeUInt32BE(run);
        interrupts.write(id);
      },
    );
  };
}

/**
 * Node's permission model: reads below `dist` alone, no writes, no child processes, no native add-ons. A
 * hedge, which Node itself does not call a defence against malicious code, and so no capability rests on it.
 */
function permissionFlags(distFolder: string): string[] {
  const major = Number(process.versions.node.split('.', 1)[0]);
  // Node 20 and 22 before 22.13 know it under its experimental name, which later ones still take.
  const flag = major >= 24 ? '--permission' : '--experimental-permission';
  return [flag, `--allow-fs-read=${distFolder}`, '--allow-worker', '--no-warnings'];
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
