import { version } from '../package.json';
import type { CommandContext } from './cli/context.ts';
import { ExitCode } from './cli/exitCodes.ts';
import { MAIN_HELP } from './cli/help.ts';
import { TerminalOutput } from './cli/terminalOutput.ts';
import { CodeModeError, type ErrorCode, UsageError } from './core/contract/errors.ts';

/** What a person can set right before they try again; everything else is a failure. */
const USAGE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'usage',
  'settings',
  'file',
  'storage',
  'not-found',
  'tool-arguments',
  'untrusted',
  'other-version',
]);

async function main(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const [command, ...rest] = args;
  switch (command) {
    case 'run':
      return (await import('./cli/run.ts')).runCommand(rest, context);
    case 'capabilities':
      return (await import('./cli/capabilities.ts')).capabilitiesCommand(rest, context);
    case 'store':
      return (await import('./cli/store/command.ts')).storeCommand(rest, context);
    case 'workflows':
      return (await import('./cli/workflows.ts')).workflowsCommand(rest, context);
    case 'tools':
      return (await import('./cli/tools.ts')).toolsCommand(rest, context);
    case 'deps':
      return (await import('./cli/deps.ts')).depsCommand(rest, context);
    case 'artifacts':
      return (await import('./cli/artifacts.ts')).artifactsCommand(rest, context);
    case 'help':
      return rest[0] === undefined || rest[0].startsWith('-')
        ? await main(['--help'], context)
        : await main([...rest, '--help'], context);
    case '-h':
    case '--help':
      context.stdout.write(MAIN_HELP);
      return ExitCode.ok;
    case '-V':
    case '--version':
      context.stdout.write(`code-mode ${version}\n`);
      return ExitCode.ok;
    case undefined:
      throw new UsageError('There is no command.', 'Run "code-mode --help" for what there is.');
    default:
      throw new UsageError(
        `There is no command "${command}".`,
        'Commands: run, capabilities, deps, tools, workflows, artifacts, store. Run "code-mode --help" for more.',
      );
  }
}

function exitCodeOf(error: unknown): ExitCode {
  return CodeModeError.is(error) && USAGE_ERRORS.has(error.code) ? ExitCode.usage : ExitCode.failed;
}

async function start(): Promise<void> {
  let broke: () => void = () => undefined;
  const outputBroken = new Promise<void>((resolve) => {
    broke = resolve;
  });
  const context: CommandContext = {
    distFolder: __dirname,
    version,
    stdout: new TerminalOutput(process.stdout, () => broke()),
    stderr: new TerminalOutput(process.stderr, () => broke()),
    outputBroken,
  };
  let code: ExitCode;
  try {
    code = await main(process.argv.slice(2), context);
  } catch (error) {
    if (!context.stderr.atLineStart) context.stderr.write('\n');
    context.stderr.writeLine(`code-mode: ${CodeModeError.describe(error)}`);
    code = exitCodeOf(error);
  }
  await Promise.all([context.stdout.flush(), context.stderr.flush()]);
  // Not left to the last open handle: standard input may be a pipe that its writer never closes.
  process.exit(code);
}

void start();
