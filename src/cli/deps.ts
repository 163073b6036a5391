import { stat } from 'node:fs/promises';
import { isMissing } from '../core/common/files/systemErrors.ts';
import type { Dependencies, DependencyChangeOptions, InstallResult } from '../core/contract/dependencies.ts';
import { CodeModeError } from '../core/contract/errors.ts';
import { parsePackageSpec } from '../core/deps/packageSpec.ts';
import { pythonInstallResult, pythonRemoveResult } from '../core/deps/pythonResults.ts';
import { executorRegistry } from '../core/executors/index.ts';
import { cancellable } from './cancellable.ts';
import type { CommandContext } from './context.ts';
import {
  configuredRows,
  failureLines,
  installedRows,
  installLines,
  outdatedRows,
  removeLines,
} from './deps/render.ts';
import { parseSettings } from './executorSettings.ts';
import { ExitCode } from './exitCodes.ts';
import { openRunTarget } from './runTarget.ts';
import { parseStoreCommand } from './store/namedStore.ts';

const DEFAULT_BASE = '.code-mode';
/** How long an installer that was cancelled may take to put back what it began, in milliseconds. */
const END_GRACE_MS = 30_000;
const MANY = 1_000;

function help(executors: readonly string[]): string {
  return `List, add, remove, upgrade and sync the packages of an executor's environment.

Usage: code-mode deps list [--installed] [options]
       code-mode deps add PACKAGE … [options]
       code-mode deps remove NAME … [options]
       code-mode deps upgrade NAME … [options]
       code-mode deps sync [options]
       code-mode deps outdated [options]

list shows what is configured and which version of it is installed; with --installed, all that is installed.
add installs packages, such as pandas, requests[socks] or "numpy>=2.0", and writes them to requirements.txt of the
base folder; remove uninstalls them and takes them out. upgrade brings packages to the newest version that is
configured, sync installs what is configured and missing, outdated shows what there are newer versions of.
Lines of the installer go to standard error.

Options:
  --executor ID     Whose environment: ${executors.join(', ')} (default: ${executors[0]})
  --base DIR        The base folder (default: ${DEFAULT_BASE}); add makes it if it is missing
  --set NAME=VALUE  A setting of the executor, such as python=3.12; may be repeated. VALUE is JSON or text
  --attach          In the live session of the VS Code window that has this folder open: changes wait for the code
                    that runs there
  --workspace DIR   With --attach: the workspace folder to look for (default: this folder and the folders above it)
  --json            Print the result as JSON on standard output
  -h, --help        Show this help

Exit codes: 0 success, 1 something could not be installed or removed, 2 wrong usage or settings,
130 interrupted with Ctrl+C.

Examples:
  code-mode deps add "pandas>=2.0" rich --executor subprocess
  code-mode deps sync
`;
}

const OPTIONS = {
  executor: { type: 'string' },
  base: { type: 'string' },
  set: { type: 'string', multiple: true },
  attach: { type: 'boolean' },
  workspace: { type: 'string' },
  installed: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const COMMANDS = {
  list: [0, 0],
  add: [1, MANY],
  remove: [1, MANY],
  upgrade: [1, MANY],
  sync: [0, 0],
  outdated: [0, 0],
} as const;

/** `code-mode deps`. @throws CodeModeError */
export async function depsCommand(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const parsed = parseStoreCommand('deps', args, OPTIONS, COMMANDS);
  const executors = executorRegistry.list().map(({ id }) => id);
  if (parsed === 'help') {
    context.stdout.write(help(executors));
    return ExitCode.ok;
  }
  const { command, names, values } = parsed;
  const { executor, attach = false, workspace, json = false } = values;
  const settings = parseSettings(values.set, executorRegistry.get(executor ?? executors[0]!));
  // Before a folder is made for them.
  if (command === 'add') for (const name of names) parsePackageSpec(name);
  const base = await baseFolder(values.base, { attach, isMade: command === 'add' });
  const change = (signal: AbortSignal): DependencyChangeOptions => ({
    signal,
    onProgress: (line) => context.stderr.writeLine(line),
  });
  const work = async (dependencies: Dependencies, signal: AbortSignal): Promise<ExitCode> => {
    switch (command) {
      case 'list':
        return await list(dependencies, { installed: values.installed ?? false, json }, context);
      case 'outdated':
        return await outdated(dependencies, { json, signal }, context);
      case 'add':
        return installed(await dependencies.add(names, change(signal)), json, context);
      case 'upgrade':
        return installed(await dependencies.upgrade(names, change(signal)), json, context);
      case 'sync':
        return installed(await dependencies.sync(change(signal)), json, context);
      case 'remove':
        return await remove(dependencies, names, { json, change: change(signal) }, context);
    }
  };
  return await cancellable(
    context,
    async (signal) => {
      const { distFolder, version } = context;
      const options = { distFolder, version, executor, base, attach, workspace, settings };
      const { session, manager } = await openRunTarget(options);
      await using _ = manager;
      try {
        return await work(session.dependencies, signal);
      } catch (error) {
        // It says what has changed all the same.
        if (signal.aborted) context.stderr.writeLine(`code-mode: ${CodeModeError.describe(error)}`);
        throw error;
      }
    },
    END_GRACE_MS,
  );
}

/**
 * The base folder that counts; undefined: that of the live session, or none, as there is none to read.
 *
 * @throws CodeModeError `file` for a folder that is named and missing
 */
async function baseFolder(
  given: string | undefined,
  { attach, isMade }: { attach: boolean; isMade: boolean },
): Promise<string | undefined> {
  if (attach) return given;
  const folder = given ?? DEFAULT_BASE;
  if (isMade) return folder;
  try {
    await stat(folder);
    return folder;
  } catch (error) {
    if (given === undefined && isMissing(error)) return undefined;
    throw new CodeModeError('file', `There is no folder "${folder}".`, { cause: error });
  }
}

async function list(
  dependencies: Dependencies,
  options: { readonly installed: boolean; readonly json: boolean },
  { stdout, stderr }: CommandContext,
): Promise<ExitCode> {
  const { environment, configured, installed: there } = await dependencies.report();
  if (options.json) {
    const all = options.installed
      ? there
      : configured.map(({ installedVersion, ...entry }) => ({
          ...entry,
          installed_version: installedVersion,
        }));
    stdout.writeLine(JSON.stringify(all, null, 2));
    return ExitCode.ok;
  }
  for (const row of options.installed ? installedRows(there) : configuredRows(configured))
    stdout.writeLine(row);
  if (environment.problem !== null) stderr.writeLine(`code-mode: ${environment.problem}`);
  return ExitCode.ok;
}

async function outdated(
  dependencies: Dependencies,
  { json, signal }: { readonly json: boolean; readonly signal: AbortSignal },
  { stdout }: CommandContext,
): Promise<ExitCode> {
  const newest = await dependencies.newest(signal);
  const { installed: there } = await dependencies.report();
  const found = there.flatMap(({ name, version }) => {
    const newer = newest[name];
    return newer === undefined ? [] : [{ name, version, newest: newer }];
  });
  if (json) stdout.writeLine(JSON.stringify(found, null, 2));
  else for (const row of outdatedRows(found)) stdout.writeLine(row);
  return ExitCode.ok;
}

function installed(result: InstallResult, json: boolean, { stdout, stderr }: CommandContext): ExitCode {
  if (json) stdout.writeLine(JSON.stringify(pythonInstallResult(result), null, 2));
  else for (const line of installLines(result)) stdout.writeLine(line);
  for (const line of failureLines(result.failed)) stderr.writeLine(line);
  return result.failed.length > 0 ? ExitCode.failed : ExitCode.ok;
}

async function remove(
  dependencies: Dependencies,
  names: readonly string[],
  { json, change }: { readonly json: boolean; readonly change: DependencyChangeOptions },
  { stdout, stderr }: CommandContext,
): Promise<ExitCode> {
  const result = await dependencies.remove(names, change);
  const { removed, failed, removedFromConfig } = result;
  if (json) stdout.writeLine(JSON.stringify(pythonRemoveResult(result), null, 2));
  else for (const line of removeLines(result)) stdout.writeLine(line);
  for (const line of failureLines(failed)) stderr.writeLine(line);
  const isDone = failed.length === 0 && (removed.length > 0 || removedFromConfig);
  return isDone ? ExitCode.ok : ExitCode.failed;
}
