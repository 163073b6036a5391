import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { until } from '../../support/until.ts';
import { type HostBench, textOf } from './bench.ts';

/** Runs that several clients see. */
export function describeRuns(bench: HostBench): void {
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `${n}\n`).join('');

  it('goes on with the run of a client that was killed; who comes later sees all of it, once', async () => {
    const code = [
      'import time',
      'for n in range(20_000):',
      '    print(n)',
      '    if n % 100 == 99: time.sleep(0.01)',
      '"its value"',
    ].join('\n');
    const starter = bench.client({ spec: bench.spec(), code });
    await starter.says('event');
    await starter.kill();
    const manager = await bench.attach();
    const session = await bench.open(manager);
    const [run] = await session.runs();
    assert.equal(run?.tag, 'of another process');
    assert.equal(run.startedBy, 'another process');
    assert.equal(run.endedAt, null);
    // Others follow for a while and go.
    const come = async () => {
      const passing = await bench.attach();
      const heard: RunEvent[] = [];
      const seen = (await bench.open(passing)).follow(run.id, { onEvent: (event) => heard.push(event) });
      const outcome = seen.then(
        () => undefined,
        () => undefined,
      );
      await sleep(100);
      await passing[Symbol.asyncDispose]();
      await outcome;
      assert.ok(lines(20_000).startsWith(textOf(heard)));
    };
    const passing = (async () => {
      for (let n = 0; n < 8; n += 1) await come();
    })();
    // Nobody has been given the result as long as nobody has followed to the end.
    await until('the run ends', async () => (await session.runs())[0]?.endedAt !== null);
    await passing;
    assert.deepEqual(
      (await session.runs()).map(({ status, isDelivered }) => [status, isDelivered]),
      [['ok', false]],
    );
    const heard: RunEvent[] = [];
    const result = await session.follow(run.id, { onEvent: (event) => heard.push(event) });
    assert.ok(textOf(heard) === lines(20_000));
    assert.ok(result.stdout === lines(20_000));
    assert.equal(result.value, 'its value');
    assert.equal((await session.runs())[0]?.isDelivered, true);
  });

  it('lets a run be followed that is under way: nothing twice, nothing missing', async () => {
    const starter = bench.client({
      spec: bench.spec(),
      code: 'import time\nfor n in range(20_000):\n    print(n)\n    if n % 100 == 99: time.sleep(0.005)',
    });
    await starter.says('event');
    const clients = await Promise.all(
      Array.from({ length: 3 }, async (_, n) => {
        const session = await bench.open(await bench.attach());
        const [run] = await session.runs();
        await sleep(n * 200);
        const heard: RunEvent[] = [];
        if (n === 1) await starter.kill();
        const result = await session.follow(run!.id, { onEvent: (event) => heard.push(event) });
        return { text: textOf(heard), result };
      }),
    );
    for (const { text, result } of clients) {
      assert.ok(text === lines(20_000));
      assert.ok(result.stdout === text);
    }
  });

  it('gives everyone who follows the same events in the same order', async () => {
    const code = [
      'import sys',
      'for n in range(300):',
      '    print(n)',
      '    print(-n, file=sys.stderr)',
      '    if n % 3 == 0: display(n)',
      '    if n % 50 == 0: handle = display(n, display_id=str(n))',
      '    if n % 60 == 0: clear_output(wait=True)',
    ].join('\n');
    const [one, two] = await Promise.all([
      bench.open(await bench.attach()),
      bench.open(await bench.attach()),
    ]);
    const own: RunEvent[] = [];
    const first = one!.run('import time; time.sleep(0.3)');
    const run = one!.run(code, { tag: 'watched', onEvent: (event) => own.push(event) });
    await until('it is queued', async () => (await two!.runs()).some(({ tag }) => tag === 'watched'));
    const { id } = (await two!.runs()).find(({ tag }) => tag === 'watched')!;
    const heard: RunEvent[][] = [[], []];
    await Promise.all([
      first,
      run,
      two!.follow(id, { onEvent: (event) => heard[0]!.push(event) }),
      two!.follow(id, { onEvent: (event) => heard[1]!.push(event) }),
    ]);
    assert.ok(own.length > 500);
    assert.deepEqual(joined(heard[0]!), joined(own));
    assert.deepEqual(joined(heard[1]!), joined(own));
  });

  it('runs the code of two clients one after the other, and each hears its own', async () => {
    const [one, two] = await Promise.all([
      bench.open(await bench.attach()),
      bench.open(await bench.attach()),
    ]);
    await one!.run('order = []');
    const runOf = async (name: string, session: typeof one, n: number) => {
      const heard: RunEvent[] = [];
      const code = `print("${name}${n}")\norder.append("${name}${n}")\nlen(order)`;
      const result = await session!.run(code, { onEvent: (event) => heard.push(event) });
      assert.equal(textOf(heard), `${name}${n}\n`);
      assert.equal(result.stdout, `${name}${n}\n`);
      return result.value as number;
    };
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    const [ones, twos] = await Promise.all([
      Promise.all(numbers.map((n) => runOf('a', one, n))),
      Promise.all(numbers.map((n) => runOf('b', two, n))),
    ]);
    const ascending = (values: number[]) => values.every((value, n) => n === 0 || value > values[n - 1]!);
    assert.ok(ascending(ones) && ascending(twos));
    assert.deepEqual(new Set([...ones, ...twos]).size, 100);
    assert.deepEqual(
      (await one!.runs()).map(({ executionCount }) => executionCount),
      Array.from({ length: 101 }, (_, n) => n + 1),
    );
  });

  it('keeps the newest runs, and says of others that they are not kept', async () => {
    const session = await bench.open(await bench.attach());
    await session.run('1', { tag: 'first' });
    const [first] = await session.runs();
    for (let n = 0; n < 250; n += 1) await session.run(String(n));
    const kept = await session.runs();
    assert.equal(kept.length, 200);
    assert.equal(kept.at(-1)?.executionCount, 251);
    await assert.rejects(session.follow(first!.id), { code: 'not-found', hint: /Run the code again/ });
    assert.equal((await session.follow(kept[100]!.id)).value, 149 + 1);
  });
}

/** Events with pieces of text that follow each other put together: how they are cut is not a promise. */
function joined(events: readonly RunEvent[]): RunEvent[] {
  const whole: RunEvent[] = [];
  for (const event of events) {
    const last = whole.at(-1);
    if ('text' in event && last?.kind === event.kind) {
      whole[whole.length - 1] = { kind: event.kind, text: last.text + event.text };
    } else whole.push(event);
  }
  return whole;
}
