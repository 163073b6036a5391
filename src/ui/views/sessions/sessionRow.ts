import type { ExecutorDescriptor } from '../../../core/executors/registry.ts';
import type { SessionInfo } from '../../../core/session/session.ts';
import { explainState, STATES } from '../../status/sessionStates.ts';
import { describeAge, describeMemory, type Length } from '../quantities.ts';

/** What a row tells of. */
export interface SessionFacts {
  readonly info: SessionInfo;
  /** How the session's executor presents itself; undefined: this version does not know it. */
  readonly executor: Pick<ExecutorDescriptor, 'label' | 'description'> | undefined;
  /** Bytes; undefined: not known. */
  readonly memory: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A line below a session. */
export interface DetailRow {
  readonly kind: 'client' | 'notebook';
  /** Who is attached, or the notebook's URI. */
  readonly value: string;
  /** The name of a codicon. */
  readonly icon: string;
}

/** A session in the view, in words. Plain data, to be compared. */
export interface SessionRow {
  readonly label: string;
  readonly description: string;
  /** The name of a codicon. */
  readonly icon: string;
  /** What the `when` clauses of its actions look at: `session` and the state. */
  readonly context: string;
  /** For those who hear it. */
  readonly spoken: string;
  /** What the tooltip says, as names with their texts. */
  readonly tooltip: readonly (readonly [name: string, text: string])[];
  readonly details: readonly DetailRow[];
}

/** Puts a session into words. */
export function describeSession(facts: SessionFacts): SessionRow {
  const { info } = facts;
  return {
    label: info.title,
    description: summaryOf(facts, 'short').join(' · '),
    icon: STATES[info.state].icon,
    context: `session ${info.state}`,
    spoken: [info.title, ...summaryOf(facts, 'long')].join(', '),
    tooltip: tooltipOf(facts),
    details: [
      ...info.clients.map((client) => ({ kind: 'client', value: client, icon: clientIcon(client) }) as const),
      ...(info.notebook === null
        ? []
        : [{ kind: 'notebook', value: info.notebook, icon: 'notebook' } as const]),
    ],
  };
}

/** Whether there is a Python whose memory could be told. */
export function hasPython({ state }: SessionInfo): boolean {
  return state === 'idle' || state === 'busy';
}

function summaryOf({ info, executor, memory, now }: SessionFacts, length: Length): string[] {
  const waiting = info.queued > 0 ? ` (${info.queued} waiting)` : '';
  const summary = [
    executor?.label ?? info.executor,
    STATES[info.state].word + waiting,
    describeAge(now - info.createdAt, length),
  ];
  if (memory !== undefined && hasPython(info)) summary.push(describeMemory(memory, length));
  return summary;
}

function tooltipOf({ info, executor, memory, now }: SessionFacts): [string, string][] {
  const opened = new Date(info.createdAt).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  const lines: [string, string][] = [
    ['Executor', executor ? `${executor.label}. ${executor.description}` : info.executor],
  ];
  if (info.interpreter) lines.push(['Python', info.interpreter]);
  lines.push(['State', explainState(info.state)]);
  if (info.queued > 0) lines.push(['Waiting', info.queued === 1 ? '1 run' : `${info.queued} runs`]);
  lines.push(['Runs so far', String(info.executionCount)]);
  if (memory !== undefined && hasPython(info)) lines.push(['Memory', describeMemory(memory, 'short')]);
  lines.push(['Opened', `${opened}, ${describeAge(now - info.createdAt, 'long')} ago`]);
  if (info.clients.length > 0) lines.push(['Attached', info.clients.join(', ')]);
  if (info.notebook !== null) lines.push(['Notebook', info.title]);
  return lines;
}

/** Clients say in words who they are: what is not a window or a terminal is a program. */
function clientIcon(client: string): string {
  if (client.startsWith('VS Code')) return 'window';
  return /command line|terminal|code-mode run/iu.test(client) ? 'terminal' : 'plug';
}
