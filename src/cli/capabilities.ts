import { ALL_CAPABILITIES, type Capability } from '../core/contract/capability.ts';
import { CodeModeError, UsageError } from '../core/contract/errors.ts';
import type { Executor } from '../core/contract/executor.ts';
import { executorRegistry } from '../core/executors/index.ts';
import { ProbePackages, type ProbeResult, runProbe } from '../core/executors/probes.ts';
import type { ExecutorDescriptor } from '../core/executors/registry.ts';
import { parseCommandArguments } from './arguments.ts';
import { renderReports } from './capabilitiesTable.ts';
import type { CommandContext } from './context.ts';
import { parseSettings } from './executorSettings.ts';
import { ExitCode } from './exitCodes.ts';
import { capabilitiesHelp } from './help.ts';
import { listenForSignals } from './runSignals.ts';

const OPTIONS = {
  executor: { type: 'string' },
  set: { type: 'string', multiple: true },
  verify: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** One capability of one executor, as `--json` prints it. */
export interface CapabilityEntry {
  readonly capability: Capability;
  readonly supported: boolean;
  /** What was checked, or what is missing and how to get it. */
  readonly detail: string;
  /** With `--verify`: what the probe saw; null where the capability is not declared and so was not tried. */
  readonly probe?: ProbeResult | null;
}

/** One executor, as `--json` prints it. */
export interface ExecutorEntry {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly isolation: string;
  /** Why it could not be started here; null where it could. */
  readonly startError: string | null;
  readonly capabilities: readonly CapabilityEntry[];
}

/** `code-mode capabilities`. @throws CodeModeError for wrong usage */
export async function capabilitiesCommand(
  args: readonly string[],
  context: CommandContext,
): Promise<ExitCode> {
  const { values, positionals } = parseCommandArguments('capabilities', args, OPTIONS);
  if (values.help) {
    context.stdout.write(capabilitiesHelp(executorRegistry.list().map((descriptor) => descriptor.id)));
    return ExitCode.ok;
  }
  if (positionals.length > 0) {
    throw new UsageError(
      `"${positionals[0]}" is one argument too many.`,
      'To show one executor only, use --executor ID.',
    );
  }
  const descriptors =
    values.executor === undefined ? executorRegistry.list() : [executorRegistry.get(values.executor)];
  if (values.set && values.executor === undefined) {
    throw new UsageError('--set goes with --executor only.', 'Add --executor ID.');
  }
  const settings = parseSettings(values.set, descriptors[0]!);
  let end: (code: ExitCode) => void = () => undefined;
  const ended = new Promise<ExitCode>((resolve) => {
    end = resolve;
  });
  void context.outputBroken.then(() => end(ExitCode.brokenPipe));
  const signals = listenForSignals({ interrupt: () => end(ExitCode.interrupted), end });
  try {
    return await Promise.race([
      ended,
      report(descriptors, {
        verify: values.verify ?? false,
        json: values.json ?? false,
        chosen: values.executor !== undefined,
        settings,
        context,
      }),
    ]);
  } finally {
    signals.dispose();
  }
}

interface ReportOptions {
  readonly verify: boolean;
  readonly json: boolean;
  /** Whether a person asked for this one executor, so that its failing to start is a failure. */
  readonly chosen: boolean;
  /** What `--set` says to it. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly context: CommandContext;
}

async function report(descriptors: readonly ExecutorDescriptor[], options: ReportOptions): Promise<ExitCode> {
  const entries: ExecutorEntry[] = [];
  for (const descriptor of descriptors) entries.push(await examine(descriptor, options));
  options.context.stdout.writeLine(
    options.json ? JSON.stringify(entries, null, 2) : renderReports(entries, process.stdout.columns ?? 100),
  );
  const broken = entries.some((entry) => entry.capabilities.some(({ probe }) => probe?.passed === false));
  const missing = options.chosen && entries.some((entry) => entry.startError !== null);
  return broken || missing ? ExitCode.failed : ExitCode.ok;
}

async function examine(
  descriptor: ExecutorDescriptor,
  { verify, chosen, settings, context }: ReportOptions,
): Promise<ExecutorEntry> {
  const { id, label, description, isolation } = descriptor;
  await using packages = verify ? await ProbePackages.make() : undefined;
  const executor = descriptor.create({
    distFolder: context.distFolder,
    timeoutS: null,
    maxResultCharacters: 1_000_000,
    settings: chosen
      ? { ...descriptor.settingsForOneRun, ...settings }
      : (descriptor.settingsForOverview ?? {}),
    ...(packages && { deps: packages.deps }),
    log: () => undefined,
  });
  let startError: string | null = null;
  try {
    await executor.start().catch((error: unknown) => {
      startError = CodeModeError.describe(error);
    });
    const capabilities =
      startError === null && verify ? await verifyAll(executor, id, context) : declared(executor);
    return { id, label, description, isolation, startError, capabilities };
  } finally {
    await executor.close();
  }
}

function declared(executor: Executor): CapabilityEntry[] {
  return executor
    .capabilityReport()
    .map(({ capability, supported, detail }) => ({ capability, supported, detail }));
}

async function verifyAll(
  executor: Executor,
  id: string,
  context: CommandContext,
): Promise<CapabilityEntry[]> {
  const report = declared(executor);
  const entries: CapabilityEntry[] = [];
  for (const capability of ALL_CAPABILITIES) {
    const entry = report.find((candidate) => candidate.capability === capability);
    if (!entry) continue;
    if (entry.supported && process.stderr.isTTY)
      context.stderr.writeLine(`Verifying ${id}: ${capability} ...`);
    entries.push({ ...entry, probe: entry.supported ? await runProbe(capability, executor) : null });
  }
  return entries;
}
