import { Capability } from '../../contract/capability.ts';
import type { CapabilityReport } from '../../contract/executor.ts';
import { confinementCapabilities } from '../confinementCapabilities.ts';
import { describeBackend } from '../pythonExecutor.ts';
import {
  InProcessSettingsSchema,
  parseInProcessSettings,
  parseSandboxSettings,
  SandboxSettingsSchema,
} from './settings.ts';

// Both are light: Pyodide and what starts it are loaded when Python is started.

const wheels: CapabilityReport[] = [
  {
    capability: Capability.DEPS_INSTALL,
    supported: false,
    detail: 'This version installs no packages at run time; the standard library is there.',
  },
  {
    capability: Capability.DEPS_UNINSTALL,
    supported: false,
    detail: 'This version installs no packages at run time, so there are none to remove.',
  },
];

const shared: CapabilityReport[] = [
  {
    capability: Capability.TIMEOUT,
    supported: true,
    detail: 'Code is interrupted and, if it goes on, its interpreter is killed and started afresh.',
  },
  {
    capability: Capability.RESET,
    supported: true,
    detail: 'Variables are cleared; the interpreter and the namespaces stay.',
  },
  {
    capability: Capability.MEMORY_LIMIT,
    supported: false,
    detail: 'WebAssembly ends at 4 GiB by itself, but no smaller limit can be set.',
  },
  {
    capability: Capability.CPU_LIMIT,
    supported: false,
    detail: 'Processor time is not limited; set a timeout.',
  },
  ...wheels,
];

/** Pyodide in a child process: the default, which needs nothing installed. */
export const sandboxDescriptor = describeBackend({
  id: 'sandbox',
  label: 'Sandbox',
  description: 'Embedded Python (Pyodide) in a process of its own. Nothing to install.',
  isolation: 'own process',
  settingsSchema: SandboxSettingsSchema,
  prepare: ({ distFolder, settings, log }) => {
    const { osSandbox, network, allowedDomains } = parseSandboxSettings(settings);
    let isConfined = false;
    return {
      capabilities: () => [
        {
          capability: Capability.PROCESS_ISOLATION,
          supported: true,
          detail:
            'Python runs in a child process with an empty environment; its crash ends a run, not the editor.',
        },
        ...confinementCapabilities({
          wall: osSandbox,
          setting: 'codeMode.sandbox.osSandbox',
          network,
          networkSetting: 'codeMode.sandbox.network',
          allowedDomains,
          isConfined,
          files: "nothing but Python's own program files is there, and nothing can be written.",
        }),
        ...shared,
      ],
      launch: async (signal) => {
        const { startSandbox } = await import('./launch.ts');
        const started = await startSandbox(distFolder, { osSandbox, network, allowedDomains }, log, signal);
        isConfined = started.isConfined;
        return started.transport;
      },
    };
  },
});

/** Pyodide on a worker thread of the core's process: isolates nothing. */
export const inProcessDescriptor = describeBackend({
  id: 'in-process',
  label: 'In-Process',
  description: 'Pyodide on a thread of the session host. Isolates nothing: for trusted code.',
  isolation: 'no isolation',
  settingsSchema: InProcessSettingsSchema,
  prepare: ({ distFolder, settings }) => {
    parseInProcessSettings(settings);
    return {
      capabilities: () => [
        {
          capability: Capability.PROCESS_ISOLATION,
          supported: false,
          detail: 'Python shares the process of the core. Choose "sandbox" for a process of its own.',
        },
        ...[Capability.FILESYSTEM_ISOLATION, Capability.NETWORK_ISOLATION, Capability.NETWORK_FILTERING].map(
          (capability) => ({
            capability,
            supported: false,
            detail: 'JavaScript that Python reaches can do all that this process can do.',
          }),
        ),
        ...shared,
      ],
      launch: async (signal) => (await import('./launch.ts')).threadLauncher(distFolder)(signal),
    };
  },
});
