import { killProcessGroup } from '../../../common/processes.ts';
import { CodeModeError } from '../../../contract/errors.ts';
import { programEnvironment } from './programEnvironment.ts';

/** How a program is run. */
export interface ProgramOptions {
  /** Absolute path of the folder that it runs in. */
  readonly cwd: string;
  /** Milliseconds after which it is killed. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined where a signal ended it, or where it could not be started. */
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  /** What went wrong, for a log or as the cause of an error; undefined where nothing did. */
  readonly failure: Error | undefined;
}

/** Characters of output that are kept; a program that prints more is ended. */
const OUTPUT_CHARACTERS = 4_000_000;
/** Milliseconds for the output to arrive after the end; then its pipes are closed, whoever still holds them. */
const DRAIN_MS = 1_000;

const windows = process.platform === 'win32';

/**
 * Runs a program to its end, without input. It is the head of a process group that is killed when it ends, when
 * `timeoutMs` are over, when `signal` is aborted and when this process exits.
 *
 * @throws CodeModeError `cancelled`
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramEnd> {
  const { cwd, timeoutMs, signal } = options;
  throwIfCancelled(signal);
  // Loaded here, since a good environment that is known starts no program.
  const { execa, execaSync } = await import('execa');
  const child = execa(file, [...args], {
    cwd,
    env: programEnvironment(),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    maxBuffer: OUTPUT_CHARACTERS,
    windowsHide: true,
    detached: !windows,
    cleanup: false,
  });
  const { pid } = child;
  const kill = () => {
    if (pid === undefined) return;
    if (windows) execaSync('taskkill', ['/T', '/F', '/PID', String(pid)], { reject: false, stdio: 'ignore' });
    else killProcessGroup(pid);
  };
  let timedOut = false;
  const timeout = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);
  let drain: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    clearTimeout(timeout);
    signal?.removeEventListener('abort', kill);
    process.removeListener('exit', kill);
    // What it started may hold its pipes open, for which the result would wait. Windows has no group left by now.
    if (pid !== undefined && !windows) killProcessGroup(pid);
    drain = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, DRAIN_MS);
  });
  signal?.addEventListener('abort', kill);
  process.once('exit', kill);
  try {
    const { stdout, stderr, exitCode, failed, shortMessage } = await child;
    throwIfCancelled(signal);
    return { stdout, stderr, exitCode, timedOut, failure: failed ? new Error(shortMessage) : undefined };
  } finally {
    clearTimeout(timeout);
    clearTimeout(drain);
    signal?.removeEventListener('abort', kill);
    process.removeListener('exit', kill);
  }
}

/** @throws CodeModeError `cancelled` if `signal` is aborted */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new CodeModeError('cancelled', 'Starting Python was cancelled.', { cause: signal.reason });
  }
}
