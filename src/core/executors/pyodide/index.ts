import { Capability } from '../../contract/capability.ts';
import type { CapabilityReport } from '../../contract/executor.ts';
import { confinementCapabilities } from '../confinementCapabilities.ts';
import { describeBackend } from '../pythonExecutor.ts';
import { WorkspacePackages } from './packages/workspacePackages.ts';
import {
  InProcessSettingsSchema,
  parseInProcessSettings,
  parseSandboxSettings,
  SandboxSettingsSchema,
} from './settings.ts';

// Both are light: Pyodide is loaded when Python is started.

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
];

/** Pyodide in a child process: the default, which needs nothing installed. */
export const sandboxDescriptor = describeBackend({
  id: 'sandbox',
  label: 'Sandbox',
  description: 'Embedded Python (Pyodide) in a process of its own. Nothing to install.',
  isolation: 'own process',
  settingsSchema: SandboxSettingsSchema,
  prepare: (context) => {
    const { distFolder, settings, log } = context;
    const { osSandbox, network, allowedDomains } = parseSandboxSettings(settings);
    const workspace = new WorkspacePackages(context);
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
          files: "nothing but Python's own program files and packages is there, and nothing can be written.",
        }),
        ...shared,
        ...workspace.capabilities(),
      ],
      launch: async (signal) => {
        const [{ startSandbox }, packagesFolder] = await Promise.all([
          import('./launch.ts'),
          workspace.show(),
        ]);
        const sandbox = { osSandbox, network, allowedDomains };
        const started = await startSandbox({ distFolder, packagesFolder, settings: sandbox, log }, signal);
        isConfined = started.isConfined;
        return started.transport;
      },
      packages: workspace.installer,
      close: () => workspace.close(),
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
  prepare: (context) => {
    const { distFolder, settings } = context;
    parseInProcessSettings(settings);
    const workspace = new WorkspacePackages(context);
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
        ...workspace.capabilities(),
      ],
      launch: async () => {
        const { startThread } = await import('./launch.ts');
        return startThread(distFolder, await workspace.show());
      },
      packages: workspace.installer,
      close: () => workspace.close(),
    };
  },
});
