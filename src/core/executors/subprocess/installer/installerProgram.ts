import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import type { InstallerEnd } from '../../installing/installPlan.ts';
import { LINE_CHARACTERS, LineSplitter } from '../../lineSplitter.ts';
import { killProcessTree } from '../../processTree.ts';

/** A program to run, without a shell. */
export interface InstallerCommand {
  /** Absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  /** All of its environment variables. May have passwords: not to be shown. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path. */
  readonly cwd: string;
}

/** How an installer is followed. */
export interface InstallerWatch {
  /** Kills it with all that it started. */
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  /** Takes passwords out of a line. */
  readonly mask: (text: string) => string;
}

const windows = process.platform === 'win32';

const MOST_LINES = 2_000;
/** Milliseconds for the output to arrive after the end; then its pipes are closed, whoever still holds them. */
const DRAIN_MS = 1_000;

/**
 * Runs an installer to its end, without input: however long it takes, as long as somebody waits for it. It is the head of a
 * process group, which is killed when it ends, when the signal is aborted and when this process exits. Never rejects.
 */
export function runInstaller(command: InstallerCommand, watch: InstallerWatch): Promise<InstallerEnd> {
  const { signal, onLine, mask } = watch;
  if (signal.aborted)
    return Promise.resolve({ succeeded: false, lines: [], brokenOff: 'it was not started' });
  const lines: string[] = [];
  const take = (text: string) => {
    const line = mask(stripVTControlCharacters(text).slice(0, LINE_CHARACTERS)).trimEnd();
    if (line === '') return;
    lines.push(line);
    if (lines.length > MOST_LINES) lines.shift();
    onLine(line);
  };
  return new Promise((resolve) => {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !windows,
      windowsHide: true,
    });
    const kill = () => killProcessTree(child);
    signal.addEventListener('abort', kill);
    process.once('exit', kill);
    const stopWatching = () => {
      signal.removeEventListener('abort', kill);
      process.removeListener('exit', kill);
    };
    const splitters = [child.stdout, child.stderr].map((stream) => {
      const splitter = new LineSplitter(take);
      stream.on('data', (chunk: Buffer) => splitter.write(chunk));
      return splitter;
    });
    let drain: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      stopWatching();
      // What it started may hold its pipes open. Windows has no group left by now.
      if (!windows) kill();
      drain = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN_MS);
    });
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      stopWatching();
      resolve({ succeeded: false, lines, brokenOff: error.message });
    });
    child.once('close', (code, killedBy) => {
      clearTimeout(drain);
      for (const splitter of splitters) splitter.end();
      const brokenOff = killedBy ? `it was killed by ${killedBy}` : undefined;
      resolve({ succeeded: code === 0, lines, brokenOff });
    });
  });
}
