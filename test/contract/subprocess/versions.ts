import assert from 'node:assert/strict';
import { assertOk, assertUsable, HANG_S, startRun } from '../support/subject.ts';
import type { SubprocessBench } from './bench.ts';

/** The executor on each CPython that is there. */
export function describeVersions(bench: SubprocessBench): void {
  describe('on every CPython of this machine', () => {
    it('does what the contract asks of the newest', async () => {
      const versions = new Map(bench.interpreters.map((one) => [one.version.split('.', 2).join('.'), one]));
      for (const [version, { executable }] of versions) {
        const executor = await bench.start({ python: executable });
        const result = await executor.run(
          [
            'import asyncio, ctypes, os, signal, subprocess, sys, threading',
            'print("python")',
            'libc = ctypes.CDLL(None)',
            'n = libc.puts(b"C")',
            'n = libc.fflush(None)',
            'done = subprocess.run(["echo", "child"])',
            'child = os.fork()',
            'if child == 0: sys.exit(7)',
            'status = os.waitpid(child, 0)[1] >> 8',
            'async def greet(): return "hello"',
            'greeting = await greet()',
            'thread = threading.Thread(target=print, args=("thread",))',
            'thread.start()',
            'thread.join()',
            '[list(sys.version_info[:2]), status, greeting, asyncio.run(greet())]',
          ].join('\n'),
          { timeoutS: HANG_S },
        );
        assertOk(result);
        assert.deepEqual(result.value, [version.split('.').map(Number), 7, 'hello', 'hello'], version);
        assert.equal(result.stdout, 'python\nC\nchild\nthread\n', version);
        for (const code of ['import time\ntime.sleep(1000)', 'import asyncio\nawait asyncio.sleep(1000)']) {
          const running = await startRun(executor, code);
          await executor.interrupt();
          const ended = await running.result;
          assert.deepEqual([ended.status, ended.variablesSurvived], ['interrupted', true], version);
        }
        const failed = await executor.run('def fail(): return 1 / 0\nfail()');
        assert.match(failed.error?.traceback ?? '', /line 1, in fail[\s\S]*ZeroDivisionError/, version);
        const crashed = await executor.run('print("last words")\nctypes.string_at(0)', { timeoutS: HANG_S });
        assert.deepEqual([crashed.status, crashed.stdout], ['died', 'last words\n'], version);
        await assertUsable(executor);
        await executor.close();
      }
    });
  });
}
