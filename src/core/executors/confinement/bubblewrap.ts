import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { type Mount, planMounts, type Wish } from './mounts.ts';
import type { CheckedPolicy } from './policy.ts';
import { secretPlaces } from './secretPlaces.ts';

// Bubblewrap is called directly, without the sandbox library that serves macOS: its one configuration for a process,
// its default folders and its wrapping in a shell fit neither several children with policies of their own nor a start
// within milliseconds.

/** Where other files are hidden: what the system needs to start a program. */
const LIBRARIES = [
  ...['/lib', '/lib32', '/lib64', '/libx32', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/libx32'],
  ...['/usr/local/lib', '/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d'],
  // Systems that keep every package in a store.
  ...['/nix/store', '/gnu/store'],
];
/** For names and certificates, where there is a network. */
const NETWORK_FILES = ['hosts', 'host.conf', 'nsswitch.conf', 'resolv.conf', 'services', 'ssl', 'pki'].map(
  (name) => `/etc/${name}`,
);
/** No secrets, though they lie in a place that is hidden: programs and drivers of some systems, and disks. */
const SYSTEM_FOLDERS = ['/run/current-system', '/run/booted-system', '/run/opengl-driver', '/run/media'];
/** Devices to compute with, by folder. */
const COMPUTING_DEVICES: readonly (readonly [string, RegExp])[] = [
  ['/dev', /^(nvidia.*|kfd)$/],
  ['/dev/dri', /^renderD\d+$/],
];

/**
 * Bubblewrap's arguments that keep a policy, up to the program that is to run. A process that may reach some domains
 * gets no network of its own either: what bridges to them is a matter of the program.
 * @param beside wishes beside those of the policy
 */
export async function bubblewrapArguments(
  policy: CheckedPolicy,
  beside: readonly Wish[] = [],
): Promise<string[]> {
  const visible = policy.otherFiles === 'visible';
  const wishes: Wish[] = [
    ...(visible ? [...secretPlaces(), ...policy.hidden] : []).map(wish('hidden')),
    ...(visible ? SYSTEM_FOLDERS : LIBRARIES).map(wish('shown')),
    ...(policy.network === 'on' ? await networkFiles() : []).map(wish('shown')),
    ...policy.readable.map(wish('shown')),
    ...policy.writable.map(wish('writable')),
    ...beside,
  ];
  const mounts = planMounts(wishes, visible ? 'readable' : 'hidden');
  return [
    // Namespaces of its own; with that of processes, the end of the first one ends all of them at once.
    ...['--unshare-user-try', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'],
    ...(policy.network === 'on' ? [] : ['--unshare-net']),
    '--die-with-parent',
    // An administrator's child would keep its powers within the namespaces, and could take the mounts away.
    ...['--cap-drop', 'ALL'],
    ...(visible ? ['--ro-bind', '/', '/'] : []),
    ...['--dev', '/dev'],
    ...(visible ? await computingDevices() : []),
    // Read-only: the settings of the kernel, which an administrator's child could change, are in it.
    ...['--proc', '/proc', '--remount-ro', '/proc'],
    ...mounts.flatMap(mountArguments),
    // Once everything has its place in them.
    ...mounts.filter(isHiddenFolder).flatMap(({ at }) => ['--remount-ro', at]),
    ...(visible ? [] : ['--remount-ro', '/']),
    ...['--chdir', policy.workingFolder],
  ];
}

function wish(kind: Wish['kind']): (place: string) => Wish {
  return (place) => ({ path: place, kind });
}

function mountArguments(mount: Mount): string[] {
  const { at, source, kind } = mount;
  if (isHiddenFolder(mount)) return ['--tmpfs', at];
  if (kind === 'hidden') return ['--ro-bind', '/dev/null', at];
  // What is gone by then is not there inside either.
  return [kind === 'writable' ? '--bind' : '--ro-bind-try', source, at];
}

function isHiddenFolder({ kind, folder }: Mount): boolean {
  return kind === 'hidden' && folder;
}

async function networkFiles(): Promise<string[]> {
  // Where the addresses of name servers really are. With its folder: the file is replaced when they change.
  const resolver = await realpath('/etc/resolv.conf').catch(() => undefined);
  if (resolver === undefined) return NETWORK_FILES;
  const folder = path.dirname(resolver);
  return [...NETWORK_FILES, folder === '/etc' || secretPlaces().includes(folder) ? resolver : folder];
}

async function computingDevices(): Promise<string[]> {
  const found = await Promise.all(
    COMPUTING_DEVICES.map(async ([folder, pattern]) => {
      const names = await readdir(folder).catch(() => []);
      return names.filter((name) => pattern.test(name)).map((name) => path.join(folder, name));
    }),
  );
  return found.flat().flatMap((device) => ['--dev-bind-try', device, device]);
}
