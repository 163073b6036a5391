import { Capability } from '../../contract/capability.ts';
import type { PackageEnvironment } from '../../contract/dependencies.ts';
import type { CapabilityReport } from '../../contract/executor.ts';
import { confinementCapabilities } from '../confinementCapabilities.ts';
import type { StartedPython } from './launch.ts';
import type { SubprocessSettings } from './settings.ts';

/** All ten capabilities, by the settings and by what a start has shown. */
export function subprocessCapabilities(
  settings: SubprocessSettings,
  started: StartedPython | undefined,
  packages: PackageEnvironment | undefined,
): readonly CapabilityReport[] {
  const limits = started?.limits();
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
      detail:
        'CPython runs in a process group of its own, without the environment variables that look like secrets.',
    },
    {
      capability: Capability.RESET,
      supported: true,
      detail: 'A fresh interpreter takes over, so that modules and their state are new as well.',
    },
    ...confinementCapabilities({
      wall: settings.sandbox,
      setting: 'codeMode.subprocess.sandbox',
      network: settings.network,
      networkSetting: 'codeMode.subprocess.network',
      allowedDomains: settings.allowedDomains,
      isConfined: started?.confinement !== undefined,
      files: 'Files outside of the workspace cannot be written, and the places of secrets cannot be read.',
    }),
    {
      capability: Capability.MEMORY_LIMIT,
      supported: limits?.memory === true,
      detail: describeMemory(settings.memoryLimit, limits?.memory === true),
    },
    {
      capability: Capability.CPU_LIMIT,
      supported: limits?.cpu === true,
      detail: describeCpu(settings.cpuLimit, limits?.cpu === true),
    },
    ...packageCapabilities(packages),
  ];
}

function packageCapabilities(packages: PackageEnvironment | undefined): readonly CapabilityReport[] {
  const { label, installer, problem } = packages ?? NOT_LOOKED_AT;
  return ([Capability.DEPS_INSTALL, Capability.DEPS_UNINSTALL] as const).map((capability) => ({
    capability,
    supported: problem === null,
    detail:
      problem ??
      (capability === Capability.DEPS_INSTALL
        ? `${installer} installs packages into ${label}, which can be written.`
        : `${installer} removes packages from ${label}, which can be written.`),
  }));
}

const NOT_LOOKED_AT = { label: '', installer: null, problem: 'Python has not been started yet.' };

function describeMemory(mebibytes: number, isKept: boolean): string {
  if (mebibytes === 0) return 'Set codeMode.subprocess.memoryLimit for a limit in MiB.';
  return isKept
    ? `Each process may have ${mebibytes} MiB of data; asking for more was seen to fail with a MemoryError.`
    : 'This system does not hold a process to a limit of its memory.';
}

function describeCpu(seconds: number, isKept: boolean): string {
  if (seconds === 0) return 'Set codeMode.subprocess.cpuLimit for a limit in seconds of processor time.';
  return isKept
    ? `A run may use ${seconds} s of processor time; past it, an exception and then the system end it.`
    : 'This system does not hold a process to a limit of its processor time.';
}
