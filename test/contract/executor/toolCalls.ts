import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { until } from '../../support/until.ts';
import { untilGone } from '../support/processes.ts';
import { assertUsable, HANG_S, type Subject } from '../support/subject.ts';
import { ToolSessions } from '../support/toolSessions.ts';
import { TOOL_FILES } from './toolFiles.ts';

/** Calls of tools that are many, long or large. */
export function describeToolCalls(subject: Subject): void {
  describe('calls of tools', () => {
    const sessions = new ToolSessions(subject);
    sessions.install();
    let executor: Executor;
    let folder: string;
    const value = (code: string) => sessions.value(code);

    before(async () => {
      executor = sessions.executor;
      await sessions.define('shell', TOOL_FILES.shell);
      await sessions.define('limited', TOOL_FILES.limited);
      await sessions.value(
        'workflows.create("waiting", "async def run(words): return await tools.shell.wait_for(words=words)").name',
      );
      folder = await mkdtemp(path.join(os.tmpdir(), 'code-mode-tool-calls-'));
    });
    after(async () => {
      await rm(folder, { recursive: true, force: true });
    });

    /** The process that a call has started: it writes its number to this file. */
    async function startedBy(file: string): Promise<number> {
      const read = () => readFile(file, 'utf8').catch(() => '');
      await until('the program runs', async () => (await read()).endsWith('\n'));
      return Number(await read());
    }

    it('come back to the right caller, 200 at once', async () => {
      const code = `
import asyncio
values = await asyncio.gather(*(tools.shell.echo.call_async(words=["", f"word {i}"]) for i in range(200)))
values == [f"word {i}" for i in range(200)]`;
      assert.equal(await value(code), true);
    });

    it('come back to the right thread', async function () {
      await subject.requireNative(this);
      const code = `
import asyncio
from concurrent.futures import ThreadPoolExecutor
def ask(i):
    return tools.shell.echo(words=["", str(i)]), asyncio.run(tools.shell.echo.call_async(words=["", str(i)]))
with ThreadPoolExecutor(8) as pool:
    values = [*pool.map(ask, range(24))]
values == [(str(i), str(i)) for i in range(24)]`;
      assert.equal(await value(code), true);
    });

    it('carry 2 MiB of text and 64 MiB of bytes', async () => {
      const code = `
text = tools.shell(script="head -c 2097152 /dev/zero | tr '\\\\0' x")
data = tools.shell(script="head -c 67108864 /dev/zero; printf '\\\\377'")
back = tools.shell(script="cat", input=data[-4194304:])
[len(text), set(text) == {"x"}, type(data).__name__, len(data), data[-2:] == b"\\0\\xff", back == data[-4194304:]]`;
      assert.deepEqual(await value(code), [2097152, true, 'bytes', 67108865, true, true]);
    });

    it('end their program where its time is over, with what it has started', async () => {
      const file = path.join(folder, 'limited');
      const code = `tools.limited(script='sleep 1000 & echo $! > "$0"; wait', words=[${JSON.stringify(file)}])`;
      await sessions.failure(code, 'ToolError', /0\.5 s/);
      assert.deepEqual(await untilGone([await startedBy(file)]), []);
    });

    for (const [how, call] of [
      ['waits for', 'tools.shell.wait_for'],
      ['awaits', 'await tools.shell.wait_for'],
      ['has a workflow that awaits', 'workflows.waiting'],
    ] as const) {
      it(`end with a run that ${how} them and is interrupted`, async () => {
        const file = path.join(folder, `interrupted ${how}`);
        const running = executor.run(`${call}(words=[${JSON.stringify(file)}])`, { timeoutS: HANG_S });
        const pid = await startedBy(file);
        await executor.interrupt();
        const result = await running;
        assert.deepEqual([result.status, result.error?.type], ['interrupted', 'KeyboardInterrupt']);
        assert.deepEqual(await untilGone([pid]), []);
        await assertUsable(executor);
      });

      it(`end with a run that ${how} them and takes too long`, async () => {
        const file = path.join(folder, `late ${how}`);
        const code = `kept = 1\n${call}(words=[${JSON.stringify(file)}])`;
        const result = await executor.run(code, { timeoutS: 1 });
        assert.deepEqual([result.status, result.variablesSurvived], ['timeout', true]);
        assert.deepEqual(await untilGone([await startedBy(file)]), []);
        await assertUsable(executor);
      });
    }

    it('end with the task that awaits them', async () => {
      const file = path.join(folder, 'cancelled');
      const code = `
import asyncio
task = asyncio.create_task(tools.shell.wait_for.call_async(words=[${JSON.stringify(file)}]))
while not await tools.shell.call_async(script='cat "$0" 2>&1 | grep -c "^[0-9]" || true', words=[${JSON.stringify(file)}]) == "1\\n":
    await asyncio.sleep(0.02)
task.cancel()
try:
    await task
except asyncio.CancelledError:
    ended = "cancelled"
ended`;
      assert.equal(await value(code), 'cancelled');
      assert.deepEqual(await untilGone([await startedBy(file)]), []);
    });
  });
}
