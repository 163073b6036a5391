import type { ToolInfo } from '../../core/contract/tools.ts';
import { signatureOf } from '../../core/tools/arguments.ts';
import type { ToolboxEntry } from '../../core/tools/toolbox.ts';
import { table } from '../store/render.ts';

/** A tool in a list. Plain data. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Undefined: they are not known before its server has been started. */
  readonly callables: ToolInfo['callables'] | undefined;
  /** What keeps it from being called, or why its callables are not known; null: nothing. */
  readonly problem: string | null;
}

/** All tools by name, those that are broken as well. Starts nothing. */
export function listedTools(entries: ReadonlyMap<string, ToolboxEntry>): ListedTool[] {
  const listed = [...entries.values()].map(({ name, tool, defined }): ListedTool => {
    const { description = '', tags = [] } = tool?.definition.config ?? {};
    const error = defined?.problems.find(({ severity }) => severity === 'error');
    return {
      name,
      description,
      tags,
      callables: tool?.known?.callables,
      problem: tool ? null : (error?.message ?? 'It is broken.'),
    };
  });
  return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Callables of a tool that a list names; of more it says how many. */
const NAMED_CALLABLES = 4;

/** A list of tools as lines. */
export function listRows(tools: readonly ListedTool[]): string[] {
  return table(
    tools.map(({ name, description, callables, problem }) => [
      name,
      namesOf(callables ?? []),
      problem ?? description,
    ]),
  );
}

function namesOf(callables: ToolInfo['callables']): string {
  const names = callables.slice(0, NAMED_CALLABLES).map(({ name }) => name);
  const more = callables.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

/** A tool with all it can do, as lines. */
export function toolLines({ name, description, tags, callables, direct, problem }: ToolInfo): string[] {
  const lines = [`tools.${name}${tags.length > 0 ? `  [${tags.join(', ')}]` : ''}`];
  if (description !== '') lines.push(description);
  if (problem !== null) lines.push(problem);
  const own =
    direct === null || callables.includes(direct) ? [] : [{ path: `tools.${name}`, callable: direct }];
  const all = [
    ...callables.map((callable) => ({ path: `tools.${name}.${callable.name}`, callable })),
    ...own,
  ];
  for (const { path, callable } of all) {
    lines.push('', `${path}${signatureOf(callable.parameters)}`);
    if (callable.description !== '') lines.push(`    ${callable.description}`);
    const rows = callable.parameters.map((parameter) => [
      `      ${parameter.name}`,
      parameter.type,
      parameter.description,
    ]);
    lines.push(...table(rows));
  }
  return lines;
}
