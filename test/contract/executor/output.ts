import assert from 'node:assert/strict';
import {
  assertOk,
  assertUsable,
  HANG_S,
  interleaved,
  observe,
  type Subject,
  streamed,
} from '../support/subject.ts';

/** What is printed: whole, in order, in time, and in its own run's result only. */
export function describeOutput(subject: Subject): void {
  describe('output', () => {
    it('is in the result, stdout and stderr apart, and streams', async () => {
      const { result, events } = await subject.observe(
        'import sys\nprint("out")\nprint("err", file=sys.stderr)\nprint("more")',
      );
      assertOk(result);
      assert.equal(result.stdout, 'out\nmore\n');
      assert.equal(result.stderr, 'err\n');
      assert.equal(streamed(events), 'out\nmore\n');
      assert.equal(streamed(events, 'stderr'), 'err\n');
    });

    it('keeps the order of what was flushed to the two streams', async () => {
      const { events } = await subject.observe(
        'import sys\nfor n in range(20): print(n, file=(sys.stdout, sys.stderr)[n % 2], flush=True)',
      );
      assert.equal(interleaved(events), Array.from({ length: 20 }, (_, n) => `${n}\n`).join(''));
    });

    it('loses no line of 100,000, in events and in the result', async () => {
      const { result, events } = await subject.observe('for n in range(100_000): print(f"line {n} 🌍")');
      assertOk(result);
      const expected = Array.from({ length: 100_000 }, (_, n) => `line ${n} 🌍\n`).join('');
      assert.ok(result.stdout === expected, 'the result holds every line in order');
      assert.ok(streamed(events) === expected, 'the events hold every line in order');
    });

    it('carries every kind of character', async () => {
      const { result, events } = await subject.observe(
        'text = "Grüße 世界 🌍👨‍👩‍👧 \\x00 \\x1b[31mred\\x1b[0m \\r \\u2028 \\ufeff \\ufffd"\nprint("\\ufeff" + text)\ntext',
      );
      assertOk(result);
      assert.equal(result.stdout, `\ufeff${result.value}\n`);
      assert.equal(streamed(events), result.stdout);
    });

    it('of lone surrogates fails nothing', async () => {
      const { result } = await subject.observe(
        'print("a\\ud800b")\nimport sys\nprint("c\\udfffd", file=sys.stderr)',
      );
      assertOk(result);
      assert.match(result.stdout, /^a.+b\n$/);
      assert.match(result.stderr, /^c.+d\n$/);
      await assertUsable(subject.shared);
    });

    it('may be bytes', async () => {
      const { result } = await subject.observe(
        'import sys\nn = sys.stdout.buffer.write("grü".encode() + b"\\xff" + b"\\n")\nsys.stdout.flush()',
      );
      assertOk(result);
      assert.equal(result.stdout, 'grü\ufffd\n');
    });

    it('of a character whose bytes are written one by one is that character', async () => {
      const { result } = await subject.observe(
        'import sys\nfor byte in "🌍".encode():\n    n = sys.stdout.buffer.write(bytes([byte]))\n    sys.stdout.buffer.flush()',
      );
      assert.equal(result.stdout, '🌍');
    });

    it('written to the raw file descriptors leaves the session usable', async () => {
      await subject.run('import os\nn = os.write(1, b"raw out\\n")\nn = os.write(2, b"raw err\\n")');
      await assertUsable(subject.shared);
    });

    it('without a newline arrives while the code goes on computing', async () => {
      const executor = await subject.fresh();
      let interrupted = false;
      // The loop has no other end: if the text came only with the end of the run, there would be none.
      const { result } = await observe(executor, 'print("partial", end="")\nwhile True: pass', {
        onEvent: (event) => {
          if (event.kind !== 'stdout' || interrupted) return;
          interrupted = true;
          void executor.interrupt();
        },
      });
      assert.equal(result.status, 'interrupted');
      assert.equal(result.stdout, 'partial');
    });

    it('of a flood that is interrupted holds each line once', async () => {
      const executor = await subject.fresh();
      let interrupted = false;
      const { result, events } = await observe(executor, 'n = 0\nwhile True:\n    print(n)\n    n += 1', {
        onEvent: (event) => {
          if (interrupted || event.kind !== 'stdout' || !event.text.includes('000\n')) return;
          interrupted = true;
          void executor.interrupt();
        },
      });
      assert.equal(result.status, 'interrupted');
      const lines = result.stdout.split('\n').slice(0, -1);
      assert.ok(
        lines.every((line, n) => line === String(n)),
        'no line is missing, torn or there twice',
      );
      assert.ok(streamed(events) === result.stdout);
      const next = await executor.run('n', { timeoutS: HANG_S });
      assert.ok(Math.abs((next.value as number) - lines.length) <= 1, 'what was printed is what was kept');
    });

    it('of one run is never in the result of another', async () => {
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, n) => subject.observe(`for _ in range(1000): print(${n}, end=" ")`)),
      );
      for (const [n, { result, events }] of results.entries()) {
        assert.equal(result.stdout, `${n} `.repeat(1000));
        assert.equal(streamed(events), result.stdout);
      }
    });

    it('of a run that failed is kept', async () => {
      const result = await subject.run('print("before")\nraise ValueError("no")');
      assert.equal(result.stdout, 'before\n');
    });

    it('past the bound is cut in the middle with a mark, and streams whole', async () => {
      const executor = await subject.fresh({ maxResultCharacters: 1000 });
      const { result, events } = await observe(executor, 'print("start" + "x" * 100_000 + "end")');
      assertOk(result);
      assert.ok(result.stdout.length < 1100, `${result.stdout.length} characters were kept`);
      assert.ok(result.stdout.startsWith('startxx') && result.stdout.endsWith('xxend\n'));
      assert.match(result.stdout, /99,0\d\d|left out/);
      assert.equal(streamed(events).length, 100_009);
    });

    it('of logging and warnings is on stderr', async () => {
      const result = await subject.run(
        'import logging, warnings\nlogging.getLogger("contract").error("logged")\nwarnings.warn("warned")',
        { timeoutS: HANG_S },
      );
      assertOk(result);
      assert.match(result.stderr, /logged/);
      assert.match(result.stderr, /UserWarning: warned/);
    });

    it('goes on after code has closed or replaced sys.stdout', async () => {
      await subject.run('import sys\nsys.stdout.close()');
      assert.equal((await subject.run('print("still there")')).stdout, 'still there\n');
      const result = await subject.run(
        'import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as caught:\n    print("caught")\nprint("free")\ncaught.getvalue()',
      );
      assert.equal(result.stdout, 'free\n');
      assert.equal(result.value, 'caught\n');
    });

    it('keeps working with a listener that throws', async () => {
      const result = await subject.run('print("heard")', {
        onEvent: () => {
          throw new Error('the listener is broken');
        },
      });
      assertOk(result);
      assert.equal(result.stdout, 'heard\n');
    });
  });
}
