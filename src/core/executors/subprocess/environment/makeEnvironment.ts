import { readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../../../common/files/folders.ts';
import { isMissing, reasonOf } from '../../../common/files/systemErrors.ts';
import { CodeModeError } from '../../../contract/errors.ts';
import { type InterpreterFacts, inspectInterpreter } from './inspect.ts';
import { CONFIGURATION_FILE, environmentInterpreter } from './layout.ts';
import { configuredHome, type Marker, markerFile } from './marker.ts';
import { type ProgramEnd, runProgram } from './program.ts';
import { stampOf } from './stamp.ts';
import { findUv } from './uv.ts';

/** What {@link makeEnvironment} makes. */
export interface EnvironmentPlan {
  /** Absolute path. */
  readonly folder: string;
  readonly base: InterpreterFacts;
  /** The packages in the folder stay; otherwise everything in it is removed first. */
  readonly keepPackages: boolean;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const MAKE_TIMEOUT_MS = 120_000;

/**
 * Makes a virtual environment without pip, with uv where there is one, else with Python's own `venv`, and starts it
 * once. Nothing is downloaded.
 *
 * @returns what its marker is to say; whoever called writes it
 * @throws CodeModeError `start-failed` with the path and the reason; `cancelled`
 */
export async function makeEnvironment(plan: EnvironmentPlan): Promise<Marker> {
  const { folder, keepPackages } = plan;
  try {
    await makeFolders(path.dirname(folder));
    await runMaker(plan);
    return await describeEnvironment(plan);
  } catch (error) {
    // What can't be removed now is without a marker, and so is not taken for whole.
    if (!keepPackages) await removeEnvironment(folder).catch(() => undefined);
    if (CodeModeError.is(error, 'cancelled') || CodeModeError.is(error, 'start-failed')) throw error;
    throw notMade(folder, CodeModeError.is(error) ? error.message : reasonOf(error), error);
  }
}

async function runMaker(plan: EnvironmentPlan): Promise<void> {
  const { folder, base, keepPackages, log, signal } = plan;
  const clear = () => (keepPackages ? removeInterpreter(folder) : removeEnvironment(folder));
  const options = { cwd: path.dirname(folder), timeoutMs: MAKE_TIMEOUT_MS, signal };
  const uv = await findUv();
  if (uv) {
    await clear();
    // Neither the person's nor a workspace's configuration of uv is for this environment.
    const flags = ['--quiet', '--no-config', '--no-project', '--offline', '--no-python-downloads'];
    const args = ['venv', ...flags, '--allow-existing', '--python', base.executable, folder];
    const end = await runProgram(uv, args, options);
    if (end.exitCode === 0) return;
    log(`python: uv did not make ${folder}, so Python's own venv is used: ${lastWords(end)}`);
  }
  await clear();
  const end = await runProgram(base.executable, ['-I', '-m', 'venv', '--without-pip', folder], options);
  if (end.exitCode !== 0) throw notMade(folder, lastWords(end), end.failure);
}

async function describeEnvironment({ folder, base, signal }: EnvironmentPlan): Promise<Marker> {
  const interpreter = environmentInterpreter(folder);
  const { version, freeThreaded, prefix } = await inspectInterpreter(interpreter, { signal });
  const [home, baseStamp, interpreterStamp] = await Promise.all([
    configuredHome(folder),
    stampOf(base.executable),
    stampOf(interpreter),
  ]);
  const isItself = (await realpath(prefix)) === (await realpath(folder));
  if (!isItself || version !== base.version || !home || !baseStamp || !interpreterStamp) {
    throw notMade(folder, `Its interpreter says that it is Python ${version} in ${prefix}.`);
  }
  return { format: 1, version, freeThreaded, base: base.executable, baseStamp, interpreterStamp, home };
}

async function removeEnvironment(folder: string): Promise<void> {
  // First, so that what is left of it when this is interrupted is not taken for whole.
  await rm(markerFile(folder), { force: true });
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Also where links lead nowhere: `venv` would stumble over those. */
async function removeInterpreter(folder: string): Promise<void> {
  const programs = path.dirname(environmentInterpreter(folder));
  const names = await readdir(programs).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const files = names.filter((name) => name.startsWith('python')).map((name) => path.join(programs, name));
  for (const file of [...files, path.join(folder, CONFIGURATION_FILE)]) await rm(file, { force: true });
}

function lastWords(end: ProgramEnd): string {
  if (end.timedOut) return `It took longer than ${MAKE_TIMEOUT_MS / 1000} seconds.`;
  return end.stderr.trim().split('\n').at(-1)?.trim() || end.failure?.message || 'It failed without a word.';
}

/** The error for an environment that could not be made. @param reason a sentence, with or without its full stop */
export function notMade(folder: string, reason: string, cause?: unknown): CodeModeError {
  return new CodeModeError(
    'start-failed',
    `The Python environment ${folder} could not be made: ${reason.replace(/\.?$/, '.')}`,
    {
      hint: 'See to it that this folder can be written and the disk is not full, name an environment of yours in the setting codeMode.subprocess.python, or choose the executor "sandbox", which needs none.',
      cause,
    },
  );
}
