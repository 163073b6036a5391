// The sandbox's child process: hosts Pyodide's thread and carries bytes between it and the parent's pipes.
// This thread never runs Python, so it always notices the parent's end and always hears an interrupt.
import { Socket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildPipe, END, INTERRUPT_BYTES } from './childPipes.ts';
import { PACKAGES_OPTION, pyodideFiles } from './files.ts';
import { WorkerHost } from './workerHost.ts';

// Ctrl+C in a terminal goes to every process of the group. What it means is for the parent to say, which interrupts
// Python through its own channel.
process.on('SIGINT', () => undefined);

const files = pyodideFiles(path.join(path.dirname(fileURLToPath(import.meta.url)), '..'));

const output = new Socket({ fd: ChildPipe.OUTPUT, readable: false, writable: true });
const interrupts = new Socket({ fd: ChildPipe.INTERRUPTS, readable: true, writable: false });

const host = new WorkerHost(
  files.workerFile,
  {
    pyodideFolder: files.pyodideFolder,
    pythonFolder: files.pythonFolder,
    snapshotFile: process.argv.includes('--no-snapshot') ? undefined : files.snapshotFile,
    packagesFolder: process.argv
      .find((argument) => argument.startsWith(PACKAGES_OPTION))
      ?.slice(PACKAGES_OPTION.length),
  },
  {
    onBytes: (bytes) =>
      output.write(bytes) ? undefined : new Promise<void>((resolve) => output.once('drain', resolve)),
    onExit: (exitCode, failure) => {
      if (failure) process.stderr.write(`${failure}\n`);
      // After what was written last.
      output.end(() => process.exit(exitCode));
    },
  },
);

process.stdin.on('data', (bytes: Buffer) => host.write(bytes));
// The parent is gone, or wants us to go: nothing is to outlive it.
for (const stream of [process.stdin, interrupts]) {
  stream.on('close', () => process.exit(0));
  stream.on('error', () => process.exit(0));
}
output.on('error', () => process.exit(0));

let pending = Buffer.alloc(0);
interrupts.on('data', (bytes: Buffer) => {
  pending = Buffer.concat([pending, bytes]);
  for (; pending.byteLength >= INTERRUPT_BYTES; pending = pending.subarray(INTERRUPT_BYTES)) {
    const run = pending.readUInt32BE(0);
    if (run === END) void host.terminate();
    else host.interrupt(run);
  }
});
