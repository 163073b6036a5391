import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isMissing, systemCode } from '../../../common/files/systemErrors.ts';
import { CodeModeError, SettingsError } from '../../../contract/errors.ts';
import { type ProgramEnd, runProgram } from './program.ts';
import { isSupported, OLDEST } from './versions.ts';

/** Where an interpreter's packages are: absolute paths, of folders that need not be there. */
export const PackagePlacesSchema = z.object({
  /** That packages are installed into, those in Python alone and those with code in C; often it is one. */
  purelib: z.string().min(1),
  platlib: z.string().min(1),
  /** That programs of packages are installed into. */
  scripts: z.string().min(1),
  /** Of the standard library. */
  stdlib: z.string().min(1),
  /** All that packages are imported from, in Python's order, without the user's own. */
  folders: z.array(z.string()),
});
export type PackagePlaces = Readonly<z.infer<typeof PackagePlacesSchema>>;

/** What an interpreter says of itself; what it is not there for (another implementation, an old one) is an error. */
export const InterpreterFactsSchema = z.object({
  /** Absolute path by its own account: that of the interpreter behind a shim, and that inside an environment. */
  executable: z.string().min(1),
  /** `3.12.1` */
  version: z.string().regex(/^3\.\d+\.\d+$/),
  /** A release, rather than an alpha, beta or candidate. */
  final: z.boolean(),
  /** Built to run without the global interpreter lock. */
  freeThreaded: z.boolean(),
  /** Absolute path of the environment, or of the installation where it is in none. */
  prefix: z.string().min(1),
  /** Absolute path of the installation. */
  basePrefix: z.string().min(1),
  packages: PackagePlacesSchema,
});
export type InterpreterFacts = Readonly<z.infer<typeof InterpreterFactsSchema>>;

/** Milliseconds that an interpreter may take to start and say what it is. */
export const START_TIMEOUT_MS = 20_000;

const CHOOSE_ANOTHER =
  'Choose another Python in the setting codeMode.subprocess.python: nothing at all for an environment that is made for you, a version such as 3.12, or the path of an interpreter.';

/** An answer of any Python; the version is looked at first, since older ones lack the rest. */
const AnswerSchema = z.object({
  implementation: z.string(),
  version: z.tuple([z.number(), z.number(), z.number()]),
  final: z.boolean(),
  freeThreaded: z.boolean(),
  executable: z.string().nullable(),
  prefix: z.string(),
  basePrefix: z.string(),
  packages: PackagePlacesSchema,
});

/**
 * Prints the facts between two marks: whatever runs when Python starts may print as well. It must be understood by
 * every Python there is, also by 2.7, for the message to name the version.
 */
const QUESTION = `
import sys
sys.path[:] = [folder for folder in sys.path if folder]
import json, os, site, sysconfig
paths = sysconfig.get_paths()
packages = dict((name, paths[name]) for name in ("purelib", "platlib", "scripts", "stdlib"))
packages["folders"] = []
for folder in [paths["purelib"], paths["platlib"]] + getattr(site, "getsitepackages", lambda: [])():
    if folder not in packages["folders"]:
        packages["folders"].append(folder)
implementation = getattr(sys, "implementation", None)
answer = json.dumps({
    "implementation": implementation.name if implementation else "PyPy" in sys.version and "pypy" or "cpython",
    "version": list(sys.version_info[:3]),
    "final": sys.version_info[3] == "final",
    "freeThreaded": "free-threading" in sys.version,
    "executable": sys.executable,
    "prefix": sys.prefix,
    "basePrefix": getattr(sys, "base_prefix", sys.prefix),
    "packages": packages,
})
os.write(1, (sys.argv[1] + answer + sys.argv[1]).encode("ascii"))
`;

/**
 * Starts an interpreter once, without what is in the environment variables and in the user's own packages, and
 * asks it what it is.
 *
 * @param executable absolute path of an interpreter, or of a shim that starts one
 * @param options `timeoutMs`: milliseconds, by default 20 seconds
 * @throws SettingsError if it is missing, no CPython, too old, or does not start in time; CodeModeError `cancelled`
 */
export async function inspectInterpreter(
  executable: string,
  options: { signal?: AbortSignal | undefined; timeoutMs?: number } = {},
): Promise<InterpreterFacts> {
  await assertExecutable(executable);
  const mark = randomUUID();
  const { timeoutMs = START_TIMEOUT_MS, signal } = options;
  const end = await runProgram(executable, ['-E', '-s', '-c', QUESTION, mark], {
    // Not the folder of whoever asks: Python would look for modules there.
    cwd: path.dirname(executable),
    timeoutMs,
    signal,
  });
  const answer = AnswerSchema.safeParse(parseJson(end.stdout.split(mark)[1]));
  if (!answer.success) throw noAnswer(executable, end, timeoutMs);
  const { implementation, version, ...facts } = answer.data;
  if (implementation !== 'cpython') {
    throw unusable(`${executable} is ${implementationName(implementation)}, not CPython.`);
  }
  const text = version.join('.');
  if (!isSupported(text)) {
    throw unusable(`${executable} is Python ${text}; ${OLDEST} or newer is needed.`);
  }
  return { ...facts, executable: facts.executable || executable, version: text };
}

async function assertExecutable(file: string): Promise<void> {
  try {
    if ((await stat(file)).isDirectory()) throw unusable(`${file} is a folder, not a Python interpreter.`);
    await access(file, constants.X_OK);
    if (process.platform !== 'win32' && !(await isProgram(file))) {
      throw unusable(`${file} is a text file, not a Python interpreter.`);
    }
  } catch (error) {
    if (CodeModeError.is(error)) throw error;
    if (isMissing(error)) throw await missing(file, error);
    // Python from the Microsoft Store is behind a file that can be run and not be read.
    if (process.platform === 'win32') return;
    if (systemCode(error) === 'EACCES') throw unusable(`${file} is not an executable program.`, error);
    throw unusable(`${file} can't be read.`, error);
  }
}

/** Other files would be taken for a shell script and be run as one. */
async function isProgram(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.toString('latin1', 0, 2) === '#!' || BINARY.has(buffer.readUInt32BE());
}

/** How programs begin: ELF, and the forms of Mach-O. */
const BINARY = new Set([0x7f454c46, 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe]);

async function missing(file: string, cause: unknown): Promise<SettingsError> {
  const dangling = await lstat(file).then(
    () => true,
    () => false,
  );
  return unusable(
    dangling
      ? `${file} is a link to a Python interpreter that is gone.`
      : `There is no Python interpreter at ${file}.`,
    cause,
  );
}

function noAnswer(file: string, end: ProgramEnd, timeoutMs: number): SettingsError {
  if (end.timedOut) {
    return unusable(`${file} did not start within ${timeoutMs / 1000} seconds.`, end.failure);
  }
  const lastWords = end.stderr.trim().split('\n').at(-1)?.trim().slice(0, 300);
  const said = lastWords ? ` It says: ${lastWords}` : '';
  return unusable(`${file} is no Python interpreter, or one that does not start.${said}`, end.failure);
}

function unusable(message: string, cause?: unknown): SettingsError {
  const error = new SettingsError(message, CHOOSE_ANOTHER);
  if (cause !== undefined) error.cause = cause;
  return error;
}

function implementationName(name: string): string {
  const names: Readonly<Record<string, string>> = { pypy: 'PyPy', graalpy: 'GraalPy', jython: 'Jython' };
  return names[name] ?? name;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
