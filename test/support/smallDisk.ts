import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Whether this user may mount small disks. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A disk of its own at a folder, which is made; disposing unmounts it. */
export function mountDisk(folder: string, kilobytes: number): Disposable {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]);
  return { [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', folder]) };
}

/** Fills a disk, but for some pages. */
export function fillDisk(folder: string, pages = 0): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(path.join(folder, 'full'), Buffer.alloc((bavail - pages) * bsize));
}
