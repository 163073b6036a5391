import assert from 'node:assert/strict';
import { executorRegistry } from '../../src/core/executors/index.ts';
import type { SessionInfo } from '../../src/core/session/session.ts';
import { canLose, describeLoss } from '../../src/ui/sessions/loss.ts';
import { FigureWatch } from '../../src/ui/views/figureWatch.ts';
import { escapeMarkdown } from '../../src/ui/views/markdown.ts';
import { describeAge, describeMemory } from '../../src/ui/views/quantities.ts';
import { describeSession } from '../../src/ui/views/sessions/sessionRow.ts';

const MINUTE = 60_000;
const executor = executorRegistry.get('sandbox');

function session(more: Partial<SessionInfo> = {}): SessionInfo {
  return {
    id: 'workspace',
    title: 'analysis',
    notebook: null,
    executor: 'sandbox',
    interpreter: 'Pyodide 314.0.7, Python 3.14.2',
    state: 'idle',
    capabilities: [],
    capabilityReport: [],
    executionCount: 3,
    queued: 0,
    clearings: 0,
    hasContainer: false,
    createdAt: 0,
    clients: [],
    spec: { id: 'workspace', title: 'analysis', executor: 'sandbox' },
    ...more,
  };
}

const rowOf = (more: Partial<SessionInfo>, memory?: number) =>
  describeSession({ info: session(more), executor, memory, now: 12 * MINUTE });

describe('quantities of the Sessions view', () => {
  it('give an age in the largest unit that fits', () => {
    const ages = [-5, 0, 59_999, MINUTE, 59.9 * MINUTE, 60 * MINUTE, 47 * 60 * MINUTE, 48 * 60 * MINUTE];
    assert.deepEqual(
      ages.map((age) => describeAge(age, 'short')),
      ['< 1 min', '< 1 min', '< 1 min', '1 min', '59 min', '1 hr', '1 day', '2 days'],
    );
    assert.deepEqual(
      [0, MINUTE, 5 * 60 * MINUTE].map((age) => describeAge(age, 'long')),
      ['less than 1 minute', '1 minute', '5 hours'],
    );
  });

  it('give an amount of memory', () => {
    const amounts = [0, 1.4e6, 180.2e6, 999.4e6, 999.6e6, 12.34e9];
    assert.deepEqual(
      amounts.map((bytes) => describeMemory(bytes, 'short')),
      ['1 MB', '1 MB', '180 MB', '999 MB', '1 GB', '12.3 GB'],
    );
    assert.equal(describeMemory(180e6, 'long'), '180 megabytes');
  });
});

describe('a session in words', () => {
  it('is one line', () => {
    const row = rowOf({ state: 'busy' }, 180e6);
    assert.equal(row.label, 'analysis');
    assert.equal(row.description, 'Sandbox · busy · 12 min · 180 MB');
    assert.equal(row.spoken, 'analysis, Sandbox, busy, 12 minutes, 180 megabytes');
    assert.equal(row.context, 'session busy');
    assert.deepEqual(row.details, []);
  });

  it('says what waits', () => {
    const row = rowOf({ state: 'busy', queued: 2 });
    assert.equal(row.description, 'Sandbox · busy (2 waiting) · 12 min');
    assert.equal(new Map(row.tooltip).get('Waiting'), '2 runs');
  });

  it('gives no memory where no Python runs', () => {
    for (const state of ['stopped', 'starting', 'dead'] as const) {
      const row = rowOf({ state }, 180e6);
      assert.doesNotMatch(row.description, /MB/, state);
      assert.equal(new Map(row.tooltip).get('Memory'), undefined, state);
    }
  });

  it('is known by its id where the executor is not', () => {
    const row = describeSession({ info: session(), executor: undefined, memory: undefined, now: 0 });
    assert.equal(row.description, 'sandbox · idle · < 1 min');
  });

  it('has all there is to know in the tooltip', () => {
    const { tooltip } = rowOf({ clients: ['VS Code (a)', 'Agent'], notebook: 'file:///w/n.ipynb' }, 1e6);
    const lines = new Map(tooltip);
    assert.equal(lines.get('Executor'), `${executor.label}. ${executor.description}`);
    assert.equal(lines.get('Python'), 'Pyodide 314.0.7, Python 3.14.2');
    assert.equal(lines.get('State'), 'idle');
    assert.equal(lines.get('Runs so far'), '3');
    assert.equal(lines.get('Memory'), '1 MB');
    assert.match(lines.get('Opened') ?? '', /19(70|69).*, 12 minutes ago$/);
    assert.equal(lines.get('Attached'), 'VS Code (a), Agent');
    assert.equal(lines.get('Notebook'), 'analysis');
    assert.equal(lines.get('Waiting'), undefined);
  });

  it('has below it who is attached, and its notebook', () => {
    const { details } = rowOf({
      clients: ['VS Code (a)', 'command line', 'Some Agent'],
      notebook: 'file:///w/n.ipynb',
    });
    assert.deepEqual(
      details.map(({ kind, value, icon }) => [kind, value, icon]),
      [
        ['client', 'VS Code (a)', 'window'],
        ['client', 'command line', 'terminal'],
        ['client', 'Some Agent', 'plug'],
        ['notebook', 'file:///w/n.ipynb', 'notebook'],
      ],
    );
  });
});

describe('a tooltip', () => {
  it('takes no name for Markdown', () => {
    assert.equal(escapeMarkdown('a *b* _c_\n# d'), 'a \\*b\\* \\_c\\_ \\# d');
    assert.equal(escapeMarkdown('[x](command:y) <b>'), '\\[x\\]\\(command:y\\) \\<b\\>');
  });
});

describe('what is lost with a session', () => {
  it('is nothing where no Python runs', () => {
    assert.deepEqual(
      (['stopped', 'starting', 'idle', 'busy', 'dead'] as const).map((state) => canLose(session({ state }))),
      [false, true, true, true, false],
    );
  });

  it('is said with what waits and who is attached', () => {
    assert.match(describeLoss([session()]), /^The variables are lost\..* stays\.$/);
    const shared = session({ state: 'busy', queued: 1, clients: ['VS Code (a)', 'Agent'] });
    assert.equal(
      describeLoss([shared]),
      'Code is running: it is ended, and the variables are lost. One run that waits is dropped. Attached: VS Code (a), Agent.',
    );
    assert.match(
      describeLoss([shared, session({ clients: ['Agent'] })], 2),
      /3 runs that wait are dropped\. Attached: VS Code \(a\), Agent\.$/,
    );
  });
});

describe('the memory of sessions', () => {
  const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
  let watch: FigureWatch<number> | undefined;

  afterEach(() => watch?.pause());

  /** Watches with answers of the test's, and resolves after each round. */
  function watching(ask: (id: string) => Promise<number | undefined>, intervalMs = 1) {
    const rounds: (() => void)[] = [];
    watch = new FigureWatch({
      ask,
      onRound: () => rounds.shift()?.(),
      intervalMs,
      patienceMs: 10,
    });
    return { watch, round: () => new Promise<void>((resolve) => rounds.push(resolve)) };
  }

  it('is asked for again and again, as long as somebody looks', async () => {
    let asked = 0;
    const { watch, round } = watching(async () => ++asked);
    watch.watch(['a']);
    await round();
    assert.equal(watch.get('a'), 1);
    await round();
    assert.equal(watch.get('a'), 2);
    watch.pause();
    const before = asked;
    await tick(20);
    assert.equal(asked, before);
    assert.equal(watch.get('a'), before, 'the last figure is kept');
    watch.watch(['a']);
    await round();
    assert.ok(asked > before);
    watch.watch([]);
    const last = asked;
    await round();
    assert.equal(asked, last);
    assert.equal(watch.get('a'), undefined, 'one that has gone is forgotten');
  });

  it('is asked for at once where a session is new', async () => {
    const { watch, round } = watching(async (id) => (id === 'a' ? 1 : 2), 3_600_000);
    watch.watch(['a']);
    await round();
    watch.watch(['a', 'b']);
    await round();
    assert.equal(watch.get('b'), 2);
  });

  it('asks a few at the same time', async () => {
    let now = 0;
    let most = 0;
    const { watch, round } = watching(async () => {
      most = Math.max(most, ++now);
      await tick();
      return now--;
    });
    watch.watch(Array.from({ length: 20 }, (_, index) => String(index)));
    await round();
    assert.equal(most, 4);
    assert.equal(watch.get('19') !== undefined, true);
  });

  it('keeps the last figure of a session that does not answer, and asks the others on', async () => {
    const answers = new Map<string, number>();
    let answerLate: ((bytes: number) => void) | undefined;
    const { watch, round } = watching(async (id) => {
      const count = (answers.get(id) ?? 0) + 1;
      answers.set(id, count);
      if (id === 'failing' && count > 1) throw new Error('gone');
      if (id !== 'silent' || count === 1) return count;
      return new Promise((resolve) => {
        answerLate = resolve;
      });
    });
    watch.watch(['silent', 'failing', 'good']);
    for (let count = 0; count < 4; count += 1) await round();
    assert.equal(watch.get('silent'), 1);
    assert.equal(answers.get('silent'), 2, 'not asked anew before it has answered');
    assert.equal(watch.get('failing'), 1);
    assert.ok((watch.get('good') ?? 0) > 2);
    answerLate?.(7);
    await round();
    assert.equal(watch.get('silent'), 7);
  });
});
