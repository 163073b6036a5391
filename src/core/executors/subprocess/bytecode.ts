import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { PythonEnvironment } from './environment/index.ts';
import { runProgram } from './environment/program.ts';

/** Far above what it takes: it only keeps a machine where nothing moves from holding up everything. */
const TIMEOUT_MS = 20_000;

/** What was seen to or tried, by folder and version. */
const known = new Map<string, Promise<void>>();

/**
 * Compiles our Python files for a version of Python, unless that was done. Python itself would do so at each start: it
 * cannot keep what it compiles under the operating system's sandbox, or where the environment variables forbid it.
 *
 * Where nothing can be written, starts are slower.
 * @param folder absolute path of the Python files
 */
export function ensureBytecode(
  folder: string,
  { executable, version }: PythonEnvironment,
  log: (line: string) => void,
): Promise<void> {
  const tag = `cpython-${version.split('.', 2).join('')}`;
  const key = `${folder}\0${tag}`;
  const seen = known.get(key) ?? compile(folder, tag, executable, log);
  known.set(key, seen);
  return seen;
}

async function compile(
  folder: string,
  tag: string,
  executable: string,
  log: (line: string) => void,
): Promise<void> {
  const sources = path.join(folder, 'code_mode');
  const [files, compiled] = await Promise.all(
    [sources, path.join(sources, '__pycache__')].map((place) => readdir(place).catch((): string[] => [])),
  );
  const modules = (files ?? []).filter((name) => name.endsWith('.py')).map((name) => path.parse(name).name);
  const there = new Set(compiled);
  if (modules.every((name) => there.has(`${name}.${tag}.pyc`))) return;
  // Neither the environment variables nor the packages of the environment have a say.
  const args = ['-I', '-S', '-m', 'compileall', '-q', folder];
  const { failure } = await runProgram(executable, args, { cwd: folder, timeoutMs: TIMEOUT_MS });
  if (failure) log(`python: the files in ${folder} could not be compiled: ${failure.message}`);
}
