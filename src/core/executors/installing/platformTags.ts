import os from 'node:os';

/** The operating system that wheels are chosen for. */
export interface WheelPlatform {
  /** As Node names them: `linux`, `x64`. */
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** `2.36` of glibc; undefined: another C library, or not Linux. */
  readonly glibc: string | undefined;
  /** `24.1.0` of Darwin. */
  readonly release: string;
}

/** What this process runs on; the interpreters of an environment are taken to be for the same. */
export function thisPlatform(): WheelPlatform {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion(), release: os.release() };
}

/** Whether wheels with a platform tag such as `manylinux_2_17_x86_64` run on a platform. */
export function isForPlatform(tag: string, on: WheelPlatform): boolean {
  switch (on.platform) {
    case 'linux':
      return isForLinux(tag, on);
    case 'darwin':
      return isForMac(tag, on);
    case 'win32':
      return tag === { x64: 'win_amd64', ia32: 'win32', arm64: 'win_arm64' }[on.arch];
    default:
      return false;
  }
}

const LINUX_NAMES: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  ia32: 'i686',
  arm: 'armv7l',
  ppc64: 'ppc64le',
};
/** What the older names stand for. */
const OLD_GLIBC: Readonly<Record<string, number>> = { manylinux1: 5, manylinux2010: 12, manylinux2014: 17 };

function isForLinux(tag: string, { arch, glibc }: WheelPlatform): boolean {
  const machine = LINUX_NAMES[arch] ?? arch;
  if (!tag.endsWith(`_${machine}`)) return false;
  const name = tag.slice(0, -machine.length - 1);
  if (name === 'linux') return true;
  if (glibc === undefined) return /^musllinux_1_\d+$/.test(name);
  const needed = OLD_GLIBC[name] ?? Number(/^manylinux_2_(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  return needed <= Number(glibc.split('.')[1]);
}

function isForMac(tag: string, { arch, release }: WheelPlatform): boolean {
  const [, major, machine] = /^macosx_(\d+)_\d+_(\w+)$/.exec(tag) ?? [];
  const machines =
    arch === 'arm64' ? ['arm64', 'universal2'] : ['x86_64', 'universal2', 'intel', 'universal'];
  return machine !== undefined && machines.includes(machine) && Number(major) <= macVersion(release);
}

/** macOS 11 is Darwin 20; from Darwin 25 on they are named by the year. */
function macVersion(release: string): number {
  const darwin = Number(release.split('.')[0]);
  return darwin >= 25 ? darwin + 1 : darwin - 9;
}

let knownGlibc: { readonly version: string | undefined } | undefined;

function glibcVersion(): string | undefined {
  knownGlibc ??= { version: process.platform === 'linux' ? reportedGlibc() : undefined };
  return knownGlibc.version;
}

function reportedGlibc(): string | undefined {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}
