import assert from 'node:assert/strict';
import { Capability } from '../../../src/core/contract/capability.ts';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { assertOk, assertUsable, HANG_S, observe, type Subject } from '../support/subject.ts';

const LINES = 5_000;
const PRINT = `import os, sys\nfor n in range(${LINES}): print(n)\n`;
const PRINTED = Array.from({ length: LINES }, (_, n) => `${n}\n`).join('');

/** Code that prints faster than each line could be sent: nothing else may tell the difference. */
export function describeManyLines(subject: Subject): void {
  /** Skips the test unless Python can start processes. */
  async function requireProcesses(context: Mocha.Context): Promise<void> {
    if ((await subject.run('import sys\nsys.platform == "emscripten"')).value === true) context.skip();
  }

  describe('many printed lines', () => {
    it('come before what the code does next, whatever that is', async () => {
      const { result, events } = await subject.observe(
        `${PRINT}print("error", file=sys.stderr)\n${PRINT}display("shown")\n${PRINT}clear_output()\n${PRINT}print("end")`,
      );
      assertOk(result);
      assert.equal(result.stdout, `${PRINTED.repeat(4)}end\n`);
      assert.deepEqual(kindsInOrder(events), [
        'stdout',
        'stderr',
        'stdout',
        'display',
        'stdout',
        'clearOutput',
        'stdout',
      ]);
    });

    it('come before what threads and event loops of the code print', async function () {
      await requireProcesses(this);
      const result = await subject.run(
        `${PRINT}import asyncio, threading
thread = threading.Thread(target=print, args=["thread"])
thread.start()
thread.join()
${PRINT}async def main():
    for n in range(${LINES}): print(n)
    await asyncio.sleep(0)
    print("task")
asyncio.run(main())`,
      );
      assertOk(result);
      assert.equal(result.stdout, `${PRINTED}thread\n${PRINTED}${PRINTED}task\n`);
    });

    it('come before what other processes print', async function () {
      await requireProcesses(this);
      const result = await subject.run(
        `${PRINT}os.system("echo system")
${PRINT}import subprocess
subprocess.run([sys.executable, "-c", "print('run')"]).returncode
${PRINT}if hasattr(os, "fork"):
    child = os.fork()
    if child == 0:
        print("forked", end=" ")
        print("child")
        os._exit(0)
    os.waitpid(child, 0)
else:
    print("forked child")`,
      );
      assertOk(result);
      assert.equal(
        result.stdout.replaceAll('\r', ''),
        `${PRINTED}system\n${PRINTED}run\n${PRINTED}forked child\n`,
      );
    });

    it('may be bytes, or longer than what is sent at once', async () => {
      const result = await subject.run(
        `${PRINT}print("x" * 300_000)
written = [sys.stdout.buffer.write(b"\\xff\\n"), sys.stdout.buffer.write(memoryview(b"view\\n"))]
print("\\r50 %", end="")
written`,
      );
      assertOk(result);
      assert.deepEqual(result.value, [2, 5]);
      assert.equal(result.stdout, `${PRINTED}${'x'.repeat(300_000)}\n\ufffd\nview\n\r50 %`);
    });

    it('are seen while the code goes on computing', async () => {
      const executor = await subject.fresh();
      let seen = '';
      // The loop has no other end: if the last line came only with the end of the run, there would be none.
      const { result } = await observe(executor, `${PRINT}while True: pass`, {
        onEvent: (event) => {
          if (event.kind !== 'stdout') return;
          seen += event.text;
          if (seen === PRINTED) void executor.interrupt();
        },
      });
      assert.equal(result.status, 'interrupted');
      assert.equal(result.stdout, PRINTED);
    });

    for (const [name, code] of [
      ['os._exit(7)', 'os._exit(7)'],
      ['a signal that ends it at once', 'os.kill(os.getpid(), 9)'],
      ['a fault of code in C', 'import ctypes\nctypes.string_at(0)'],
    ] as const) {
      it(`are all kept when Python is ended by ${name}`, async function () {
        subject.require(this, Capability.PROCESS_ISOLATION);
        await requireProcesses(this);
        const executor = await subject.fresh();
        const result = await executor.run(`${PRINT}print("last words")\n${code}`, {
          timeoutS: HANG_S,
        });
        assert.equal(result.status, 'died');
        assert.equal(result.stdout, `${PRINTED}last words\n`);
        await assertUsable(executor);
      });
    }

    it('are whole up to where code that goes on printing is killed', async () => {
      const executor = await subject.fresh();
      const { result, events } = await observe(
        executor,
        'import signal, sys\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nn = 0\nwhile True:\n    print(n)\n    n += 1',
        { timeoutS: 0.2 },
      );
      assert.equal(result.status, 'timeout');
      const lines = events
        .map((event) => (event.kind === 'stdout' ? event.text : ''))
        .join('')
        .split('\n');
      // The last one may have been cut off.
      assert.ok(
        lines.slice(0, -1).every((line, n) => line === String(n)),
        'no line is missing or comes twice',
      );
    });
  });
}

function kindsInOrder(events: readonly RunEvent[]): string[] {
  return events.map(({ kind }) => kind).filter((kind, index, kinds) => kind !== kinds[index - 1]);
}
