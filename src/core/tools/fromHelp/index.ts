import { UsageError } from '../../contract/errors.ts';
import { parseHelp } from './helpText.ts';
import { askForHelp } from './runHelp.ts';
import { type ToolFromHelp, toolFromHelp } from './writeDefinition.ts';

export type { ToolFromHelp } from './writeDefinition.ts';

/**
 * Makes a tool from what a program says of itself, which it is run for.
 *
 * @param command - the program, and a subcommand where it has any: `git log`, or its words. There is no shell; in a text, a
 *   path with blanks is in quotes.
 * @throws UsageError, ToolFailedError where the program can't be run or gives no help, CodeModeError `cancelled`
 */
export async function definitionFromHelp(
  command: string | readonly string[],
  {
    workingFolder,
    signal = new AbortController().signal,
  }: {
    readonly workingFolder?: string | undefined;
    readonly signal?: AbortSignal;
  } = {},
): Promise<ToolFromHelp> {
  const words = typeof command === 'string' ? wordsOf(command) : command;
  if (!words[0]) throw new UsageError('There is no program to ask for its help.');
  const { asked, text } = await askForHelp(words, { workingFolder, signal });
  return toolFromHelp(words, asked, parseHelp(text, words));
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}
