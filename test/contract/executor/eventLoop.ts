import assert from 'node:assert/strict';
import { assertOk, assertUsable, Deferred, HANG_S, interleaved, type Subject } from '../support/subject.ts';

/** Says hello to a server, and what it answers. */
const CLIENT = [
  'import socket, sys',
  'client = socket.socket(socket.AF_UNIX)',
  'client.connect(sys.argv[1])',
  'client.sendall(b"hello\\n")',
  'print(client.recv(100).decode(), end="")',
].join('\n');

const GREET = 'async def greet(name):\n    await asyncio.sleep(0.01)\n    return f"Hello {name}"\n';

/** Programs with event loops, and what goes on in the session's own loop between runs. */
export function describeEventLoop(subject: Subject): void {
  describe('asyncio of a program', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    for (const { title, code } of [
      { title: 'asyncio.run', code: 'asyncio.run(greet("Ada"))' },
      { title: 'asyncio.run in a function', code: 'def main(): return asyncio.run(greet("Ada"))\nmain()' },
      { title: 'asyncio.run beside an await', code: 'await asyncio.sleep(0)\nasyncio.run(greet("Ada"))' },
      { title: 'run_until_complete', code: 'asyncio.get_event_loop().run_until_complete(greet("Ada"))' },
      {
        title: 'a task of code that does not await',
        code: 'task = asyncio.create_task(greet("Ada"))\nasyncio.get_event_loop().run_until_complete(task)',
      },
    ]) {
      it(`works with ${title}, import and all in one cell, and leaves the session's loop alone`, async () => {
        const executor = await subject.fresh();
        const result = await executor.run(`import asyncio\n${GREET}${code}`, { timeoutS: HANG_S });
        assertOk(result);
        assert.equal(result.value, 'Hello Ada');
        const next = await executor.run('task = asyncio.create_task(greet("Bob"))\nawait task', {
          timeoutS: HANG_S,
        });
        assert.equal(next.value, 'Hello Bob', next.error?.traceback);
      });
    }

    it('runs child processes, with pipes and with our streams', async () => {
      const result = await subject.run(
        [
          'import asyncio',
          'piped = await asyncio.create_subprocess_exec("echo", "piped", stdout=asyncio.subprocess.PIPE)',
          'text = (await piped.communicate())[0].decode()',
          'shell = await asyncio.create_subprocess_shell("echo ours; echo err >&2; exit 3")',
          '[text, await shell.wait()]',
        ].join('\n'),
      );
      assertOk(result);
      assert.deepEqual(result.value, ['piped\n', 3]);
      assert.deepEqual([result.stdout, result.stderr], ['ours\n', 'err\n']);
    });

    it('goes on between runs: a server serves, a timer fires, a task ends', async () => {
      const executor = await subject.fresh();
      let text = '';
      const printed = new Deferred();
      const started = await executor.run(
        [
          'import asyncio',
          'async def shout(reader, writer):',
          '    line = await reader.readline()',
          '    writer.write(line.upper())',
          '    writer.close()',
          'import subprocess, sys, tempfile',
          'address = tempfile.mkdtemp() + "/socket"',
          'server = await asyncio.start_unix_server(shout, address)',
          'handle = asyncio.get_running_loop().call_later(0.05, print, "timer")',
          'async def work():',
          '    await asyncio.sleep(0.1)',
          '    print("task")',
          'task = asyncio.create_task(work())',
          // Answered once this run is over, as it awaits nothing any more.
          `client = subprocess.Popen([sys.executable, "-c", ${JSON.stringify(CLIENT)}, address])`,
        ].join('\n'),
        {
          timeoutS: HANG_S,
          onEvent: (event) => {
            text += interleaved([event]);
            if (text.includes('task') && text.includes('HELLO')) printed.resolve();
          },
        },
      );
      assertOk(started);
      assert.equal(started.stdout, '');
      await printed.promise;
      assert.deepEqual(text.split('\n').sort(), ['', 'HELLO', 'task', 'timer']);
      assert.ok(text.indexOf('timer') < text.indexOf('task'));
      await assertUsable(executor);
    });

    it('shows what a task that nobody awaits has raised', async () => {
      const result = await subject.run(
        'import asyncio, gc\nasync def fail(): raise KeyError("unseen")\ntask = asyncio.create_task(fail())\nawait asyncio.sleep(0)\ndel task\ndone = gc.collect()',
      );
      assertOk(result);
      assert.match(result.stderr, /exception was never retrieved[\s\S]*KeyError: 'unseen'/);
    });

    it('ends a run that awaits where a task leaves by sys.exit, and no session', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        'import asyncio, sys\nkept = 1\nasync def leave(): sys.exit(3)\ntask = asyncio.create_task(leave())\nawait asyncio.sleep(1000)',
        { timeoutS: HANG_S },
      );
      assert.equal(result.error?.type, 'SystemExit');
      assert.equal((await executor.run('kept')).value, 1);
    });

    it('keeps the loop where code stops, closes or forgets it', async () => {
      const executor = await subject.fresh();
      for (const code of [
        'asyncio.get_event_loop().stop()',
        'asyncio.get_event_loop().close()',
        'asyncio.set_event_loop(None)',
      ]) {
        assertOk(await executor.run(`import asyncio\n${code}`, { timeoutS: HANG_S }));
        const next = await executor.run('await asyncio.sleep(0.01)\n"awaited"', { timeoutS: HANG_S });
        assert.equal(next.value, 'awaited', code);
      }
    });
  });
}
