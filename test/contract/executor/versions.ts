import assert from 'node:assert/strict';
import { assertOk, type Subject } from '../support/subject.ts';

const ESCAPE = '\x1b';
/** WebAssembly has no threads and no processes, and its event loop is JavaScript's, which turns no other meanwhile. */
const IS_NATIVE = 'sys.platform != "emscripten"';
const CAN_FORK = 'sys.platform not in ("emscripten", "win32")';
/** Code that lets the environment wish for nothing. */
const WITHOUT_COLOURS = `
import os
for name in ("FORCE_COLOR", "PYTHON_COLORS"):
    os.environ.pop(name, None)
`;

/** What differs between the versions of Python and must not differ, or must be as that version has it. */
export function describeVersions(subject: Subject): void {
  /** Skips the test unless Python says that it can do that. */
  async function requirePython(context: Mocha.Context, condition: string): Promise<void> {
    if ((await subject.run(`import sys\n${condition}`)).value !== true) context.skip();
  }

  describe('whatever its version, Python', () => {
    it('gives the workers of multiprocessing what a run has defined', async function () {
      await requirePython(this, 'sys.platform == "linux"');
      const executor = await subject.fresh();
      assertOk(await executor.run('def double(n): return n * 2'));
      const result = await executor.run(`
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool
with Pool(2) as pool:
    doubled = pool.map(double, [1, 2])
with ProcessPoolExecutor(1) as executor:
    doubled += executor.map(double, [3])
doubled`);
      assertOk(result);
      assert.deepEqual([result.value, result.stderr], [[2, 4, 6], '']);
    });

    it('gives it to them also where a first import was interrupted', async function () {
      await requirePython(this, 'sys.platform == "linux"');
      const executor = await subject.fresh();
      const result = await executor.run(`
import importlib.util, sys
class Interrupts:
    def find_spec(self, name, *_):
        if name == "multiprocessing.context":
            sys.meta_path.remove(self)
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
found = importlib.util.find_spec("multiprocessing")
try:
    import multiprocessing
except KeyboardInterrupt:
    import multiprocessing
[found.loader.is_package("multiprocessing"), multiprocessing.get_start_method()]`);
      assertOk(result);
      assert.deepEqual(result.value, [true, 'fork']);
    });

    it('starts the workers of multiprocessing as the code asks', async function () {
      await requirePython(this, IS_NATIVE);
      const executor = await subject.fresh();
      const result = await executor.run(`
import math, multiprocessing
multiprocessing.set_start_method("spawn")
with multiprocessing.Pool(1) as pool:
    roots = pool.map(math.sqrt, [4])
[roots, type(pool._pool[0]).__name__]`);
      assertOk(result);
      assert.deepEqual(result.value, [[2], 'SpawnProcess']);
    });

    it("does not warn of threads that are not the code's own when it forks", async function () {
      await requirePython(this, CAN_FORK);
      const executor = await subject.fresh();
      const result = await executor.run(`
import os, warnings
warnings.simplefilter("error")
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)[1]`);
      assertOk(result);
      assert.deepEqual([result.value, result.stderr], [0, '']);
    });

    it('shows the traceback of a thread, and nothing of what runs the thread', async function () {
      await requirePython(this, IS_NATIVE);
      const { stderr } = await subject.run(`${WITHOUT_COLOURS}
import threading
def fail():
    raise ValueError("in a thread")
thread = threading.Thread(target=fail)
thread.start()
thread.join()`);
      assert.match(
        stderr,
        /^Exception in thread [\s\S]*line \d+, in fail\n[\s\S]*ValueError: in a thread\n$/,
      );
      assert.doesNotMatch(stderr, /code_mode|cpython_platform/);
    });

    it('shows a warning of its compiler once, with the line', async () => {
      const executor = await subject.fresh();
      const { stderr } = await executor.run('value = 1\nvalue is 1');
      assert.match(stderr, /^[^\n]+:2: SyntaxWarning: [^\n]+\n {2}value is 1\n$/);
    });

    it('colours no traceback by itself, and that of a result never', async () => {
      const executor = await subject.fresh();
      const printed = await executor.run(`${WITHOUT_COLOURS}
import traceback
try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()`);
      assert.match(printed.stderr, /ZeroDivisionError/);
      assert.ok(!printed.stderr.includes(ESCAPE));
      const failed = await executor.run('os.environ["FORCE_COLOR"] = "1"\n1 / 0');
      assert.match(failed.error?.traceback ?? '', /1 \/ 0/);
      assert.ok(!failed.error?.traceback.includes(ESCAPE));
    });

    it('evaluates annotations when they are asked for, if it does so elsewhere', async function () {
      await requirePython(this, 'sys.version_info >= (3, 14)');
      await subject.run('def annotated(value: Later) -> Later: ...');
      const result = await subject.run(
        'import typing\nclass Later: ...\n[hint is Later for hint in typing.get_type_hints(annotated).values()]',
      );
      assertOk(result);
      assert.deepEqual(result.value, [true, true]);
    });

    it('has template strings, if it has them elsewhere', async function () {
      await requirePython(this, 'sys.version_info >= (3, 14)');
      const result = await subject.run('name = "x"\nt"hello {name}".values');
      assertOk(result);
      assert.equal(result.value, "('x',)");
    });
  });

  describe("event loops of the code's own", () => {
    it('run a program to its end, from a function too', async function () {
      await requirePython(this, IS_NATIVE);
      const result = await subject.run(`
import asyncio
async def program():
    await asyncio.sleep(0)
    return asyncio.current_task() is not None
def caller():
    return asyncio.run(program())
[caller(), asyncio.run(program())]`);
      assertOk(result);
      assert.deepEqual(result.value, [true, true]);
    });

    it('can be made, turned and closed', async function () {
      await requirePython(this, IS_NATIVE);
      const result = await subject.run(`
import asyncio
async def steps():
    try:
        yield 1
    finally:
        seen.append("closed")
async def program():
    async for _ in steps():
        break
    return "done"
seen = []
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
seen.append(loop.run_until_complete(program()))
loop.call_soon(loop.stop)
loop.run_forever()
loop.run_until_complete(loop.shutdown_asyncgens())
loop.close()
seen`);
      assertOk(result);
      assert.deepEqual([result.value, result.stderr], [['done', 'closed'], '']);
    });

    it('can be kept by a runner', async function () {
      await requirePython(this, `${IS_NATIVE} and sys.version_info >= (3, 11)`);
      const result = await subject.run(`
import asyncio
async def program():
    await asyncio.sleep(0)
    return asyncio.get_running_loop()
with asyncio.Runner() as runner:
    loops = {runner.run(program()), runner.run(program())}
len(loops)`);
      assertOk(result);
      assert.deepEqual([result.value, result.stderr], [1, '']);
    });

    it('leave the session its own, with its tasks', async function () {
      await requirePython(this, IS_NATIVE);
      await subject.run(`
import asyncio
going_on = asyncio.Event()
async def wait():
    await going_on.wait()
    return "went on"
waiting = asyncio.create_task(wait())`);
      await subject.run(`
loop = asyncio.new_event_loop()
loop.run_until_complete(asyncio.sleep(0))
asyncio.run(asyncio.sleep(0))
loop.close()`);
      const result = await subject.run('going_on.set()\nawait waiting');
      assertOk(result);
      assert.equal(result.value, 'went on');
    });
  });
}
