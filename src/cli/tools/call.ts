import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { reasonOf } from '../../core/common/files/systemErrors.ts';
import { CodeModeError, UsageError } from '../../core/contract/errors.ts';
import type { Json } from '../../core/contract/execution.ts';
import type { ToolCallableInfo, ToolParameter } from '../../core/contract/tools.ts';
import type { OpenToolbox } from '../../core/session/toolboxes.ts';
import { ToolService } from '../../core/tools/service.ts';
import type { ToolArgument, ToolOutcome, ToolPart } from '../../core/tools/tool.ts';
import type { CommandContext } from '../context.ts';
import type { TerminalOutput } from '../terminalOutput.ts';

/** A call as the command line says it. */
export interface CallOrder {
  /** `curl.get`, or `curl` for the tool itself. */
  readonly wanted: string;
  /** `PARAMETER=VALUE`. */
  readonly given: readonly string[];
  readonly jsonArgs: string | undefined;
  /** The result is written as JSON. */
  readonly json: boolean;
}

/** Calls a tool and writes its result to standard output. @throws CodeModeError */
export async function callTool(
  { toolbox, variables, approvals }: OpenToolbox,
  { wanted, given, jsonArgs, json }: CallOrder,
  context: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const [tool = '', callable = null] = wanted.split(/\.(.*)/su);
  const info = await toolbox.info(tool, signal);
  const known = callable === null ? info.direct : info.callables.find(({ name }) => name === callable);
  const service = new ToolService({
    toolbox: () => toolbox,
    // Who types the call has asked for it; what is blocked stays so.
    spec: { approval: 'never' },
    approvals,
    mask: variables.mask,
    log: () => undefined,
  });
  const outcome = await service.call(
    {
      tool,
      callable,
      arguments: { ...parseObject(jsonArgs), ...(await parseGiven(given, known ?? undefined)) },
    },
    { signal },
  );
  if (json) context.stdout.writeLine(jsonOf(outcome));
  else write(outcome, context.stdout);
}

function parseObject(text: string | undefined): Record<string, Json> {
  if (text === undefined) return {};
  const hint = 'Write an object with the arguments, such as \'{"url": "https://example.org"}\'.';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, Json>;
  } catch {
    // As if it was something else.
  }
  throw new UsageError('--json-args is not a JSON object.', hint);
}

async function parseGiven(
  given: readonly string[],
  callable: ToolCallableInfo | undefined,
): Promise<Record<string, ToolArgument>> {
  const values: Record<string, ToolArgument> = {};
  for (const word of given) {
    const equals = word.indexOf('=');
    if (equals < 1) {
      throw new UsageError(`"${word}" is no argument.`, 'Arguments are written as PARAMETER=VALUE.');
    }
    const name = word.slice(0, equals);
    const text = word.slice(equals + 1);
    const parameter = callable?.parameters.find((each) => each.name === name || each.originalName === name);
    const before = values[name];
    if (parameter?.type === 'array' && !text.startsWith('[')) {
      values[name] = [...(Array.isArray(before) ? before : []), text];
    } else {
      if (before !== undefined) throw new UsageError(`"${name}" is given twice.`);
      values[name] = await parseValue(text, parameter);
    }
  }
  return values;
}

/** What text stands for: itself, for all that is text; what is not of the right type is told when it is called. */
async function parseValue(text: string, parameter: ToolParameter | undefined): Promise<ToolArgument> {
  switch (parameter?.type) {
    case 'integer':
    case 'number':
    case 'boolean':
    case 'array':
    case 'object':
      return asJson(text) ?? text;
    case 'bytes':
      return (await contentOf(text)) ?? Buffer.from(text);
    case 'any':
      return (await contentOf(text)) ?? asJson(text) ?? text;
    default:
      return text;
  }
}

function asJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** What `@FILE` and `@-` stand for; undefined: it is neither. @throws CodeModeError `file` */
async function contentOf(text: string): Promise<Uint8Array | undefined> {
  if (text === '@-') return buffer(process.stdin);
  if (!text.startsWith('@')) return undefined;
  return readFile(text.slice(1)).catch((cause: unknown) => {
    throw new CodeModeError('file', `"${text.slice(1)}" can't be read: ${reasonOf(cause)}.`, { cause });
  });
}

/** Text and bytes as they are, anything else as JSON; several, one a line. */
function write(outcome: ToolOutcome, stdout: TerminalOutput): void {
  if (!('type' in outcome)) {
    for (const part of outcome) {
      write(part, stdout);
      if (!stdout.atLineStart) stdout.write('\n');
    }
    return;
  }
  if (outcome.type === 'text') stdout.write(outcome.text);
  else if (outcome.type === 'utf8' || outcome.type === 'bytes') stdout.writeBytes(outcome.bytes);
  else if (outcome.type === 'jsonUtf8') stdout.writeLine(Buffer.from(outcome.bytes).toString());
  else if (outcome.value !== null) stdout.writeLine(JSON.stringify(outcome.value, null, 2));
}

function jsonOf(outcome: ToolOutcome): string {
  return 'type' in outcome ? jsonOfPart(outcome) : `[${outcome.map(jsonOfPart).join(', ')}]`;
}

/** Bytes are base64, as in a notebook file. */
function jsonOfPart(part: ToolPart): string {
  switch (part.type) {
    case 'text':
      return JSON.stringify(part.text);
    case 'utf8':
      return JSON.stringify(Buffer.from(part.bytes).toString());
    case 'json':
      return JSON.stringify(part.value);
    case 'jsonUtf8':
      return Buffer.from(part.bytes).toString();
    case 'bytes':
      return JSON.stringify({ base64: Buffer.from(part.bytes).toString('base64') });
  }
}
