import { spawn } from 'node:child_process';
import { CodeModeError } from '../../../contract/errors.ts';
import { LineSplitter } from '../../lineSplitter.ts';
import { killProcessTree } from '../../processTree.ts';
import type { EngineCall } from './engine.ts';

/** A program of the engine with all its arguments. */
export interface EngineCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** How a command ended. */
export interface CommandEnd {
  readonly succeeded: boolean;
  readonly stdout: string;
  /** The end of what it wrote to standard error. */
  readonly complaint: string;
  /** How it ended, for people: `exit code 125`. */
  readonly end: string;
}

const windows = process.platform === 'win32';

/** Characters of standard error that are kept. */
const COMPLAINT_CHARACTERS = 65_536;
/** Milliseconds that a command has to take back what it has begun, such as half an image. */
const GRACE_MS = 10_000;

/** The environment of the engine's own program: ours, without advice that it would add to what it says. */
export function engineEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, DOCKER_CLI_HINTS: 'false' };
}

/**
 * Runs a command of the engine to its end, in a process group of its own: Ctrl+C in the terminal is not for it.
 *
 * @throws CodeModeError `cancelled` once it is gone; `start-failed` where it takes too long
 * @throws the system's error where it cannot be started
 */
export async function runCommand(
  { file, args }: EngineCommand,
  { signal, cancel, onLine, timeoutMs, input }: EngineCall = {},
): Promise<CommandEnd> {
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, timeout].filter((each) => each !== undefined));
  if (stop.aborted) throw cancelled();
  const child = spawn(file, args, {
    env: engineEnvironment(),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: !windows,
    windowsHide: true,
  });
  const kill = () => killProcessTree(child);
  let grace: NodeJS.Timeout | undefined;
  const end = () => {
    if (cancel && child.pid !== undefined) cancel(child.pid);
    else child.kill('SIGTERM');
    grace = setTimeout(kill, GRACE_MS);
  };
  stop.addEventListener('abort', end);
  process.once('exit', kill);
  child.stdin?.on('error', () => undefined).end(input);
  const stdout: Buffer[] = [];
  let complaint = '';
  const splitters = onLine ? [child.stdout!, child.stderr!].map((stream) => follow(stream, onLine)) : [];
  child.stdout!.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARACTERS);
  });
  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', (error) => child.pid === undefined && reject(error));
      child.once('close', (...how) => resolve(how));
    });
    for (const splitter of splitters) splitter.end();
    if (signal?.aborted) throw cancelled();
    if (timeout?.aborted) throw tooLong(timeoutMs ?? 0);
    return {
      succeeded: code === 0,
      stdout: Buffer.concat(stdout).toString('utf8'),
      complaint: complaint.trim(),
      end: killedBy ? `signal ${killedBy}` : `exit code ${code}`,
    };
  } finally {
    clearTimeout(grace);
    stop.removeEventListener('abort', end);
    process.removeListener('exit', kill);
  }
}

function follow(stream: NodeJS.ReadableStream, onLine: (line: string) => void): LineSplitter {
  const splitter = new LineSplitter((line) => line.trim() !== '' && onLine(line.trimEnd()));
  stream.on('data', (bytes: Buffer) => splitter.write(bytes));
  return splitter;
}

function cancelled(): CodeModeError {
  return new CodeModeError('cancelled', 'It was cancelled.');
}

function tooLong(timeoutMs: number): CodeModeError {
  return new CodeModeError(
    'start-failed',
    `The container engine has not answered within ${timeoutMs / 1000} seconds.`,
    { hint: 'See whether it answers in a terminal, and restart it where it does not.' },
  );
}
