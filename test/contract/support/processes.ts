import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The processes below `root`, as this machine lists them. */
export function descendants(root: number): number[] {
  const parents = process.platform === 'linux' ? parentsFromProc() : parentsFromPs();
  const found = [root];
  for (const parent of found)
    found.push(...parents.filter(([, above]) => above === parent).map(([pid]) => pid));
  return found.slice(1);
}

/** Whether a process runs; one that has ended and only waits to be noticed by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || !/^State:\s*[ZX]/m.test(readQuietly(`/proc/${pid}/status`));
}

/** The processes of this machine that have taken a name, on Linux; of those in containers as well. */
export function processesNamed(name: string): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((pid) => readQuietly(`/proc/${pid}/comm`).trimEnd() === name);
}

/** The program of a process and its arguments; empty once it is gone. */
export function commandLine(pid: number): readonly string[] {
  if (process.platform === 'linux') return readQuietly(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
  return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(' ');
}

/** The processes with an argument that begins like this. */
export function processesWith(beginning: string): number[] {
  if (process.platform === 'linux') {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map(Number).filter((pid) => {
      return commandLine(pid).some((argument) => argument.startsWith(beginning)) && isAlive(pid);
    });
  }
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).trim().split('\n');
  return rows.filter((row) => row.includes(` ${beginning}`)).map((row) => Number.parseInt(row, 10));
}

/** How many files and sockets a process has open, on Linux. */
export function openFileCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Bytes of memory that a process has, on Linux; 0 once it is gone. */
export function residentBytes(pid: number): number {
  return Number(readQuietly(`/proc/${pid}/status`).match(/^VmRSS:\s*(\d+)/m)?.[1] ?? 0) * 1024;
}

/** The most memory that a process has had so far, in bytes, on Linux; 0 once it is gone. */
export function peakResidentBytes(pid: number): number {
  return Number(readQuietly(`/proc/${pid}/status`).match(/^VmHWM:\s*(\d+)/m)?.[1] ?? 0) * 1024;
}

/** How many threads a process has; undefined where that is not told. */
export function threadCount(pid: number): number | undefined {
  const count = readQuietly(`/proc/${pid}/status`).match(/^Threads:\s*(\d+)/m)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Waits until all of them have ended. @returns those that still run after `milliseconds` */
export async function untilGone(pids: readonly number[], milliseconds = 15_000): Promise<number[]> {
  const deadline = Date.now() + milliseconds;
  let alive = pids.filter(isAlive);
  while (alive.length > 0 && Date.now() < deadline) {
    await sleep(20);
    alive = alive.filter(isAlive);
  }
  return alive;
}

function parentsFromProc(): [number, number][] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid): [number, number][] => {
      const parent = readQuietly(`/proc/${pid}/status`).match(/^PPid:\s*(\d+)/m)?.[1];
      return parent && isAlive(Number(pid)) ? [[Number(pid), Number(parent)]] : [];
    });
}

function parentsFromPs(): [number, number][] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
