import assert from 'node:assert/strict';
import {
  assertOk,
  assertUsable,
  Deferred,
  HANG_S,
  interleaved,
  observe,
  type Subject,
  streamed,
} from '../support/subject.ts';

/** What does not go through `sys.stdout`: the output of C code and of child processes, and the file descriptors themselves. */
export function describeNativeOutput(subject: Subject): void {
  describe('output past sys.stdout', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    it('by C code stands where it was written, on both streams', async () => {
      const { result, events } = await subject.observe(
        [
          'import ctypes, os, sys',
          'libc = ctypes.CDLL(None)',
          'print("python 1")',
          'libc.puts(b"C 1")',
          'libc.fflush(None)',
          'print("python 2", file=sys.stderr)',
          'libc.dprintf(2, b"C %d\\n", ctypes.c_int(2))',
          'print("python 3")',
          'libc.printf(b"C without a newline, ")',
          'libc.fflush(None)',
          'print("python 4")',
          'n = os.write(2, b"descriptor 2\\n")',
          'print("python 5")',
        ].join('\n'),
      );
      assertOk(result);
      assert.equal(
        interleaved(events),
        'python 1\nC 1\npython 2\nC 2\npython 3\nC without a newline, python 4\ndescriptor 2\npython 5\n',
      );
      assert.equal(result.stdout, 'python 1\nC 1\npython 3\nC without a newline, python 4\npython 5\n');
      assert.equal(result.stderr, 'python 2\nC 2\ndescriptor 2\n');
    });

    it('by child processes stands where it was written, on both streams', async () => {
      const { result, events } = await subject.observe(
        [
          'import os, subprocess, sys',
          'for n in range(20):',
          '    print("python", n)',
          '    done = subprocess.run(["echo", f"child {n}"])',
          '    print("python", n, file=sys.stderr)',
          '    done = os.system(f"echo shell {n} >&2")',
        ].join('\n'),
      );
      assertOk(result);
      const expected = Array.from(
        { length: 20 },
        (_, n) => `python ${n}\nchild ${n}\npython ${n}\nshell ${n}\n`,
      );
      assert.equal(interleaved(events), expected.join(''));
    });

    it('by a child comes while the child goes on', async () => {
      const executor = await subject.fresh();
      // It has no other end: the interrupt comes when the text is there, and ends the child as well.
      const result = await executor.run(
        'import subprocess\nsubprocess.run(["sh", "-c", "echo started; exec sleep 1000"])',
        {
          timeoutS: HANG_S,
          onEvent: (event) => {
            if (event.kind === 'stdout') void executor.interrupt();
          },
        },
      );
      assert.equal(result.status, 'interrupted');
      assert.equal(result.stdout, 'started\n');
    });

    it('by a child that outlives the run is of the run under way', async () => {
      const executor = await subject.fresh();
      await executor.run(
        'import subprocess\nchild = subprocess.Popen(["sh", "-c", "read line; echo late"], stdin=subprocess.PIPE)',
      );
      const next = await executor.run('child.communicate(b"go\\n")\nchild.returncode', { timeoutS: HANG_S });
      assert.equal(next.value, 0);
      assert.equal(next.stdout, 'late\n');
    });

    it('is kept when the process ends in the same moment', async () => {
      const executor = await subject.fresh();
      const { result, events } = await observe(
        executor,
        'import os, subprocess\nprint("python")\nsubprocess.run(["echo", "child"])\nn = os.write(1, b"partial")\nos._exit(3)',
      );
      assert.equal(result.status, 'died');
      assert.equal(result.stdout, 'python\nchild\npartial');
      assert.equal(streamed(events), result.stdout);
    });

    it('by a child that reads standard input: it finds its end', async () => {
      const result = await subject.run(
        'import os, subprocess, sys\n[subprocess.run(["cat"]).returncode, subprocess.run([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"]).returncode, os.read(0, 1) == b""]',
      );
      assertOk(result);
      assert.deepEqual(result.value, [0, 0, true]);
      assert.equal(result.stdout, "''\n");
    });
  });

  describe('the standard streams', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    it('are files as programs know them', async () => {
      const result = await subject.run(
        '[[s.fileno(), s.isatty(), s.encoding, s.writable(), s.readable(), s.buffer.fileno(), s.closed] for s in (sys.stdout, sys.stderr)]'.replace(
          /^/,
          'import sys\n',
        ),
      );
      assertOk(result);
      assert.deepEqual(result.value, [
        [1, false, 'utf-8', true, false, 1, false],
        [2, false, 'utf-8', true, false, 2, false],
      ]);
    });

    it('take bytes in every form, lines and another encoding', async () => {
      const { result, events } = await subject.observe(
        [
          'import array, sys',
          'sizes = [sys.stdout.buffer.write(data) for data in (b"bytes ", bytearray(b"array "), memoryview(b"view "), array.array("H", [0x4141]))]',
          'sys.stdout.buffer.writelines([b"\\n", b"raw\\n"])',
          'sys.stdout.writelines(["one\\n", "two\\n"])',
          'sys.stdout.reconfigure(encoding="latin-1", line_buffering=False)',
          'print("held", end="")',
          'sys.stdout.flush()',
          'sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)',
          'print(" é")',
          'sizes',
        ].join('\n'),
      );
      assertOk(result);
      assert.deepEqual(result.value, [6, 6, 5, 2]);
      assert.equal(result.stdout, 'bytes array view AA\nraw\none\ntwo\nheld é\n');
      assert.equal(streamed(events), result.stdout);
    });

    it('write 10 MB in one go', async () => {
      const { result, events } = await subject.observe('print("0123456789" * 1_000_000)');
      assertOk(result);
      const expected = `${'0123456789'.repeat(1_000_000)}\n`;
      assert.ok(result.stdout === expected && streamed(events) === expected);
    });

    it('go on after code has detached them', async () => {
      await subject.run('import sys\nraw = sys.stdout.detach()\nn = raw.write(b"detached\\n")');
      assert.equal((await subject.run('print("attached")')).stdout, 'attached\n');
    });

    it('go on after code has closed file descriptors 1 and 2, which its children miss', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        'import os, subprocess, sys\nos.close(1)\nos.close(2)\nprint("out")\nprint("err", file=sys.stderr)\nsubprocess.run(["echo", "nowhere"]).returncode',
        { timeoutS: HANG_S },
      );
      assertOk(result);
      assert.deepEqual([result.stdout, result.stderr], ['out\n', 'err\n']);
      assert.notEqual(result.value, 0);
      assert.equal((await executor.run('print("next")', { timeoutS: HANG_S })).stdout, 'next\n');
    });

    it('go on after code has put a file in the place of descriptor 1, to which its children write', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        'import os, subprocess, tempfile\nwith tempfile.TemporaryFile() as file:\n    n = os.dup2(file.fileno(), 1)\n    print("here")\n    done = subprocess.run(["echo", "there"])\n    text = os.pread(file.fileno(), 100, 0).decode()\ntext',
        { timeoutS: HANG_S },
      );
      assertOk(result);
      assert.equal(result.value, 'there\n');
      assert.equal(result.stdout, 'here\n');
      assert.equal((await executor.run('print("next")', { timeoutS: HANG_S })).stdout, 'next\n');
    });

    for (const first of [3, 4, 5, 6, 7]) {
      it(`end the run clearly where code closes the descriptors from ${first} on`, async () => {
        const executor = await subject.fresh();
        const result = await executor.run(
          `import os\nprint("before")\nos.closerange(${first}, 64)\nprint("after")`,
          { timeoutS: HANG_S },
        );
        assert.equal(result.status, 'died', 'neither a hang nor half a session');
        assert.equal(result.variablesSurvived, false);
        assert.match(result.stdout, /^before\n/);
        await assertUsable(executor);
      });
    }

    it('take what a signal handler prints in the middle of printing', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        [
          'import signal',
          'ticks = n = 0',
          'def tick(number, frame):',
          '    global ticks',
          '    print("tick")',
          '    ticks += 1',
          // Only now: it is not to come in the middle of itself.
          '    if ticks < 100: signal.setitimer(signal.ITIMER_REAL, 0.001)',
          'signal.signal(signal.SIGALRM, tick)',
          'signal.setitimer(signal.ITIMER_REAL, 0.001)',
          'while ticks < 100:',
          '    print(n)',
          '    n += 1',
          '[n, ticks]',
        ].join('\n'),
        { timeoutS: HANG_S },
      );
      assertOk(result);
      const [lines, ticks] = result.value as [number, number];
      // Between a text and the end of its line there may be ticks as well, also of another tick.
      assert.equal(result.stdout.split('tick').length - 1, ticks);
      assert.equal(result.stdout.split('\n').length - 1, lines + ticks);
      const printed = result.stdout.replaceAll('tick', '').split('\n').filter(Boolean);
      assert.deepEqual(
        printed,
        Array.from({ length: lines }, (_, n) => `${n}`),
      );
    });

    it('take what a finalizer prints in the middle of printing', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        [
          'import gc',
          'class Loud:',
          '    def __init__(self): self.me = self',
          '    def __del__(self): print("gone")',
          'gc.set_threshold(1)',
          'for n in range(500):',
          '    Loud()',
          '    print([n])',
          'gc.set_threshold(700)',
          'done = gc.collect()',
        ].join('\n'),
        { timeoutS: HANG_S },
      );
      assertOk(result);
      const printed = result.stdout.trimEnd().split('\n');
      assert.equal(printed.filter((line) => line === 'gone').length, 500);
      assert.equal(printed.length, 1000);
    });

    it('carry what a background process prints between runs to whoever listens', async () => {
      const executor = await subject.fresh();
      const heard = new Deferred();
      let text = '';
      const listen = (event: { kind: string; text?: string }) => {
        text += event.kind === 'stdout' ? event.text : '';
        if (text.includes('later')) heard.resolve();
      };
      await executor.run(
        'import subprocess\nchild = subprocess.Popen(["sh", "-c", "sleep 0.1; echo later"])',
        {
          onEvent: listen,
        },
      );
      await heard.promise;
      assert.equal(text, 'later\n');
      await assertUsable(executor);
    });
  });
}
