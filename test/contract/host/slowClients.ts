import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import type { Session } from '../../../src/core/session/session.ts';
import { until } from '../../support/until.ts';
import { peakResidentBytes } from '../support/processes.ts';
import { send } from '../support/rawSocket.ts';
import { type HostBench, textOf } from './bench.ts';

/** 50 MB in lines of 100 characters. */
const CHARACTERS = 50_000_000;
const FLOOD = 'line = "x" * 99\nfor n in range(500_000): print(line)';
/** The most heap that the host has, so that garbage which is not collected yet does not count. */
const HEAP_MB = 200;
/** What it may take more of memory where somebody does not read than where everybody does. */
const MORE_BYTES = 80_000_000;

/** Clients that do not read what they are sent. */
export function describeSlowClients(bench: HostBench): void {
  describe('with a client that does not read', () => {
    before(function () {
      if (process.platform !== 'linux') this.skip();
    });

    /** A session whose host has the memory that such a run takes by itself. */
    async function openWarm(): Promise<Session> {
      const { NODE_OPTIONS = '' } = process.env;
      process.env.NODE_OPTIONS = `${NODE_OPTIONS} --max-old-space-size=${HEAP_MB}`;
      const session = await bench.open(await bench.attach());
      process.env.NODE_OPTIONS = NODE_OPTIONS;
      for (let n = 0; n < 3; n += 1) await session.run(FLOOD);
      return session;
    }

    it('runs its code as fast as ever, shows it to others, and marks what it has missed', async () => {
      const session = await openWarm();
      const host = await bench.hostPid();
      const before = peakResidentBytes(host);
      const slow = bench.client({ spec: bench.spec(), code: FLOOD });
      await slow.says('event');
      slow.process.kill('SIGSTOP');
      const run = (await session.runs()).at(-1)!;
      const heard: RunEvent[] = [];
      const result = await session.follow(run.id, { onEvent: (event) => heard.push(event) });
      assert.equal(result.status, 'ok');
      assertAddsUp(heard);
      assert.equal((await session.run('1 + 1')).value, 2);
      const more = peakResidentBytes(host) - before;
      assert.ok(more < MORE_BYTES, `the host has taken ${more} bytes more`);
      slow.process.kill('SIGCONT');
      const said = await slow.says('result');
      assert.equal(said.result, 'ok');
      assert.equal(said.stdout, result.stdout.length);
      assert.equal(said.heard + said.omitted, CHARACTERS);
      assert.ok(said.marks > 0);
    });

    it('runs the code of one that never reads, and keeps little of it', async () => {
      const session = await openWarm();
      const host = await bench.hostPid();
      const before = peakResidentBytes(host);
      const socket = await bench.greet();
      socket.pause();
      send(socket, 2, 'session/run', {
        session: 'workspace',
        stream: 'mute',
        code: FLOOD,
        tag: null,
        answersInput: false,
      });
      await until('its run begins', async () => (await session.runs()).some(({ id }) => id === 'mute'));
      const heard: RunEvent[] = [];
      await session.follow('mute', { onEvent: (event) => heard.push(event) });
      assertAddsUp(heard);
      const more = peakResidentBytes(host) - before;
      assert.ok(more < MORE_BYTES, `the host has taken ${more} bytes more`);
    });

    it('keeps little of what it tells everybody, and says later what was missed', async () => {
      const session = await openWarm();
      const slow = bench.client({ spec: bench.spec(), code: '0' });
      await slow.says('result');
      slow.process.kill('SIGSTOP');
      // What belongs to no run any more is told to all.
      await session.run(
        [
          'import asyncio',
          'go = asyncio.Event()',
          'async def later():',
          '    await go.wait()',
          '    for n in range(1000):',
          '        await asyncio.sleep(0)',
          '        print("y" * 99_999)',
          'task = asyncio.create_task(later())',
        ].join('\n'),
      );
      const { id } = (await session.runs()).at(-1)!;
      await Promise.all(Array.from({ length: 200 }, () => session.run('1')));
      assert.ok(!(await session.runs()).some((run) => run.id === id), 'its run is not kept any more');
      let characters = 0;
      session.onDidEmit((event) => {
        if ('text' in event) characters += event.text.length;
        if (event.kind === 'omitted') characters += event.characters;
      });
      const host = await bench.hostPid();
      const before = peakResidentBytes(host);
      await session.run('go.set()\nawait task');
      await until('who reads is told everything', () => characters === 100_000_000);
      await (await bench.open(bench.managers[0]!, { id: 'opened meanwhile' })).start();
      const more = peakResidentBytes(host) - before;
      assert.ok(more < MORE_BYTES, `the host has taken ${more} bytes more`);
      await session.close();
      slow.process.kill('SIGCONT');
      await slow.says('closed');
      await until('it knows of the new session', () => slow.sessions.includes('opened meanwhile'));
    });
  });
}

/** What was heard and what is marked as missing is all there was, and what was heard is in order. */
function assertAddsUp(events: readonly RunEvent[]): void {
  const omitted = events.reduce((sum, event) => sum + (event.kind === 'omitted' ? event.characters : 0), 0);
  assert.equal(textOf(events).length + omitted, CHARACTERS);
}
