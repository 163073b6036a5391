import { belowFromProc, belowInRows, listProcesses, readProcessFile } from './processesBelow.ts';

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
  const memoryOf = async (pid: number) => {
    // Its own part of what it shares; its whole resident memory says more, and is told of everybody's processes.
    const own = kibibytes('Pss', await readProcessFile(proc, `${pid}`, 'smaps_rollup'));
    return own ?? kibibytes('VmRSS', await readProcessFile(proc, `${pid}`, 'status'));
  };

  const total = await memoryOf(root);
  if (total === undefined) return undefined;
  const tree = await belowFromProc(root, proc);
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
  const tree = await belowInRows(root, rows);
  return tree.reduce((sum, pid) => sum + (sizes.get(pid) ?? 0), total);
}

/** Bytes in the line `name` of a process file, which tells KiB; undefined where it has none. */
function kibibytes(name: string, text: string | undefined): number | undefined {
  const kib = text?.match(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm'))?.[1];
  return kib === undefined ? undefined : Number(kib) * BYTES_PER_KIB;
}
