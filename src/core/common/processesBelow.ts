import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Milliseconds that `ps` has to list the processes. */
const PS_TIMEOUT_MS = 5_000;

/** A process, its parent, and its resident memory in KiB. */
export type ProcessRow = readonly [pid: number, parent: number, kib: number];

/**
 * The ids of all processes below process `root`, without it. A process whose parent has ended is below nobody any more.
 * Empty where the system does not tell, as on Windows. Never rejects.
 */
export async function processesBelow(root: number): Promise<number[]> {
  switch (process.platform) {
    case 'linux':
      return belowFromProc(root);
    case 'win32':
      return [];
    default:
      return belowInRows(root, await listProcesses());
  }
}

/** As {@link processesBelow}, by Linux's process files in the folder `proc`. */
export async function belowFromProc(root: number, proc = '/proc'): Promise<number[]> {
  const read = (...names: string[]) => readProcessFile(proc, ...names);

  const listedChildren = async (pid: number) => {
    const threads = await readdir(path.join(proc, `${pid}`, 'task')).catch(() => []);
    const lists = await Promise.all(threads.map((thread) => read(`${pid}`, 'task', thread, 'children')));
    return lists.flatMap((list) => list?.match(/\d+/g) ?? []).map(Number);
  };

  const allParents = async () => {
    const pids = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name));
    return Promise.all(
      pids.map(async (pid) => {
        // The name before it may hold anything, spaces and brackets too.
        const parent = (await read(pid, 'stat'))?.match(/.*\) \S (\d+)/s)?.[1];
        return [Number(pid), Number(parent)] as const;
      }),
    );
  };

  // A kernel may be built without these lists.
  const hasLists = (await read(`${root}`, 'task', `${root}`, 'children')) !== undefined;
  return treeBelow(root, hasLists ? listedChildren : childrenIn(await allParents()));
}

/** As {@link processesBelow}, in what {@link listProcesses} gave. */
export function belowInRows(root: number, rows: readonly ProcessRow[]): Promise<number[]> {
  return treeBelow(root, childrenIn(rows));
}

/** A file of Linux's process files; undefined where it can't be read. */
export function readProcessFile(...names: string[]): Promise<string | undefined> {
  return readFile(path.join(...names), 'utf8').catch(() => undefined);
}

let listing: Promise<readonly ProcessRow[]> | undefined;

/** All processes by the program `ps` of POSIX systems: one list for all that ask at the same time. Never rejects. */
export function listProcesses(): Promise<readonly ProcessRow[]> {
  listing ??= promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss='], {
    timeout: PS_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
    .then(
      ({ stdout }) =>
        stdout
          .trim()
          .split('\n')
          .map((row) => row.trim().split(/\s+/).map(Number) as unknown as ProcessRow),
      () => [],
    )
    .finally(() => {
      listing = undefined;
    });
  return listing;
}

async function treeBelow(
  root: number,
  childrenOf: (pid: number) => readonly number[] | Promise<readonly number[]>,
): Promise<number[]> {
  // A set: ids are given anew while we read, and what we read may go round in a circle.
  const tree = new Set([root]);
  for (const pid of tree) for (const child of await childrenOf(pid)) tree.add(child);
  tree.delete(root);
  return [...tree];
}

/** A look-up of children in rows of a process and its parent. */
function childrenIn(
  rows: readonly (readonly [pid: number, parent: number, ...rest: unknown[]])[],
): (pid: number) => number[] {
  return (above) => rows.filter(([, parent]) => parent === above).map(([pid]) => pid);
}
