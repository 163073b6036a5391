import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../../common/files/systemErrors.ts';
import { CodeModeError, ToolArgumentsError, ToolFailedError } from '../../../contract/errors.ts';
import type { ProgramEnd, ProgramOptions } from './program.ts';

/** Of what a program has said last, in characters. */
const SHOWN_CHARACTERS = 4_000;
const READ_BYTES = 16_384;

/**
 * Why a program did not do its work; undefined: it did.
 *
 * @param label - how Python code names the callable
 * @param mask - takes secrets out
 */
export function failureOf(
  label: string,
  program: string,
  end: ProgramEnd,
  {
    timeoutS,
    successCodes,
    mask,
  }: {
    readonly timeoutS: number;
    readonly successCodes: readonly number[];
    readonly mask: (text: string) => string;
  },
): CodeModeError | undefined {
  const said = whatItSaid(end, mask);
  if (end.stopped === 'aborted') {
    return new CodeModeError('cancelled', `${label} was ended together with the run.${said}`);
  }
  if (end.stopped === 'timeout') {
    const seconds = timeoutS === 1 ? '1 second' : `${timeoutS} seconds`;
    return new ToolFailedError(`${label}: ${program} was ended after ${seconds}, its timeout.${said}`, {
      hint: 'A longer `timeout` can be set in the tool’s file.',
    });
  }
  if (end.exitSignal !== null) {
    return new ToolFailedError(`${label}: ${program} was ended by the signal ${end.exitSignal}.${said}`);
  }
  if (end.exitCode === null || successCodes.includes(end.exitCode)) return undefined;
  return new ToolFailedError(`${label}: ${program} ended with exit code ${end.exitCode}.${said}`);
}

/** The end of standard error, or of standard output where there is nothing else. */
function whatItSaid({ stdout, stderr }: ProgramEnd, mask: (text: string) => string): string {
  const bytes = stderr.byteLength > 0 ? stderr : stdout.subarray(-READ_BYTES);
  // Masked first: a secret that is cut would not be found any more.
  const text = mask(new TextDecoder().decode(bytes)).slice(-SHOWN_CHARACTERS);
  // What is left of a character that was cut.
  const whole = text.replace(/^[\uFFFD\p{Surrogate}]+/u, '').trim();
  return whole === '' ? '' : `\n${whole}`;
}

/** Why a program could not be started, in words for a person. */
export async function startFailure(
  label: string,
  { file, cwd }: Pick<ProgramOptions, 'file' | 'cwd'>,
  cause: unknown,
): Promise<CodeModeError> {
  if (!(await isFolder(cwd))) {
    return new ToolFailedError(`${label} can't run: the folder ${cwd} does not exist.`, {
      hint: 'Make it, or mend `cwd` in the tool’s file.',
      cause,
    });
  }
  const isPath = /[\\/]/u.test(file);
  switch (systemCode(cause)) {
    case 'ENOENT':
      if (isPath && (await exists(file))) {
        return new ToolFailedError(
          `${label} can't run: ${file} is there, but what it is run by is missing.`,
          {
            hint: 'If it is a script, see to the program that its first line names.',
            cause,
          },
        );
      }
      return new ToolFailedError(`${label} can't run: the program "${file}" is not installed.`, {
        hint: isPath ? 'Mend `command` in the tool’s file.' : howToInstall(file),
        cause,
      });
    case 'EACCES':
      return new ToolFailedError(`${label} can't run: "${file}" is not a program that may be executed.`, {
        hint: isPath ? `Make it executable: chmod +x ${file}` : 'See to its permissions.',
        cause,
      });
    case 'ENOEXEC':
      return new ToolFailedError(`${label} can't run: "${file}" is not a program for this system.`, {
        hint: 'A script begins with a line such as #!/bin/sh that names what it is run by.',
        cause,
      });
    case 'E2BIG':
      return new ToolArgumentsError(
        `${label} can't run: its arguments are longer than the system allows.`,
        'Give what is long as the program’s input (`schema.stdin` in the tool’s file) or in a file.',
      );
    case 'EMFILE':
    case 'EAGAIN':
    case 'ENOMEM':
      return new ToolFailedError(`${label} can't run: the system has no room for another program.`, {
        hint: 'Let fewer calls run at the same time: codeMode.tools.maxParallelCalls.',
        cause,
      });
    default:
      return new ToolFailedError(
        `${label} can't run: ${cause instanceof Error ? cause.message : String(cause)}.`,
        { cause },
      );
  }
}

/** @throws ToolFailedError for a batch file of Windows */
export function refuseBatchFiles(label: string, file: string): void {
  if (!/\.(?:bat|cmd)$/iu.test(file)) return;
  throw new ToolFailedError(
    `${label} can't run: ${path.basename(file)} is a batch file, which only a shell can run, and a shell reads arguments as commands.`,
    {
      hint: 'Name the program behind it as `command` in the tool’s file, such as node with the script as `subcommand`.',
    },
  );
}

function howToInstall(program: string): string {
  const name = 'or name its full path as `command` in the tool’s file';
  const install = `Install ${program} and see that its folder is on the search path (PATH), ${name}. VS Code sees a changed PATH when it is started again.`;
  return process.platform === 'win32' ? `${install} Batch files (.cmd, .bat) are not run.` : install;
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
