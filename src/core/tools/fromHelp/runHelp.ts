import os from 'node:os';
import { CodeModeError, ToolFailedError } from '../../contract/errors.ts';
import { ordinaryEnvironment } from '../adapters/cli/environment.ts';
import { refuseBatchFiles, startFailure } from '../adapters/cli/failures.ts';
import { type ProgramOptions, runProgram } from '../adapters/cli/program.ts';

/** A program's help, and the command line whose answer it is. */
export interface HelpAnswer {
  readonly asked: string;
  readonly text: string;
}

const TIMEOUT_S = 15;
const MAX_BYTES = 2_000_000;
/** Pages of help are to be printed, not shown: at once, wide, and without colours. */
const PLAIN_OUTPUT = {
  PAGER: 'cat',
  MANPAGER: 'cat',
  GIT_PAGER: 'cat',
  TERM: 'dumb',
  NO_COLOR: '1',
  COLUMNS: '120',
  LC_ALL: 'C.UTF-8',
};

/**
 * Asks a program for its help: by --help, then by -h. Neither runs through a shell, and both end in a few seconds.
 *
 * @param words - the program and a subcommand
 * @throws ToolFailedError where it can't be run or gives none, CodeModeError `cancelled`
 */
export async function askForHelp(
  words: readonly string[],
  {
    workingFolder = os.homedir(),
    signal,
  }: { readonly workingFolder?: string | undefined; readonly signal: AbortSignal },
): Promise<HelpAnswer> {
  const [file = '', ...subcommand] = words;
  refuseBatchFiles(file, file);
  const answers: string[] = [];
  for (const flag of ['--help', '-h']) {
    const options: ProgramOptions = {
      file,
      args: [...subcommand, flag],
      cwd: workingFolder,
      env: { ...ordinaryEnvironment(), ...PLAIN_OUTPUT },
      stdin: undefined,
      timeoutS: TIMEOUT_S,
      maxOutputBytes: MAX_BYTES,
      signal,
    };
    const end = await runProgram(options).catch(async (error: unknown) => {
      throw await startFailure(file, options, error);
    });
    if (end.stopped === 'aborted') throw new CodeModeError('cancelled', 'Asking for the help was cancelled.');
    const asked = [...words, flag].join(' ');
    // Some print it as they print errors, and end as after one.
    for (const bytes of [end.stdout, end.stderr]) {
      const text = new TextDecoder().decode(bytes);
      if (isHelp(text)) return { asked, text };
      answers.push(text.trim());
    }
  }
  const said = answers.find((text) => text !== '')?.slice(0, 500);
  throw new ToolFailedError(
    `${words.join(' ')} gives no help that can be read, by --help or by -h.${said === undefined ? '' : `\n${said}`}`,
    { hint: 'Begin with a template in its place.' },
  );
}

/** A manual page is none: its lists are set in another way. */
function isHelp(text: string): boolean {
  if (/^\s*\S+\(\d\w*\)\s/u.test(text)) return false;
  return /^\s*usage\b/imu.test(text) || (text.match(/^\s*-{1,2}\w/gmu)?.length ?? 0) >= 2;
}
