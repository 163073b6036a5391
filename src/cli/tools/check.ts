import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf } from '../../core/common/files/systemErrors.ts';
import { CodeModeError } from '../../core/contract/errors.ts';
import type { DefinedTool } from '../../core/tools/definition/index.ts';
import type { ToolDefinitions } from '../../core/tools/sources/index.ts';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../exitCodes.ts';

/** A definition with its text. */
interface Checked {
  /** As it is shown. */
  readonly file: string;
  readonly text: string;
  readonly problems: DefinedTool['problems'];
}

/** Prints what is wrong with files. @throws CodeModeError `file` */
export async function checkFiles(
  files: readonly string[],
  json: boolean,
  context: CommandContext,
): Promise<ExitCode> {
  const { parseToolDefinition } = await import('../../core/tools/definition/index.ts');
  const checked: Checked[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new CodeModeError('file', `"${file}" can't be read: ${reasonOf(cause)}.`, { cause });
    });
    checked.push({ file, text, problems: parseToolDefinition(text, path.resolve(file)).problems });
  }
  return report(checked, json, context);
}

/** Prints what is wrong with all tools that are defined somewhere. */
export async function checkDefinitions(
  definitions: ToolDefinitions,
  json: boolean,
  context: CommandContext,
): Promise<ExitCode> {
  const checked = (await definitions.list()).map((tool): Checked => {
    const file = tool.file === undefined ? tool.entry : path.relative('', tool.file);
    return { file, text: definitions.textOf(tool) ?? '', problems: tool.problems };
  });
  return report(checked, json, context);
}

function report(checked: readonly Checked[], json: boolean, { stdout }: CommandContext): ExitCode {
  const found = checked.flatMap(({ file, text, problems }) =>
    problems.map(({ severity, message, start }) => ({ file, ...positionOf(text, start), severity, message })),
  );
  if (json) stdout.writeLine(JSON.stringify(found, null, 2));
  else {
    for (const { file, line, column, severity, message } of found) {
      stdout.writeLine(`${file}:${line}:${column}: ${severity === 'warning' ? 'warning: ' : ''}${message}`);
    }
  }
  return found.some(({ severity }) => severity === 'error') ? ExitCode.failed : ExitCode.ok;
}

/** Both from 1. */
function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/u);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
