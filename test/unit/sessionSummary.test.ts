import assert from 'node:assert/strict';
import { Capability } from '../../src/core/contract/capability.ts';
import type { ExecutorState } from '../../src/core/contract/executor.ts';
import { executorRegistry } from '../../src/core/executors/index.ts';
import { isolationLines, type SessionFacts, summarize } from '../../src/ui/status/sessionSummary.ts';

const executor = executorRegistry.list()[0]!;

function facts(state: ExecutorState | undefined, more: Partial<SessionFacts> = {}): SessionFacts {
  const info = state && {
    id: 'workspace',
    title: 'w',
    notebook: null,
    executor: executor.id,
    interpreter: '',
    state,
    capabilities: [],
    capabilityReport: [],
    executionCount: 0,
    queued: 0,
    clearings: 0,
    hasContainer: false,
    createdAt: 0,
    clients: [],
    spec: { id: 'workspace', title: 'w', executor: executor.id },
  };
  return {
    trusted: true,
    info,
    executor,
    chosen: executor.id,
    interpreterIsChosen: false,
    waiting: 0,
    ...more,
  };
}

describe('the status in words', () => {
  it('says what Python does', () => {
    const states = [undefined, 'stopped', 'starting', 'idle', 'busy', 'dead'] as const;
    assert.deepEqual(
      states
        .map((state) => summarize(facts(state)))
        .map(({ state, severity, busy }) => [state, severity, busy]),
      [
        ['not started', 'none', false],
        ['not started', 'none', false],
        ['starting', 'none', true],
        ['idle', 'none', false],
        ['busy', 'none', true],
        ['not running: it ended or could not be started', 'error', false],
      ],
    );
  });

  it('counts what waits', () => {
    assert.equal(summarize(facts('busy', { waiting: 2 })).label, `Python: ${executor.label} (2 waiting)`);
  });

  it('names the interpreter where the person chooses it', () => {
    const { info } = facts('idle');
    const interpreter = 'CPython 3.12.4 (.venv)';
    const known = { ...info!, interpreter };
    assert.equal(summarize(facts('idle', { info: known })).label, `Python: ${executor.label}`);
    assert.equal(
      summarize(facts('idle', { info: known, interpreterIsChosen: true })).label,
      `Python: ${executor.label}, ${interpreter}`,
    );
    assert.equal(
      summarize(facts('stopped', { interpreterIsChosen: true })).label,
      `Python: ${executor.label}`,
    );
  });

  it('says what keeps code from running', () => {
    assert.match(summarize(facts(undefined, { trusted: false })).state, /trust/);
    const unknown = summarize(facts(undefined, { executor: undefined, chosen: 'x' }));
    assert.equal(unknown.severity, 'warning');
    assert.equal(unknown.state, 'there is no executor "x"');
  });

  it('says what is kept apart and what is not, with the reason', () => {
    const lines = isolationLines([
      { capability: Capability.PROCESS_ISOLATION, supported: true, detail: 'A child.' },
      { capability: Capability.NETWORK_ISOLATION, supported: false, detail: 'Not closed.' },
      { capability: Capability.NETWORK_FILTERING, supported: false, detail: '' },
      { capability: Capability.RESET, supported: true, detail: '' },
    ]);
    assert.deepEqual(lines, [
      '$(pass) **A process of its own** — A child.',
      '$(circle-slash) **No guarantee for the network** — Not closed.',
    ]);
  });

  it('says one thing of the network', () => {
    const lines = (isolated: boolean, filtered: boolean) =>
      isolationLines([
        { capability: Capability.NETWORK_ISOLATION, supported: isolated, detail: '' },
        { capability: Capability.NETWORK_FILTERING, supported: filtered, detail: '' },
      ]);
    assert.deepEqual(lines(true, true), ['$(pass) **Kept apart from the network**']);
    assert.deepEqual(lines(true, false), ['$(pass) **Kept apart from the network**']);
    assert.deepEqual(lines(false, true), ['$(pass) **Network only to allowed domains**']);
    assert.deepEqual(lines(false, false), ['$(circle-slash) **No guarantee for the network**']);
  });
});
