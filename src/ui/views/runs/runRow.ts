import type { RunStatus, ToolCall } from '../../../core/contract/execution.ts';
import type { RunInfo } from '../../../core/session/session.ts';
import { calledName, pythonLiteral } from '../../../core/tools/pythonWords.ts';
import { codeBlock, escapeMarkdown, tooltipMarkdown } from '../markdown.ts';
import { describeDuration, describeSize, type Length } from '../quantities.ts';
import { callText } from './callText.ts';

/** A line of the view, in words. Plain data, to be compared. */
export interface Row {
  readonly label: string;
  readonly description: string;
  /** The name of a codicon. */
  readonly icon: string;
  /** The id of a theme colour; undefined: that of the text. */
  readonly colour: string | undefined;
  /** What the `when` clauses of its actions look at. */
  readonly context: string;
  /** For those who hear it. */
  readonly spoken: string;
}

/** How a run is, or came to its end. */
type RunState = RunStatus | 'running' | 'refused';

interface Look {
  readonly icon: string;
  readonly colour?: string;
  readonly word: string;
}

const LOOKS: Readonly<Record<RunState, Look>> = {
  running: { icon: 'loading~spin', word: 'running' },
  ok: { icon: 'check', colour: 'testing.iconPassed', word: 'done' },
  error: { icon: 'error', colour: 'list.errorForeground', word: 'failed' },
  interrupted: { icon: 'debug-stop', word: 'interrupted' },
  timeout: { icon: 'watch', colour: 'list.warningForeground', word: 'timed out' },
  died: { icon: 'flame', colour: 'list.errorForeground', word: 'Python ended' },
  refused: { icon: 'circle-slash', word: 'did not run' },
};

/** Characters of the code that a line shows, which leave room for the rest. */
const MAX_LABEL = 40;
/** Characters of a value that a line shows. */
const MAX_VALUE = 200;
/** Characters of a call that a tooltip shows. */
const MAX_CALL = 2000;

/** Puts a run into words. */
export function describeRun(info: RunInfo): Row {
  const state = stateOf(info);
  const look = LOOKS[state];
  const label = info.title === '' ? '(no code)' : info.title;
  return {
    label: shortened(label, MAX_LABEL),
    description: summaryOf(info, 'short').join(' · '),
    icon: look.icon,
    colour: look.colour,
    context: info.endedAt === null ? 'run running' : 'run',
    spoken: [label, look.word, ...summaryOf(info, 'long')].join(', '),
  };
}

/** Markdown with all that there is to know of a run. */
export function runMarkdown(info: RunInfo): string {
  const lines: [string, string][] = [
    ['State', LOOKS[stateOf(info)].word],
    ['Started by', `${info.startedBy || 'this window'} (${initiatorOf(info)})`],
    ['Asked for', new Date(info.requestedAt).toLocaleString()],
  ];
  if (info.endedAt !== null) {
    lines.push(['Took', `${describeDuration(info.endedAt - info.requestedAt, 'long')}, waiting included`]);
  }
  if (info.executionCount > 0) lines.push(['Execution', String(info.executionCount)]);
  if (info.toolCallCount > 0) lines.push(['Calls to tools', info.toolCallCount.toLocaleString('en')]);
  return tooltipMarkdown(info.title || '(no code)', lines);
}

/** Puts a call to a tool into words. */
export function describeCall(call: ToolCall): Row {
  const { durationMs, error } = call;
  const label = calledName(call);
  const state = durationMs === null ? 'running' : error === null ? 'ok' : 'error';
  const parts = (length: Length) => [
    ...(durationMs === null ? [] : [describeDuration(durationMs, length)]),
    ...(call.resultBytes === null ? [] : [describeSize(call.resultBytes, length)]),
    // What was called stands in front.
    ...(error === null ? [] : [oneLine(error.replace(`tools.${label}: `, ''))]),
  ];
  return {
    label,
    description: parts('short').join(' · '),
    icon: state === 'ok' ? 'symbol-method' : LOOKS[state].icon,
    colour: state === 'error' ? LOOKS.error.colour : undefined,
    context: 'call',
    spoken: [label, LOOKS[state].word, ...parts('long')].join(', '),
  };
}

/** Markdown with all that there is to know of a call. */
export function callMarkdown(call: ToolCall): string {
  const lines: [string, string][] = [['Began', new Date(call.startedAt).toLocaleString()]];
  if (call.durationMs !== null) lines.push(['Took', describeDuration(call.durationMs, 'long')]);
  if (call.resultBytes !== null) lines.push(['Gave', describeSize(call.resultBytes, 'long')]);
  const parts = [
    tooltipMarkdown(calledName(call), lines),
    ...(call.error === null ? [] : [`$(error) ${escapeMarkdown(call.error)}`]),
    codeBlock(shortened(callText(call), MAX_CALL), 'python'),
  ];
  return parts.join('\n\n');
}

/** Puts an argument of a call into words. */
export function describeArgument(name: string, call: ToolCall): Row {
  const value = oneLine(pythonLiteral(call.arguments[name] ?? null));
  return {
    label: `${name}:`,
    description: value,
    icon: 'symbol-parameter',
    colour: undefined,
    context: 'argument',
    spoken: `${name}: ${value}`,
  };
}

/** Markdown with the value of an argument. */
export function argumentMarkdown(name: string, call: ToolCall): string {
  const value = call.arguments[name] ?? null;
  const text = typeof value === 'string' ? value : pythonLiteral(value);
  return `${escapeMarkdown(name)}\n\n${codeBlock(shortened(text, MAX_CALL), typeof value === 'string' ? '' : 'python')}`;
}

function summaryOf(info: RunInfo, length: Length): string[] {
  const { executionCount, requestedAt, endedAt, toolCallCount } = info;
  const calls = `${toolCallCount.toLocaleString('en')} ${toolCallCount === 1 ? 'call' : 'calls'}`;
  return [
    ...(executionCount > 0 ? [`[${executionCount}]`] : []),
    ...(endedAt === null ? [] : [describeDuration(endedAt - requestedAt, length)]),
    ...(toolCallCount === 0 ? [] : [length === 'short' ? calls : `${calls} to tools`]),
    [initiatorOf(info), info.startedBy].filter(Boolean).join(': '),
  ];
}

function initiatorOf({ initiator }: RunInfo): string {
  return initiator === 'agent' ? 'an agent' : 'a person';
}

function stateOf({ endedAt, status }: RunInfo): RunState {
  return endedAt === null ? 'running' : (status ?? 'refused');
}

function oneLine(text: string): string {
  return shortened(text.trim().replace(/\s+/gu, ' '), MAX_VALUE);
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
