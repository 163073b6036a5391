import { Capability } from '../../core/contract/capability.ts';
import type { CapabilityReport } from '../../core/contract/executor.ts';
import type { ExecutorDescriptor } from '../../core/executors/registry.ts';
import type { SessionInfo } from '../../core/session/session.ts';
import { explainState, STATES } from './sessionStates.ts';

/** What the status is about, gathered from sessions, settings and the window. */
export interface SessionFacts {
  readonly trusted: boolean;
  /** The open session in front of the person. */
  readonly info: SessionInfo | undefined;
  /** How the session's executor presents itself, else the chosen one's; undefined: the setting names none. */
  readonly executor: ExecutorDescriptor | undefined;
  /** The executor as the setting has it. */
  readonly chosen: string;
  /** Whether that executor lets the person choose its interpreter, so that it is worth naming. */
  readonly interpreterIsChosen: boolean;
  /** Pieces of code from the editor that wait for their turn. */
  readonly waiting: number;
}

/** The status in words, for a person who reads it and for one who hears it. */
export interface SessionSummary {
  readonly icon: string;
  /** Short, for the status bar. */
  readonly label: string;
  /** What Python does right now. */
  readonly state: string;
  readonly severity: 'none' | 'warning' | 'error';
  readonly busy: boolean;
}

/** What the capabilities that keep something apart mean to a person: kept, and not kept. */
const ISOLATION: ReadonlyMap<Capability, readonly [kept: string, missing: string]> = new Map([
  [Capability.PROCESS_ISOLATION, ['A process of its own', 'No process of its own']],
  [Capability.FILESYSTEM_ISOLATION, ['Your files are protected', 'No guarantee for your files']],
  [Capability.NETWORK_ISOLATION, ['Kept apart from the network', 'No guarantee for the network']],
  [Capability.NETWORK_FILTERING, ['Network only to allowed domains', 'No filter for domains']],
  [Capability.MEMORY_LIMIT, ['Memory is limited', 'Memory is not limited']],
  [Capability.CPU_LIMIT, ['Processor time is limited', 'Processor time is not limited']],
  [Capability.TIMEOUT, ['A timeout stops the code', 'No timeout can stop the code']],
]);

/** Puts the facts into words. */
export function summarize(facts: SessionFacts): SessionSummary {
  const { trusted, info, executor, chosen, waiting } = facts;
  const name = executor?.label ?? chosen;
  if (!trusted) {
    const state = 'limited: code only runs in a workspace that you trust';
    return { icon: 'workspace-untrusted', label: 'Python', state, severity: 'warning', busy: false };
  }
  if (!executor) {
    const state = `there is no executor "${chosen}"`;
    return { icon: 'warning', label: `Python: ${name}`, state, severity: 'warning', busy: false };
  }
  const current = info?.state ?? 'stopped';
  const queued = (info?.queued ?? 0) + waiting;
  const interpreter = facts.interpreterIsChosen && info?.interpreter ? `, ${info.interpreter}` : '';
  return {
    icon: STATES[current].icon,
    label: `Python: ${name}${interpreter}${queued > 0 ? ` (${queued} waiting)` : ''}`,
    state: explainState(current),
    severity: current === 'dead' ? 'error' : 'none',
    busy: current === 'starting' || current === 'busy',
  };
}

/** The lines of the tooltip that say what is kept apart and what is not, with the reason for each. */
export function isolationLines(report: readonly CapabilityReport[]): readonly string[] {
  const kept = new Set(report.filter(({ supported }) => supported).map(({ capability }) => capability));
  const isFiltered = kept.has(Capability.NETWORK_FILTERING) && !kept.has(Capability.NETWORK_ISOLATION);
  // Of the network one thing is said: that it is closed altogether, else what is filtered, else that it is open.
  const unsaid = isFiltered ? Capability.NETWORK_ISOLATION : Capability.NETWORK_FILTERING;
  return report.flatMap(({ capability, supported, detail }) => {
    const words = ISOLATION.get(capability);
    if (!words || capability === unsaid) return [];
    const icon = supported ? '$(pass)' : '$(circle-slash)';
    return [`${icon} **${supported ? words[0] : words[1]}**${detail ? ` — ${detail}` : ''}`];
  });
}
