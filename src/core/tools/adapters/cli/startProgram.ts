import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { closeEnd, type Pipe, pipes } from './pipes.ts';
import type { ProgramOptions } from './program.ts';

/** A program under way. */
export interface StartedProgram {
  readonly child: ChildProcess;
  /** Null: its input has ended. */
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once it runs. @throws the system's error where it can't be started */
  readonly started: Promise<void>;
}

/** Starts a program as the head of a process group. */
export async function startProgram(options: ProgramOptions): Promise<StartedProgram> {
  const { file, args, cwd, env, stdin } = options;
  const [output, errors] = await Promise.all([pipes.take(), pipes.take()]);
  const taken = [output, errors].filter((pipe) => pipe !== undefined);
  let child: ChildProcess;
  try {
    child = spawn(file, args, {
      cwd,
      env,
      stdio: [stdin ? 'pipe' : 'ignore', output?.writing ?? 'pipe', errors?.writing ?? 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (error) {
    for (const { reading } of taken) closeEnd(reading);
    throw error;
  } finally {
    // The program has its own by now.
    for (const { writing } of taken) closeEnd(writing);
  }
  return {
    child,
    stdin: child.stdin,
    stdout: output ? readableOf(output) : child.stdout!,
    stderr: errors ? readableOf(errors) : child.stderr!,
    started: new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      // Stays, for whatever may come later.
      child.on('error', reject);
    }),
  };
}

function readableOf({ reading }: Pipe): Readable {
  return new Socket({ fd: reading, readable: true, writable: false });
}
