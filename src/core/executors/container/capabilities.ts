import { Capability } from '../../contract/capability.ts';
import type { PackageEnvironment } from '../../contract/dependencies.ts';
import type { CapabilityReport } from '../../contract/executor.ts';
import type { ContainerFacts } from './facts.ts';
import type { ContainerSettings } from './settings.ts';
import { PACKAGES_FOLDER } from './wall/inside.ts';
import type { ContainerMount } from './wall/mounts.ts';

const BYTES_PER_MIB = 1024 * 1024;

/** A container that was started, as far as its capabilities follow from it. */
export interface SeenContainer {
  readonly facts: ContainerFacts;
  /** What the settings have had mounted; whatever else is there was not asked for. */
  readonly mounts: readonly Pick<ContainerMount, 'target' | 'writable'>[];
}

/**
 * All ten capabilities: by what the container has seen of itself, whatever the engine was told.
 *
 * @param seen undefined: none was started yet
 */
export function containerCapabilities(
  settings: ContainerSettings,
  seen: SeenContainer | undefined,
  packages: PackageEnvironment | undefined,
): readonly CapabilityReport[] {
  return [
    {
      capability: Capability.TIMEOUT,
      supported: true,
      detail:
        'Code is interrupted and, if it goes on, killed with all that it started; Python starts afresh.',
    },
    {
      capability: Capability.PROCESS_ISOLATION,
      supported: true,
      detail: 'CPython runs in a container, and sees no process of this machine.',
    },
    {
      capability: Capability.RESET,
      supported: true,
      detail:
        'A fresh interpreter takes over in the same container, so that modules and their state are new as well.',
    },
    ...(seen ? [files(seen), ...network(settings, seen), memory(seen), processor(seen)] : NOT_STARTED),
    ...packageCapabilities(packages),
  ];
}

const NOT_STARTED: readonly CapabilityReport[] = [
  Capability.FILESYSTEM_ISOLATION,
  Capability.NETWORK_ISOLATION,
  Capability.NETWORK_FILTERING,
  Capability.MEMORY_LIMIT,
  Capability.CPU_LIMIT,
].map((capability) => ({
  capability,
  supported: false,
  detail: 'It is known once a container has been started.',
}));

function files(seen: SeenContainer): CapabilityReport {
  const problem = fileProblem(seen);
  const shown = seen.mounts.map(
    ({ target, writable }) => `${target} (${writable ? 'writable' : 'read-only'})`,
  );
  return {
    capability: Capability.FILESYSTEM_ISOLATION,
    supported: problem === undefined,
    detail:
      problem ??
      (shown.length > 0
        ? `Of this machine's files it has only ${shown.join(', ')}.`
        : 'It has none of the files of this machine.'),
  };
}

function fileProblem({ facts, mounts }: SeenContainer): string | undefined {
  if (facts.hasCapabilities || !facts.noNewPrivileges) {
    return 'Code has privileges in this container, or can gain some, with which it may leave it.';
  }
  if (!facts.isFirstProcess)
    return 'Processes of others can be seen in this container, and through them their files.';
  const more = facts.mounts.find(({ target, writable }) => {
    const asked = mounts.find((mount) => mount.target === target);
    return target !== PACKAGES_FOLDER && (!asked || (writable && !asked.writable));
  });
  return more && `More of this machine is there than was asked for: ${more.target}.`;
}

function network(
  { network, allowedDomains }: ContainerSettings,
  { facts }: SeenContainer,
): readonly CapabilityReport[] {
  const isClosed = facts.interfaces.length === 0 && network !== 'on';
  const nothing = isClosed && (network === 'off' || allowedDomains.length === 0);
  const open =
    network === 'on'
      ? 'Switched on in the settings; set codeMode.container.network to "off" or "allowedDomains".'
      : `The container has a network all the same (${facts.interfaces.join(', ')}); look at codeMode.container.runArguments.`;
  return [
    {
      capability: Capability.NETWORK_ISOLATION,
      supported: nothing,
      detail: nothing
        ? 'The container has no network: no packet leaves.'
        : isClosed
          ? 'Some domains are let through; set codeMode.container.network to "off".'
          : open,
    },
    {
      capability: Capability.NETWORK_FILTERING,
      supported: isClosed,
      detail: nothing
        ? 'No domain is let through.'
        : isClosed
          ? `Only these are let through, over HTTP and HTTPS: ${allowedDomains.join(', ')}.`
          : open,
    },
  ];
}

function memory({ facts: { memoryLimit, memoryAndSwapLimit } }: SeenContainer): CapabilityReport {
  const isLimited = memoryLimit !== null && memoryAndSwapLimit !== null;
  return {
    capability: Capability.MEMORY_LIMIT,
    supported: isLimited,
    detail: isLimited
      ? `All in the container may have ${Math.floor(memoryLimit / BYTES_PER_MIB)} MiB, and ${Math.floor(memoryAndSwapLimit / BYTES_PER_MIB)} MiB with swap.`
      : memoryLimit === null
        ? `No limit of memory is in force; set codeMode.container.memoryLimit, ${AND_CGROUPS}`
        : 'Memory has a limit but swap has none; the engine or the kernel does not count swap.',
  };
}

function processor({ facts: { cpuLimit } }: SeenContainer): CapabilityReport {
  return {
    capability: Capability.CPU_LIMIT,
    supported: cpuLimit !== null,
    detail:
      cpuLimit === null
        ? `No limit of processors is in force; set codeMode.container.cpus, ${AND_CGROUPS}`
        : `All in the container may use ${cpuLimit} of the processors.`,
  };
}

const AND_CGROUPS = 'with an engine that has control groups to keep it (without root, that takes cgroup v2).';

function packageCapabilities(packages: PackageEnvironment | undefined): readonly CapabilityReport[] {
  const { label, installer, problem } = packages ?? NOT_LOOKED_AT;
  return ([Capability.DEPS_INSTALL, Capability.DEPS_UNINSTALL] as const).map((capability) => ({
    capability,
    supported: problem === null,
    detail:
      problem ??
      (capability === Capability.DEPS_INSTALL
        ? `${installer} installs packages into ${label}.`
        : `${installer} removes packages from ${label}.`),
  }));
}

const NOT_LOOKED_AT = { label: '', installer: null, problem: 'Python has not been started yet.' };
