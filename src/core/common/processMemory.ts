import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Milliseconds that `ps` has to list the processes. */
const PS_TIMEOUT_MS = 5_000;

const BYTES_PER_KIB = 1024;

/**
 * Bytes of memory that process `root` and all processes below it take right now; undefined where it has ended or the
 * system does not tell. A process whose parent has ended is below nobody any more. Never rejects.
 */
export async function processTreeMemory(root: number): Promise<number | undefined> {
  switch (process.platform) {
    case 'linux':
      return memoryFromProc(root);
    case 'win32':
      // It tells by PowerShell, whose start is too dear for a figure that is asked for all the time.
      return undefined;
    default:
      return memoryFromPs(root);
  }
}

/**
 * As {@link processTreeMemory}, by Linux's process files in the folder `proc`. What processes share, as forked ones do,
 * is counted once where the system lets us see it.
 */
export async function memoryFromProc(root: number, proc = '/proc'): Promise<number | undefined> {
  const read = (...names: string[]) => readFile(path.join(proc, ...names), 'utf8').catch(() => undefined);

  const memoryOf = async (pid: number) => {
    // Its own part of what it shares; its whole resident memory says more, and is told of everybody's processes.
    const own = kibibytes('Pss', await read(`${pid}`, 'smaps_rollup'));
    return own ?? kibibytes('VmRSS', await read(`${pid}`, 'status'));
  };

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

  const total = await memoryOf(root);
  if (total === undefined) return undefined;
  // A kernel may be built without these lists.
  const hasLists = (await read(`${root}`, 'task', `${root}`, 'children')) !== undefined;
  const tree = await treeBelow(root, hasLists ? listedChildren : childrenIn(await allParents()));
  const below = await Promise.all(tree.map(memoryOf));
  return below.reduce<number>((sum, bytes) => sum + (bytes ?? 0), total);
}

/** As {@link processTreeMemory}, by the program `ps` of POSIX systems; what processes share is counted for each. */
export async function memoryFromPs(root: number): Promise<number | undefined> {
  const rows = await listProcesses();
  const sizes = new Map(rows.map(([pid, _parent, kib]) => [pid, kib * BYTES_PER_KIB]));
  const total = sizes.get(root);
  // A process that has ended, and whose parent has not noticed, is listed with nothing.
  if (!total) return undefined;
  const tree = await treeBelow(root, childrenIn(rows));
  return tree.reduce((sum, pid) => sum + (sizes.get(pid) ?? 0), total);
}

type ProcessRow = readonly [pid: number, parent: number, kib: number];

let listing: Promise<readonly ProcessRow[]> | undefined;

/** One list for all that ask at the same time. */
function listProcesses(): Promise<readonly ProcessRow[]> {
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

/** The processes below `root`, without it. */
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

/** Bytes in the line `name` of a process file, which tells KiB; undefined where it has none. */
function kibibytes(name: string, text: string | undefined): number | undefined {
  const kib = text?.match(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm'))?.[1];
  return kib === undefined ? undefined : Number(kib) * BYTES_PER_KIB;
}
