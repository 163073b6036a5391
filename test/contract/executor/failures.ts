import assert from 'node:assert/strict';
import { Capability } from '../../../src/core/contract/capability.ts';
import { assertOk, assertUsable, HANG_S, type Subject } from '../support/subject.ts';

/** Code that ends badly by itself. */
export function describeFailures(subject: Subject): void {
  describe('code that fails', () => {
    it('gives the type, the message and the traceback, and leaves the session usable', async () => {
      const result = await subject.run('def fail():\n    raise ValueError("no good: é 🌍")\nfail()');
      assert.equal(result.status, 'error');
      assert.equal(result.error?.type, 'ValueError');
      assert.equal(result.error?.message, 'no good: é 🌍');
      assert.match(
        result.error?.traceback ?? '',
        /^Traceback \(most recent call last\):[\s\S]*ValueError: no good: é 🌍\n?$/,
      );
      assert.equal(result.variablesSurvived, true);
      await assertUsable(subject.shared);
    });

    it('for want of a module tells which one nothing here has', async () => {
      const missing = async (code: string) => (await subject.run(code)).error?.missingModule;
      assert.equal(await missing('import certainly_absent'), 'certainly_absent');
      assert.equal(await missing('from certainly_absent.parts.of import it'), 'certainly_absent');
      assert.equal(
        await missing(
          'try: import certainly_absent\nexcept ImportError as e: raise ImportError("Install it.") from e',
        ),
        'certainly_absent',
      );
      for (const code of [
        '1 / 0',
        'import json.certainly_absent',
        'from json import certainly_absent',
        'raise ImportError("json is broken", name="json")',
        'raise ModuleNotFoundError("made up")',
        'raise ModuleNotFoundError("made up", name="; rm -rf .")',
        'import sys\nsys.modules["certainly_forbidden"] = None\nimport certainly_forbidden',
        'class Odd(ImportError):\n    name = property(lambda self: 1 / 0)\nraise Odd',
      ]) {
        const result = await subject.run(code);
        assert.equal(result.status, 'error', code);
        assert.equal('missingModule' in (result.error ?? {}), false, code);
      }
    });

    for (const code of [
      'def',
      'x = = 1',
      '"unclosed',
      'if True:\nx',
      'print("a"',
      '\tx = 1\n    y = 2',
      'a\x00b',
      'return 1',
      'break',
    ]) {
      it(`with the syntax error ${JSON.stringify(code)} leaves the session usable`, async () => {
        const result = await subject.run(code);
        assert.equal(result.status, 'error');
        assert.match(result.error?.type ?? '', /^(SyntaxError|IndentationError|TabError|ValueError)$/);
        await assertUsable(subject.shared);
      });
    }

    it('to compile runs nothing of itself', async () => {
      await subject.run('ran = False');
      await subject.run('ran = True\ndef');
      assert.equal((await subject.run('ran')).value, false);
    });

    it('far too deeply nested to compile leaves the session usable', async () => {
      const result = await subject.run(`${'('.repeat(5000)}1${')'.repeat(5000)}`);
      assert.notEqual(result.status, 'ok');
      await assertUsable(subject.shared);
    });

    it('by recursing without end is a RecursionError', async () => {
      const result = await subject.run('def forever(n): return forever(n + 1)\nforever(0)');
      assert.equal(result.status, 'error', result.error?.message);
      assert.equal(result.error?.type, 'RecursionError');
      await assertUsable(subject.shared);
    });

    it('by recursing in a repr or a comparison leaves the session usable', async () => {
      await subject.run('class Endless:\n    def __repr__(self): return repr(self)\nEndless()');
      await assertUsable(subject.shared);
      await subject.run(
        'class Unequal:\n    def __eq__(self, other): return other == self\nUnequal() == Unequal()',
      );
      await assertUsable(subject.shared);
    });

    for (const code of ['import sys\nsys.exit()', 'import sys\nsys.exit(0)', 'raise SystemExit']) {
      it(`only by ${code.split('\n').at(-1)} has ended well`, async () => {
        const result = await subject.run(`print("before")\n${code}\nprint("after")`);
        assert.equal(result.stdout, 'before\n');
        assert.equal(result.status, 'ok');
        await assertUsable(subject.shared);
      });
    }

    for (const [code, message] of [
      ['import sys\nsys.exit(3)', '3'],
      ['import sys\nsys.exit("goodbye")', 'goodbye'],
    ] as const) {
      it(`by ${code.split('\n').at(-1)} is an error of type SystemExit`, async () => {
        const result = await subject.run(code);
        assert.equal(result.status, 'error');
        assert.equal(result.error?.type, 'SystemExit');
        assert.equal(result.error?.message, message);
        assert.equal(result.variablesSurvived, true);
        await assertUsable(subject.shared);
      });
    }

    it('by sys.exit() while it awaits leaves the session usable', async () => {
      await subject.run('import asyncio, sys\nawait asyncio.sleep(0)\nsys.exit(4)');
      await assertUsable(subject.shared);
    });

    it('with an exception whose str() raises still says which', async () => {
      const result = await subject.run(
        'class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute()',
      );
      assert.equal(result.status, 'error');
      assert.equal(result.error?.type, 'Mute');
      await assertUsable(subject.shared);
    });

    for (const base of ['BaseException', 'KeyboardInterrupt', 'GeneratorExit']) {
      it(`with a ${base} leaves the session usable`, async () => {
        const result = await subject.run(`class Own(${base}): pass\nraise Own("own")`);
        assert.notEqual(result.status, 'ok');
        await assertUsable(subject.shared);
      });
    }

    it('with a group of exceptions shows all of them', async function () {
      if ((await subject.run('hasattr(__builtins__, "ExceptionGroup")')).value !== true) this.skip();
      const result = await subject.run(
        'raise ExceptionGroup("several", [ValueError("one"), KeyError("two")])',
      );
      assert.equal(result.error?.type, 'ExceptionGroup');
      assert.match(result.error?.traceback ?? '', /ValueError: one[\s\S]*KeyError: 'two'/);
    });

    it('with lone surrogates in the message leaves the session usable', async () => {
      const result = await subject.run('raise ValueError("\\ud800 \\x00")');
      assert.equal(result.status, 'error');
      assert.equal(result.error?.type, 'ValueError');
      await assertUsable(subject.shared);
    });

    it('in a background task leaves the session usable', async () => {
      await subject.run(
        'import asyncio\nasync def fail(): raise ValueError("in the background")\ntask = asyncio.create_task(fail())\nawait asyncio.sleep(0.01)',
      );
      await assertUsable(subject.shared);
      await subject.run(
        'import sys\nasync def leave(): sys.exit(5)\ntask = asyncio.create_task(leave())\nawait asyncio.sleep(0.01)',
      );
      await assertUsable(subject.shared);
    });

    for (const [name, code] of [
      ['os._exit(7)', 'import os\nos._exit(7)'],
      ['os.abort()', 'import os\nos.abort()'],
    ] as const) {
      it(`by ${name} ends its run as died; what was printed is kept and the next run works`, async function () {
        subject.require(this, Capability.PROCESS_ISOLATION);
        const executor = await subject.fresh();
        await executor.run('lost = 1');
        const result = await executor.run(`print("last words")\n${code}`, { timeoutS: HANG_S });
        assert.equal(result.status, 'died');
        assert.equal(result.variablesSurvived, false);
        assert.match(result.stdout, /^last words\n/);
        assert.ok(result.error?.message);
        const next = await executor.run('"lost" in globals()', { timeoutS: HANG_S });
        assertOk(next);
        assert.equal(next.value, false);
      });
    }

    it('by dying does not take the runs that wait with it', async function () {
      subject.require(this, Capability.PROCESS_ISOLATION);
      const executor = await subject.fresh();
      const dies = executor.run('import os\nos._exit(1)', { timeoutS: HANG_S });
      const waits = executor.run('1 + 1', { timeoutS: HANG_S });
      assert.equal((await dies).status, 'died');
      assert.equal((await waits).value, 2);
    });
  });
}
