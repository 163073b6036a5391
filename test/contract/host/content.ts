import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { PROTOCOL_VERSION } from '../../../src/core/session/remote/wire.ts';
import { peakResidentBytes, residentBytes } from '../support/processes.ts';
import { framed, send, untilClosed } from '../support/rawSocket.ts';
import { type HostBench, textOf } from './bench.ts';

/** What crosses: large things, odd things, and what is no message at all. */
export function describeContent(bench: HostBench): void {
  describe('carries', () => {
    it('a value of 50 MB, text or not', async () => {
      const session = await bench.open(await bench.attach());
      const { value } = await session.run('"x" * 50_000_000');
      assert.equal((value as string).length, 50_000_000);
      const list = await session.run('["ü" * 1000] * 20_000');
      assert.equal((list.value as string[]).length, 20_000);
      assert.equal((list.value as string[])[19_999]?.length, 1000);
    });

    it('a display of 20 MB of bytes', async () => {
      const session = await bench.open(await bench.attach());
      const events: RunEvent[] = [];
      const { displays } = await session.run(
        'class P:\n    def _repr_png_(self): return bytes(range(256)) * 80_000\n    def __repr__(self): return "P"\ndisplay(P())',
        { onEvent: (event) => events.push(event) },
      );
      const [shown] = events;
      for (const png of [
        displays[0]?.data['image/png'],
        shown?.kind === 'display' ? shown.output.data['image/png'] : undefined,
      ]) {
        assert.ok(png instanceof Uint8Array);
        assert.equal(png.byteLength, 20_480_000);
        assert.ok(png.subarray(0, 256).every((byte, n) => byte === n));
        assert.ok(png.subarray(-256).every((byte, n) => byte === n));
      }
    });

    it('a printed text larger than a message, whose characters are cut nowhere', async () => {
      const session = await bench.open(await bench.attach());
      const events: RunEvent[] = [];
      const code =
        'import sys\nprint("🌍" * 1_000_003, end="")\nprint("é" * 500_001, end="", file=sys.stderr)';
      const { stdout, stderr } = await session.run(code, { onEvent: (event) => events.push(event) });
      assert.ok(stdout === '🌍'.repeat(1_000_003));
      assert.ok(stderr === 'é'.repeat(500_001));
      assert.ok(textOf(events) === stdout + stderr);
      for (const event of events) assert.doesNotMatch('text' in event ? event.text : '', /^[\udc00-\udfff]/);
    });

    it('lone surrogates and control characters', async () => {
      const session = await bench.open(await bench.attach());
      const { value } = await session.run('["\\ud800", "\\udfff x", "\\0\\x1f\\u2028", {"\\ud83d": 1}]');
      assert.deepEqual(value, ['\ud800', '\udfff x', '\0\x1f\u2028', { '\ud83d': 1 }]);
    });

    it('many large values without keeping them all', async function () {
      if (process.platform !== 'linux') this.skip();
      const session = await bench.open(await bench.attach());
      await session.run('1');
      const host = await bench.hostPid();
      const run = () => session.run('["x" * 1000] * 10_000');
      const grownByRounds = async () => {
        const before = residentBytes(host);
        for (let n = 0; n < 20; n += 1) await run();
        return residentBytes(host) - before;
      };
      // The heap takes the size that it needs for one after the other when it pleases; what is kept grows each time.
      const grown: number[] = [];
      for (let n = 0; n < 5 && !grown.some((bytes) => bytes < 120_000_000); n += 1)
        grown.push(await grownByRounds());
      assert.ok(
        grown.some((bytes) => bytes < 120_000_000),
        `the host has taken more bytes with each 20 values: ${grown.join(', ')}`,
      );
    });
  });

  describe('and what is no message', () => {
    /** What a client writes that has lost its mind, before the token and after it. */
    const NONSENSE: Readonly<Record<string, string | Buffer>> = {
      'a request of another protocol': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      'a length of zero': framed(''),
      'no JSON': framed('{"a":'),
      'no text': framed(Buffer.from([0xff, 0xfe, 0x80])),
      'buffers that do not fit': framed(Buffer.from([0, 255, 255, 255, 255, 255, 255, 255, 255])),
      'a buffer that does not end': framed(Buffer.from([0, 0, 0, 0, 1, 255, 255, 255, 255])),
    };
    const HARMLESS: Readonly<Record<string, string>> = {
      'a number': '5',
      nothing: 'null',
      'an empty list': '[]',
      'a call without parameters': '{"jsonrpc":"2.0","id":7,"method":"session/run"}',
      'a call of nothing': '{"jsonrpc":"2.0","id":8,"method":"__proto__","params":{}}',
      'parameters of another kind': '{"jsonrpc":"2.0","id":9,"method":"sessions/open","params":["x",1]}',
      'a notification of another kind': '{"jsonrpc":"2.0","method":"host/keepAlive","params":{"seconds":-1}}',
      'an answer that nobody waits for': '{"jsonrpc":"2.0","id":12345,"result":{}}',
      'a prototype':
        '{"jsonrpc":"2.0","id":10,"method":"session/runs","params":{"session":"x","__proto__":{"a":1}}}',
    };

    it('ends the connection of who sends it, and nothing else', async () => {
      const session = await bench.open(await bench.attach());
      await session.run('kept = 1');
      for (const [title, nonsense] of Object.entries(NONSENSE)) {
        for (const socket of [await bench.connect(), await bench.greet()]) {
          socket.write(nonsense);
          await untilClosed(socket);
          assert.ok(socket.destroyed, title);
        }
      }
      assert.equal((await session.run('kept')).value, 1);
    });

    it('harms nobody where it is at least JSON', async () => {
      const session = await bench.open(await bench.attach());
      await session.run('kept = 1');
      for (const [title, body] of Object.entries(HARMLESS)) {
        for (const socket of [await bench.connect(), await bench.greet()]) {
          socket.write(framed(body));
          assert.equal((await session.run('kept')).value, 1, title);
        }
      }
      assert.equal((await session.run('kept')).value, 1);
    });

    it('half a message harms nobody', async () => {
      const session = await bench.open(await bench.attach());
      for (const socket of [await bench.connect(), await bench.greet()]) {
        socket.write(framed('{"jsonrpc":', 1000));
        socket.end();
        await untilClosed(socket);
      }
      assert.equal((await session.run('1 + 1')).value, 2);
    });

    it('without an end is not kept', async function () {
      if (process.platform !== 'linux') this.skip();
      const session = await bench.open(await bench.attach());
      await session.run('1');
      const host = await bench.hostPid();
      for (const socket of [await bench.connect(), await bench.greet()]) {
        const before = residentBytes(host);
        socket.write(framed('{', 1_000_000_000));
        const filler = Buffer.alloc(1_000_000, ' ');
        const closed = untilClosed(socket);
        let sent = 0;
        for (; sent < 999 && !socket.destroyed; sent += 1) {
          if (socket.write(filler)) continue;
          await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
        }
        assert.ok(sent < 999, `${sent} MB were taken`);
        await closed;
        const more = peakResidentBytes(host) - before;
        assert.ok(more < 150_000_000, `the host has taken ${more} bytes more`);
        assert.equal((await session.run('1 + 1')).value, 2);
      }
    });

    it('that never comes is not waited for', async () => {
      await bench.attach();
      const [silent, guessing] = [await bench.connect(), await bench.connect()];
      send(guessing, 1, 'hello', { protocol: PROTOCOL_VERSION, token: 'guessed', client: {} });
      await Promise.all([untilClosed(silent), untilClosed(guessing)]);
    });
  });
}
