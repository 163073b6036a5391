import { readFile } from 'node:fs/promises';
import { CodeModeError, UsageError } from '../core/contract/errors.ts';
import type { CodeOrigin } from '../core/contract/execution.ts';
import { decodePythonSource } from './sourceEncoding.ts';

/** The code that the command line was given, and where it came from. */
export interface Source {
  readonly code: string;
  readonly origin: CodeOrigin;
  /** True where standard input was the code, so that `input()` has nothing to read. */
  readonly fromStdin: boolean;
}

const HINT = 'Run "code-mode run --help" for what it takes.';

/**
 * Reads the code that `run` was asked for: `-c CODE`, `-` or a file, exactly one of them.
 *
 * @throws UsageError for none or several, CodeModeError `file` for what can't be read or decoded
 */
export async function readSource(code: string | undefined, positionals: readonly string[]): Promise<Source> {
  const [file, extra] = positionals;
  if (code !== undefined) {
    if (file !== undefined)
      throw new UsageError(`Both -c CODE and "${file}" are given; run takes one of them.`, HINT);
    return { code, origin: { filename: '<string>', firstLine: 1 }, fromStdin: false };
  }
  if (file === undefined)
    throw new UsageError('There is nothing to run: give a FILE, -c CODE or - for standard input.', HINT);
  if (extra !== undefined) {
    throw new UsageError(
      `"${extra}" is one argument too many; run takes one FILE and passes no arguments to it.`,
      HINT,
    );
  }
  if (file === '-') {
    return {
      code: decodePythonSource(await readStandardInput(), 'Standard input'),
      origin: { filename: '<stdin>', firstLine: 1 },
      fromStdin: true,
    };
  }
  return {
    code: decodePythonSource(await readFileOrExplain(file), `"${file}"`),
    origin: { filename: file, firstLine: 1 },
    fromStdin: false,
  };
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function readFileOrExplain(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
}

function unreadable(file: string, cause: NodeJS.ErrnoException): CodeModeError {
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CodeModeError('file', `There is no file "${file}".`, {
        hint: `Check the path; it is looked for from ${process.cwd()}. To run code itself, use -c CODE.`,
        cause,
      });
    case 'EISDIR':
      return new CodeModeError('file', `"${file}" is a folder, not a Python file.`, {
        hint: 'Name the file in it that is to be run.',
        cause,
      });
    case 'EACCES':
    case 'EPERM':
      return new CodeModeError('file', `"${file}" can't be read: permission denied.`, {
        hint: "Check the file's permissions.",
        cause,
      });
    default:
      return new CodeModeError('file', `"${file}" can't be read: ${cause.message}`, {
        hint: 'Check the path.',
        cause,
      });
  }
}
