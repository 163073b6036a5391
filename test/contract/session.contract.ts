import assert from 'node:assert/strict';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { ExecutionResult, RunEvent } from '../../src/core/contract/execution.ts';
import { executorRegistry } from '../../src/core/executors/index.ts';
import type { RunInfo, Session, SessionManager } from '../../src/core/session/session.ts';
import { Deferred, HANG_S } from './support/subject.ts';

const EXECUTOR = executorRegistry.list()[0]!.id;

/** One form of the session manager, with a second view of the same sessions. */
export interface SessionSubject {
  readonly manager: SessionManager;
  /** Sees the same sessions: the same manager, or another that is attached. */
  readonly other: SessionManager;
  dispose(): Promise<void>;
}

/** Defines what both forms of the session manager must keep: in this process, and attached to another. */
export function describeSessionContract(title: string, create: () => Promise<SessionSubject>): void {
  describe(title, function () {
    this.timeout(60_000);
    let subject: SessionSubject;
    let count = 0;

    before(async () => {
      subject = await create();
    });
    after(() => subject.dispose());

    function open(manager = subject.manager, id = `session-${++count}`): Promise<Session> {
      return manager.open({ id, title: `Title of ${id}`, executor: EXECUTOR });
    }

    it('opens a session that is not started yet', async () => {
      const session = await open();
      assert.equal(session.info.state, 'stopped');
      assert.equal(session.info.executor, EXECUTOR);
      assert.equal(session.info.title, `Title of ${session.id}`);
      assert.equal(subject.manager.get(session.id)?.id, session.id);
      assert.ok((await subject.manager.list()).some((info) => info.id === session.id));
      await session.close();
    });

    it('opens the session that is there under the same id', async () => {
      const first = await open();
      const second = await open(subject.other, first.id);
      await first.run('shared = "seen by both"');
      assert.equal((await second.run('shared')).value, 'seen by both');
      await first.close();
    });

    it('refuses an executor that does not exist', async () => {
      await assert.rejects(subject.manager.open({ id: 'x', title: 'x', executor: 'cloud' }), (error) => {
        return (
          CodeModeError.is(error, 'settings') && /no executor "cloud"/.test(CodeModeError.describe(error))
        );
      });
    });

    it('runs code with everything that a result holds', async () => {
      const session = await open();
      const events: RunEvent[] = [];
      const result = await session.run(
        'print("out 🌍 \\x00")\ndisplay(1)\nclear_output(wait=True)\nclass P:\n    def _repr_png_(self): return bytes(range(256))\n    def __repr__(self): return "P"\ndisplay(P(), display_id="p")\nupdate_display(P(), display_id="p")\n_ = input("Q")\n_',
        {
          onEvent: (event) => events.push(event),
          onInput: async ({ prompt }) => `answer to ${prompt} \ud800`,
          origin: { filename: 'origin.py', firstLine: 5 },
        },
      );
      assert.equal(result.value, 'answer to Q \ud800', result.error?.traceback);
      assert.equal(result.stdout, 'out 🌍 \x00\n');
      const png = result.displays[0]?.data['image/png'];
      assert.ok(png instanceof Uint8Array);
      assert.deepEqual(
        [...png],
        Array.from({ length: 256 }, (_, n) => n),
      );
      assert.deepEqual(
        events.map((event) => event.kind),
        ['stdout', 'display', 'clearOutput', 'display', 'updateDisplay', 'inputRequest', 'display'],
      );
      const shown = events[3];
      assert.ok(shown?.kind === 'display' && shown.output.data['image/png'] instanceof Uint8Array);
      const failed = await session.run('1 / 0', { origin: { filename: 'origin.py', firstLine: 5 } });
      assert.match(failed.error?.traceback ?? '', /File "origin\.py", line 5/);
      await session.close();
    });

    it('streams every line in order, before the result', async () => {
      const session = await open();
      const parts: string[] = [];
      const result = await session.run('for n in range(100_000): print(n)', {
        onEvent: (event) => event.kind === 'stdout' && parts.push(event.text),
      });
      const expected = Array.from({ length: 100_000 }, (_, n) => `${n}\n`).join('');
      assert.ok(parts.join('') === expected);
      assert.ok(result.stdout === expected);
      await session.close();
    });

    it('carries a value of 50 MB', async () => {
      const session = await open();
      const result = await session.run('"x" * 50_000_000');
      assert.equal((result.value as string).length, 50_000_000);
      await session.close();
    });

    it('interrupts, cancels and times out', async () => {
      const session = await open();
      const interrupted = session.run('print("ready")\nwhile True: pass', {
        timeoutS: HANG_S,
        onEvent: () => void session.interrupt(),
      });
      assert.equal((await interrupted).status, 'interrupted');
      const cancel = new AbortController();
      const cancelled = session.run('print("ready")\nwhile True: pass', {
        timeoutS: HANG_S,
        signal: cancel.signal,
        onEvent: () => cancel.abort(),
      });
      assert.equal((await cancelled).status, 'interrupted');
      assert.equal((await session.run('while True: pass', { timeoutS: 0.5 })).status, 'timeout');
      assert.equal((await session.run('1', { signal: AbortSignal.abort() })).status, 'interrupted');
      assert.equal(await session.interrupt(), false);
      await session.close();
    });

    it('refuses a bad timeout', async () => {
      const session = await open();
      await assert.rejects(session.run('1', { timeoutS: -1 }), (error) => CodeModeError.is(error, 'usage'));
      await session.close();
    });

    it('withdraws a question when the run is interrupted', async () => {
      const session = await open();
      const withdrawn = new Deferred();
      const result = await session.run('input()', {
        timeoutS: HANG_S,
        onInput: (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              withdrawn.resolve();
              reject(new Error('withdrawn'));
            });
            void session.interrupt();
          }),
      });
      assert.equal(result.status, 'interrupted');
      await withdrawn.promise;
      await session.close();
    });

    it('turns a refused answer into EOFError', async () => {
      const session = await open();
      const result = await session.run('try:\n    input()\nexcept EOFError:\n    end = "EOF"\nend', {
        onInput: async () => {
          throw new Error('no');
        },
      });
      assert.equal(result.value, 'EOF');
      await session.close();
    });

    it('resets, restarts, completes, inspects and lists variables', async () => {
      const session = await open();
      await session.run('unmistakable = 5');
      assert.ok((await session.complete('unmis', 5)).items.some((item) => item.text === 'unmistakable'));
      assert.equal((await session.inspect('unmistakable', 3))?.type, 'int');
      assert.equal(await session.inspect('nothing_here', 3), null);
      assert.deepEqual(
        (await session.variables()).map(({ name, type, value }) => [name, type, value]),
        [['unmistakable', 'int', '5']],
      );
      await session.reset();
      assert.deepEqual(await session.variables(), []);
      await session.run('again = 1');
      await session.restart();
      assert.deepEqual(await session.variables(), []);
      await session.close();
    });

    it('tells everyone of changes, of runs and of the end', async () => {
      const session = await open();
      const seen = await open(subject.other, session.id);
      const states: string[] = [];
      const runs: RunInfo[] = [];
      const ran = new Deferred();
      const idle = new Deferred();
      const closed = new Deferred();
      seen.onDidChange((info) => {
        states.push(info.state);
        if (info.state === 'idle' && states.includes('busy')) idle.resolve();
      });
      seen.onDidRun((run) => {
        runs.push(run);
        if (run.endedAt !== null) ran.resolve();
      });
      seen.onDidClose(() => closed.resolve());
      await session.run('import time\ntime.sleep(0.2)');
      await Promise.all([ran.promise, idle.promise]);
      assert.deepEqual(
        runs.map((run) => [run.status, run.executionCount, run.title]),
        [
          [null, 0, 'import time'],
          ['ok', 1, 'import time'],
        ],
      );
      assert.ok(states.includes('starting') && states.includes('busy'), states.join());
      assert.match(seen.info.interpreter, /Python/);
      await session.close();
      await closed.promise;
      assert.equal(subject.other.get(session.id), undefined);
    });

    it('lets a run be followed from its beginning, while it runs and after it', async () => {
      const session = await open();
      const seen = await open(subject.other, session.id);
      const begun = new Deferred();
      const own: RunEvent[] = [];
      const run = session.run('print("first")\ninput("go on? ")\nprint("second 🌍")\n5', {
        tag: 'the tag',
        onEvent: (event) => {
          own.push(event);
          if (event.kind === 'inputRequest') begun.resolve();
        },
        onInput: () => answer.promise,
      });
      const answer = new Deferred<string>();
      await begun.promise;
      const [info] = await seen.runs();
      assert.deepEqual([info?.tag, info?.endedAt, info?.isDelivered], ['the tag', null, false]);
      const heard: RunEvent[] = [];
      const followed = seen.follow(info!.id, { onEvent: (event) => heard.push(event) });
      answer.resolve('yes');
      const [result, same] = await Promise.all([run, followed]);
      assert.deepEqual(same, result);
      assert.deepEqual(heard, own);
      const again: RunEvent[] = [];
      assert.deepEqual(await seen.follow(info!.id, { onEvent: (event) => again.push(event) }), result);
      assert.deepEqual(textOf(again), textOf(own));
      const [ended] = await seen.runs();
      assert.deepEqual([ended?.status, ended?.executionCount, ended?.isDelivered], ['ok', 1, true]);
      await assert.rejects(seen.follow('unknown'), (error) => CodeModeError.is(error, 'not-found'));
      await session.close();
    });

    it('ends the following of a run without ending the run', async () => {
      const session = await open();
      const begun = new Deferred();
      const run = session.run('print("ready")\nwhile True: pass', {
        timeoutS: HANG_S,
        onEvent: () => begun.resolve(),
      });
      await begun.promise;
      const [info] = await session.runs();
      const stop = new AbortController();
      const followed = session.follow(info!.id, { signal: stop.signal, onEvent: () => stop.abort() });
      await assert.rejects(followed, (error) => CodeModeError.is(error, 'cancelled'));
      assert.equal(session.info.state, 'busy');
      assert.equal(await session.cancel(info!.id), true);
      assert.equal((await run).status, 'interrupted');
      assert.equal(await session.cancel(info!.id), false);
      await session.close();
    });

    it('marks what a follower has missed of a run that printed more than is kept', async () => {
      const session = await open();
      await session.run('for n in range(60): print(str(n).zfill(3) * 333_333)', { tag: 'large' });
      const [info] = await session.runs();
      const heard: RunEvent[] = [];
      const result = await session.follow(info!.id, { onEvent: (event) => heard.push(event) });
      const [mark] = heard;
      assert.ok(mark?.kind === 'omitted' && mark.characters > 20_000_000, JSON.stringify(mark));
      assert.equal(mark.characters + textOf(heard).length, 60 * 1_000_000);
      assert.ok(textOf(heard).endsWith('059\n'));
      assert.equal(result.status, 'ok');
      await session.close();
    });

    it('asks those who follow a run where the one who started it has no answer to give', async () => {
      const session = await open();
      const seen = await open(subject.other, session.id);
      const asked = new Deferred();
      const run = session.run('print("ready")\nimport time\ntime.sleep(0.3)\ninput("who? ")', {
        onEvent: () => asked.resolve(),
      });
      await asked.promise;
      const [info] = await seen.runs();
      const followed = seen.follow(info!.id, { onInput: async ({ prompt }) => `${prompt}me` });
      assert.equal((await run).value, 'who? me');
      assert.equal((await followed).value, 'who? me');
      await session.close();
    });

    it('says anew whom it is for', async () => {
      const session = await open();
      const seen = await open(subject.other, session.id);
      const changed = new Deferred();
      seen.onDidChange(({ title }) => title === 'renamed' && changed.resolve());
      await session.relabel({ title: 'renamed', notebook: 'file:///b.ipynb' });
      await changed.promise;
      assert.equal(seen.info.notebook, 'file:///b.ipynb');
      assert.equal(seen.info.spec.title, 'renamed');
      await session.close();
    });

    it('refuses a run in a closed session', async () => {
      const session = await open();
      await session.close();
      await assert.rejects(session.run('1'), (error) => CodeModeError.is(error, 'closed'));
    });

    it('closes under a run that goes on', async () => {
      const session = await open();
      const settled = new Deferred<unknown>();
      session
        .run('print("ready")\nwhile True: pass', { timeoutS: HANG_S, onEvent: () => void session.close() })
        .then(settled.resolve, settled.resolve);
      const outcome = (await settled.promise) as ExecutionResult | CodeModeError;
      assert.ok(CodeModeError.is(outcome, 'closed') || (outcome as ExecutionResult).status === 'died');
    });

    it('emits what background tasks print to the listener of their own run', async () => {
      const session = await open();
      const printed = new Deferred<string>();
      await session.run(
        'import asyncio\nasync def later():\n    await asyncio.sleep(0.05)\n    print("late")\ntask = asyncio.create_task(later())',
        { onEvent: (event) => event.kind === 'stdout' && printed.resolve(event.text) },
      );
      assert.equal(await printed.promise, 'late\n');
      await session.close();
    });
  });
}

function textOf(events: readonly RunEvent[]): string {
  return events.map((event) => ('text' in event ? event.text : '')).join('');
}
