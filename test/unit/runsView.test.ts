import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Emitter } from '../../src/core/common/events.ts';
import type { ToolCall } from '../../src/core/contract/execution.ts';
import type { RunInfo, RunToolCall, Session } from '../../src/core/session/session.ts';
import { describeDuration } from '../../src/ui/views/quantities.ts';
import { callText } from '../../src/ui/views/runs/callText.ts';
import type { Node } from '../../src/ui/views/runs/nodes.ts';
import {
  argumentMarkdown,
  callMarkdown,
  describeArgument,
  describeCall,
  describeRun,
  runMarkdown,
} from '../../src/ui/views/runs/runRow.ts';
import { SessionRuns } from '../../src/ui/views/runs/sessionRuns.ts';
import { traceOf } from '../../src/ui/views/runs/trace.ts';

function run(more: Partial<RunInfo> = {}): RunInfo {
  return {
    id: 'a',
    title: 'x = 1',
    initiator: 'person',
    toolCallCount: 0,
    tag: null,
    startedBy: 'VS Code (lab)',
    requestedAt: 1_000,
    endedAt: 2_234,
    status: 'ok',
    executionCount: 3,
    isDelivered: true,
    ...more,
  };
}

function call(more: Partial<ToolCall> = {}): ToolCall {
  return {
    id: '1',
    tool: 'jq',
    callable: 'query',
    arguments: { filter: '.' },
    startedAt: 1_000,
    durationMs: 12,
    resultBytes: 2_100,
    error: null,
    ...more,
  };
}

describe('a run in words', () => {
  it('is its code, with how it ended and who wanted it', () => {
    const { label, description, icon, context, spoken } = describeRun(run({ toolCallCount: 1200 }));
    assert.deepEqual(
      [label, description, icon, context],
      ['x = 1', '[3] · 1.2 s · 1,200 calls · a person: VS Code (lab)', 'check', 'run'],
    );
    assert.equal(spoken, 'x = 1, done, [3], 1.2 seconds, 1,200 calls to tools, a person: VS Code (lab)');
  });

  it('tells apart how runs end', () => {
    const icons = (['ok', 'error', 'interrupted', 'timeout', 'died', null] as const).map(
      (status) => describeRun(run({ status })).icon,
    );
    assert.equal(new Set(icons).size, 6);
    const running = describeRun(run({ endedAt: null, status: null, executionCount: 0, initiator: 'agent' }));
    assert.deepEqual(
      [running.icon, running.description, running.context],
      ['loading~spin', 'an agent: VS Code (lab)', 'run running'],
    );
    assert.equal(describeRun(run({ title: '', startedBy: '' })).label, '(no code)');
    const long = describeRun(run({ title: 'x'.repeat(120) }));
    assert.deepEqual([long.label.length, long.spoken.indexOf(',')], [40, 120]);
  });

  it('is explained without its code being taken for Markdown', () => {
    const markdown = runMarkdown(run({ title: 'a * b * c', toolCallCount: 2 }));
    assert.match(markdown, /^\*\*a \\\* b \\\* c\*\*/);
    assert.match(markdown, /State: done {2}\nStarted by: VS Code \\\(lab\\\) \\\(a person\\\)/);
    assert.match(markdown, /Took: 1\\\.2 seconds, waiting included/);
  });
});

describe('a call in words', () => {
  it('is what was called, with duration, size and error', () => {
    assert.deepEqual(
      [
        call(),
        call({ callable: 'jq' }),
        call({ durationMs: null, resultBytes: null }),
        call({ resultBytes: null, error: 'tools.jq.query: jq: error\n  at <stdin>:1' }),
      ].map((one) => {
        const { label, description, icon } = describeCall(one);
        return `${icon}: ${label} ${description}`;
      }),
      [
        'symbol-method: jq.query 12 ms · 2.1 kB',
        'symbol-method: jq 12 ms · 2.1 kB',
        'loading~spin: jq.query ',
        'error: jq.query 12 ms · jq: error at <stdin>:1',
      ],
    );
    assert.match(
      callMarkdown(call({ error: '`bad`' })),
      /\$\(error\) \\`bad\\`[\s\S]+tools\.jq\.query\(filter="\."\)/,
    );
  });

  it('shows arguments, cut where they are long', () => {
    const long = call({ arguments: { text: 'a\n'.repeat(5_000), other: [1, null] } });
    assert.equal(describeArgument('text', long).description.length, 200);
    assert.equal(describeArgument('other', long).description, '[1, None]');
    assert.ok(argumentMarkdown('text', long).length < 2_100);
  });

  it('is Python', () => {
    const text = (given: ToolCall['arguments']) => callText(call({ arguments: given }));
    assert.equal(text({}), 'tools.jq.query()');
    assert.equal(
      text({ a: 'x "y" \\ \n', b: true, c: null, d: [1.5, { 'k"': false }], 'max-time': 3, class: 'x' }),
      'tools.jq.query(a="x \\"y\\" \\\\ \\n", b=True, c=None, d=[1.5, {"k\\"": False}], **{"max-time": 3, "class": "x"})',
    );
  });
});

describe('a duration in words', () => {
  it('is in the unit that fits', () => {
    assert.deepEqual(
      [0.4, 12.6, 999.4, 1_000, 59_900, 59_990, 200_000, 7_200_000].map((ms) =>
        describeDuration(ms, 'short'),
      ),
      ['0 ms', '13 ms', '999 ms', '1 s', '59.9 s', '1 min 0 s', '3 min 20 s', '2 hr'],
    );
    assert.equal(describeDuration(61_000, 'long'), '1 minute 1 second');
  });
});

describe('the runs of a session', () => {
  /** As many as no session of a test could make. */
  function largeSession() {
    const infos = Array.from({ length: 200 }, (_, at) => run({ id: `run ${at}`, toolCallCount: 500 }));
    const calls = Array.from({ length: 500 }, (_, at) => call({ id: `call ${at}` }));
    const [ran, called] = [new Emitter<RunInfo>(), new Emitter<RunToolCall>()];
    let asked = 0;
    const session = {
      id: 's',
      info: { id: 's', title: 'lab', executor: 'sandbox', interpreter: 'Python' },
      onDidRun: ran.event,
      onDidCallTool: called.event,
      onDidClose: new Emitter<void>().event,
      runs: async () => {
        asked += 1;
        return infos;
      },
      toolCalls: async () => calls,
    } as unknown as Session;
    return { session, ran, called, infos, asked: () => asked };
  }

  it('are followed without every event being shown', async () => {
    const { session, called, asked } = largeSession();
    const rounds: ReadonlySet<Node>[] = [];
    const runs = new SessionRuns({
      session,
      onChange: (changed) => rounds.push(changed),
      onError: (error) => assert.fail(String(error)),
      gatherMs: 10,
    });
    await runs.load();
    const [newest] = runs.node.runs;
    assert.ok(newest);
    assert.equal(newest.info.id, 'run 199');
    await runs.open(newest);
    assert.equal(newest.calls?.size, 500);
    for (let at = 0; at < 100_000; at += 1) {
      const id = `call ${500 + at}`;
      called.fire({ run: 'run 199', call: call({ id, durationMs: null }) });
      called.fire({ run: 'run 199', call: call({ id }) });
    }
    await delay(100);
    assert.ok(rounds.length <= 3, `${rounds.length} rounds`);
    assert.ok(asked() <= 4, `asked ${asked()} times`);
    assert.equal(newest.calls?.size, 1_000);
    assert.equal([...(newest.calls?.values() ?? [])].at(-1)?.call.durationMs, 12);
    runs.dispose();
    called.fire({ run: 'run 199', call: call() });
    await delay(30);
    assert.ok(rounds.length <= 3);
  });

  it('are exported whole', async () => {
    const { session } = largeSession();
    const trace = await traceOf(session);
    assert.equal(trace.runs.length, 200);
    assert.deepEqual([trace.runs[0]?.toolCalls.length, trace.runs[0]?.toolCallsOmitted], [500, 0]);
    assert.equal(trace.runs[0]?.requestedAt, '1970-01-01T00:00:01.000Z');
    assert.deepEqual(
      (await traceOf(session, 'run 7')).runs.map(({ id }) => id),
      ['run 7'],
    );
  });
});
