import path from 'node:path';
import type { Candidate } from './installations.ts';
import { isThere } from './layout.ts';
import { runProgram } from './program.ts';

const QUERY_TIMEOUT_MS = 5_000;

/** The interpreters that the launcher of Python for Windows knows. */
export async function launcherCandidates(signal: AbortSignal | undefined): Promise<Candidate[]> {
  const folder = process.env.SYSTEMROOT;
  if (process.platform !== 'win32' || folder === undefined) return [];
  const launcher = path.join(folder, 'py.exe');
  if (!(await isThere(launcher))) return [];
  const { stdout } = await runProgram(launcher, ['-0p'], {
    cwd: folder,
    timeoutMs: QUERY_TIMEOUT_MS,
    signal,
  });
  return parseLauncherList(stdout);
}

/**
 * Reads what `py -0p` prints: lines such as ` -V:3.12 *        C:\Python312\python.exe`, those of older ones
 * ` -3.12-64 *  C:\Python312\python.exe`, those of other distributors ` -V:Company/Tag  C:\python.exe`.
 */
export function parseLauncherList(text: string): Candidate[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, tag = '', executable] = /^\s*-(\S+)\s+(?:\*\s+)?(\S.*\.exe)\s*$/i.exec(line) ?? [];
    const version = /^(?:V:)?(\d\.\d+)(?:-\w+)?$/.exec(tag)?.[1];
    return executable === undefined ? [] : [{ executable, version }];
  });
}
