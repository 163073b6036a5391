import type { ExecutionResult, InputRequest, RunStatus } from '../core/contract/execution.ts';
import type { Initiator } from '../core/contract/tools.ts';
import { executorRegistry } from '../core/executors/index.ts';
import { parseCommandArguments } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { parseSettings } from './executorSettings.ts';
import { ExitCode } from './exitCodes.ts';
import { runHelp } from './help.ts';
import { type EnvironmentOptions, installHint } from './installHint.ts';
import { JsonPresentation, LivePresentation, type Presentation } from './presentation.ts';
import { listenForSignals } from './runSignals.ts';
import { openRunTarget, type RunTarget } from './runTarget.ts';
import { readSource, type Source } from './source.ts';
import { TerminalInput } from './terminalInput.ts';
import { parseTimeout } from './timeout.ts';

const OPTIONS = {
  code: { type: 'string', short: 'c' },
  executor: { type: 'string' },
  base: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
  attach: { type: 'boolean' },
  agent: { type: 'boolean' },
  workspace: { type: 'string' },
  set: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

/** How long the session may take to end after a signal, in milliseconds. */
const END_GRACE_MS = 2000;

/** `code-mode run`. @throws CodeModeError for what keeps the code from being run */
export async function runCommand(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseCommandArguments('run', args, OPTIONS);
  if (values.help) {
    context.stdout.write(runHelp(executorRegistry.list().map((descriptor) => descriptor.id)));
    return ExitCode.ok;
  }
  const timeoutS = parseTimeout(values.timeout);
  const descriptor = executorRegistry.get(values.executor ?? executorRegistry.list()[0]!.id);
  const settings = parseSettings(values.set, descriptor);
  const source = await readSource(values.code, positionals);
  const target = await openRunTarget({
    distFolder: context.distFolder,
    version: context.version,
    executor: values.executor,
    base: values.base,
    attach: values.attach ?? false,
    workspace: values.workspace,
    settings,
  });
  const presentation = values.json
    ? new JsonPresentation(context.stdout, context.stderr)
    : new LivePresentation(context.stdout, context.stderr);
  return await runIn(target, source, {
    timeoutS,
    initiator: values.agent ? 'agent' : 'person',
    presentation,
    attached: values.attach ?? false,
    whose: { ...values, attach: values.attach ?? false, set: values.set ?? [] },
    context,
  });
}

interface RunSettings {
  readonly timeoutS: number | null;
  readonly initiator: Initiator;
  readonly presentation: Presentation;
  readonly attached: boolean;
  /** What says whose packages the code sees. */
  readonly whose: EnvironmentOptions;
  readonly context: CommandContext;
}

async function runIn(target: RunTarget, source: Source, settings: RunSettings): Promise<ExitCode> {
  const { session, manager } = target;
  const { presentation, context } = settings;
  const input = new TerminalInput();
  const cancel = new AbortController();
  let end: (code: ExitCode) => void = () => undefined;
  const ended = new Promise<ExitCode>((resolve) => {
    end = resolve;
  });
  void context.outputBroken.then(() => end(ExitCode.brokenPipe));

  const signals = listenForSignals({
    interrupt: () => {
      // Others may be using an attached session, so there only the own run is stopped.
      if (settings.attached) cancel.abort();
      else void interruptOrEnd(session, end, context);
    },
    end,
  });

  const run = session.run(source.code, {
    // In the window's session, its own setting counts where the command says nothing.
    ...(settings.attached && settings.timeoutS === null ? {} : { timeoutS: settings.timeoutS }),
    initiator: settings.initiator,
    signal: cancel.signal,
    onEvent: presentation.onEvent,
    origin: source.origin,
    onInput: (request, signal) => answer(request, signal, source, input, presentation),
  });
  try {
    const first = await Promise.race([run, ended]);
    if (typeof first !== 'number') {
      // An agent finds it in the error.
      const hint = settings.initiator === 'person' && (await installHint(first, settings.whose));
      const code = finish(first, presentation);
      if (hint) context.stderr.writeLine(`code-mode: ${hint}`);
      return code;
    }
    return await finishEarly(first, run, target, settings);
  } finally {
    input.close();
    await within(END_GRACE_MS, manager[Symbol.asyncDispose]());
    signals.dispose();
  }
}

async function interruptOrEnd(
  session: RunTarget['session'],
  end: (code: ExitCode) => void,
  context: CommandContext,
): Promise<void> {
  const interrupted = await session.interrupt().catch(() => false);
  // Nothing runs yet: Python is still starting.
  if (!interrupted) return end(ExitCode.interrupted);
  if (!process.stderr.isTTY) return;
  const told = setTimeout(
    () => context.stderr.writeLine('Interrupted; press Ctrl+C again to kill it.'),
    1500,
  );
  told.unref();
}

async function finishEarly(
  code: ExitCode,
  run: Promise<ExecutionResult>,
  { session }: RunTarget,
  { presentation, attached }: RunSettings,
): Promise<ExitCode> {
  // A rejection now says only that the session was closed under the run.
  const settled = run.then(
    (result) => result,
    () => undefined,
  );
  if (attached) return code;
  await within(END_GRACE_MS, session.close());
  const result = await within(END_GRACE_MS, settled);
  if (result && code === ExitCode.interrupted) presentation.finish(result);
  return code;
}

function finish(result: ExecutionResult, presentation: Presentation): ExitCode {
  presentation.finish(result);
  return EXIT_CODES[result.status];
}

const EXIT_CODES: Readonly<Record<RunStatus, ExitCode>> = {
  ok: ExitCode.ok,
  error: ExitCode.failed,
  died: ExitCode.failed,
  interrupted: ExitCode.interrupted,
  timeout: ExitCode.timeout,
};

async function answer(
  request: InputRequest,
  signal: AbortSignal,
  source: Source,
  input: TerminalInput,
  presentation: Presentation,
): Promise<string> {
  const output = request.password ? presentation.passwordPromptOutput : presentation.promptOutput;
  output.write(request.prompt);
  if (source.fromStdin)
    throw new Error('The code came from standard input, so there is nothing left to read.');
  if (!request.password) return input.readLine(signal);
  try {
    return await input.readPassword(signal);
  } finally {
    if (process.stdin.isTTY) output.write('\n');
  }
}

async function within<T>(milliseconds: number, promise: PromiseLike<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), milliseconds);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
