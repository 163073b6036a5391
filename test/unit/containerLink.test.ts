import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import path from 'node:path';
import {
  ContainerLink,
  type LinkOptions,
  TUNNEL_PORT,
} from '../../src/core/executors/container/link/containerLink.ts';
import { PieceDecoder } from '../../src/core/executors/container/link/envelope.ts';
import { encodeMarshal } from '../../src/core/executors/container/link/marshal.ts';
import { readPayload } from '../../src/core/executors/container/link/payload.ts';
import { Window } from '../../src/core/executors/container/link/window.ts';

const PYTHON_FOLDER = path.resolve(__dirname, '../../../src/python');
const MEBIBYTE = 1024 * 1024;

describe('The link to a container', () => {
  describe('in its parts', () => {
    it('finds pieces however the stream is cut, the long ones in parts', () => {
      const stream = Buffer.from([
        0, 0, 0, 0, 7, 0, 0, 0, 2, 65, 66, 3, 0, 0, 0, 1, 0, 0, 0, 3, 67, 68, 69, 4, 0, 0, 0, 2, 0, 0, 0, 0,
      ]);
      for (const size of [1, 2, 5, 9, 10, stream.byteLength]) {
        const pieces: [number, number, string][] = [];
        const decoder = new PieceDecoder(
          (kind, owner, data) => pieces.push([kind, owner, String(data)]),
          (kind) => kind === 3,
        );
        for (let at = 0; at < stream.byteLength; at += size) decoder.push(stream.subarray(at, at + size));
        const parts = pieces.filter(([kind]) => kind === 0);
        assert.equal(parts.map(([, , text]) => text).join(''), 'AB', `pieces of ${size}`);
        assert.ok(parts.every(([, owner]) => owner === 7));
        assert.deepEqual(pieces.slice(parts.length), [
          [3, 1, 'CDE'],
          [4, 2, ''],
        ]);
      }
    });

    it('sends as much as is taken, in order, and says when all of it has left', () => {
      let sent = 0;
      const left: string[] = [];
      const window = new Window((bytes) => {
        sent += bytes.byteLength;
      });
      window.write(new Uint8Array(MEBIBYTE + 5), () => left.push('first'));
      window.write(new Uint8Array(10), () => left.push('second'));
      assert.equal(sent, MEBIBYTE);
      window.taken(5);
      assert.deepEqual([sent, left], [MEBIBYTE + 5, ['first']]);
      window.taken(100);
      assert.deepEqual([sent, left], [MEBIBYTE + 15, ['first', 'second']]);
      // What a server writes where a response ends, which would be the end of the connection here.
      window.write(new Uint8Array(0), () => left.push('nothing'));
      assert.deepEqual(left, ['first', 'second', 'nothing']);
    });
  });

  // What runs in a container is a program like any other, which needs none.
  describe('with Python as a process of this machine', () => {
    const children: ChildProcess[] = [];

    before(function () {
      if (process.platform !== 'linux' || spawnSync('python3', ['--version']).status !== 0) this.skip();
    });
    afterEach(async () => {
      for (const child of children.splice(0)) {
        child.stdin?.end();
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
    });

    function follow(child: ChildProcess, options: Partial<LinkOptions> = {}): Promise<ContainerLink> {
      children.push(child);
      return ContainerLink.open(child, {
        payload: new Uint8Array(0),
        signal: new AbortController().signal,
        onCompiled: () => undefined,
        describeEnd: ({ code, signal, problem }) => problem ?? signal ?? `code ${code}`,
        problem: () => undefined,
        startHint: '',
        remove: async () => undefined,
        log: () => undefined,
        ...options,
      });
    }

    async function open(
      compiled: Uint8Array = new Uint8Array(0),
    ): Promise<{ link: ContainerLink; made: Buffer[] }> {
      const payload = await readPayload(PYTHON_FOLDER);
      const made: Buffer[] = [];
      const link = await follow(spawn('python3', ['-c', payload.program], { stdio: 'pipe', cwd: '/' }), {
        payload: payload.encode(compiled),
        onCompiled: (bytes) => made.push(bytes),
      });
      return { link, made };
    }

    it('writes values as Python reads them', () => {
      const value = encodeMarshal({ é: [true, false, 'ü𝄞'], bytes: new Uint8Array([0, 255]) });
      const { stdout } = spawnSync(
        'python3',
        ['-c', 'import marshal, sys; print(ascii(marshal.load(sys.stdin.buffer)))'],
        {
          input: value,
          encoding: 'utf8',
        },
      );
      assert.equal(stdout.trim(), "{'\\xe9': (True, False, '\\xfc\\U0001d11e'), 'bytes': b'\\x00\\xff'}");
    });

    it('has what was compiled once', async () => {
      const first = await open();
      assert.match(first.link.facts.python, /^3\.\d+\.\d+$/);
      const [compiled] = first.made;
      assert.equal(first.made.length, 1);
      const second = await open(compiled);
      assert.deepEqual(second.made, []);
      // Of another version of Python it is not taken.
      const ofAnother = Buffer.concat([Buffer.from('3.8!'), compiled?.subarray(4) ?? Buffer.alloc(0)]);
      const third = await open(ofAnother);
      assert.equal(third.made.length, 1);
      assert.equal(await third.link.run('result = 6 * 7', null), 42);
    });

    it('looks things up in processes of their own, several at once', async () => {
      const { link } = await open();
      const long = 'x'.repeat(3 * MEBIBYTE);
      const answers = await Promise.all([
        link.run('import time; time.sleep(0.2); result = request["a"] + 1', { a: 1 }),
        link.run('import os; result = os.getpid()', null),
        link.run('import os; result = os.getpid()', null),
        link.run('result = request', long),
      ]);
      assert.equal(answers[0], 2);
      assert.notEqual(answers[1], answers[2]);
      assert.equal(answers[3], long);
      await assert.rejects(link.run('raise ValueError("not to be had")', null), /ValueError: not to be had/);
      await assert.rejects(link.run('import os; os._exit(3)', null), /code 3/);
      assert.equal(await link.run('result = 1', null), 1);
    });

    it('answers while an interpreter takes nothing of what it is sent', async () => {
      const { link } = await open();
      const interpreter = link.start({ configuration: 'not JSON', environment: {}, folder: '/' });
      const complaint: string[] = [];
      interpreter.onText(({ bytes }) => complaint.push(String(bytes)));
      const ended = new Promise<string>((resolve) =>
        interpreter.onExit(({ description }) => resolve(description)),
      );
      assert.equal(await ended, 'code 1');
      assert.match(complaint.join(''), /Traceback/);

      const token = Buffer.alloc(16, 0xff).toString('hex');
      const stopped = link.start({
        configuration: JSON.stringify({ token, label: '', memory: 0, cpu: 0 }),
        environment: { GREETING: 'hello' },
        folder: '/nowhere',
      });
      await new Promise<void>((resolve) => {
        stopped.onFrame(({ header }) => header.type === 'ready' && resolve());
      });
      const code =
        'import os, ctypes; print(os.environ["GREETING"], os.getcwd(), flush=True); ctypes.PyDLL(None).sleep(100)';
      const printed = new Promise<string>((resolve) => stopped.onText(({ bytes }) => resolve(String(bytes))));
      stopped.send({ header: { type: 'request', id: 1, method: 'run', params: { code } }, buffers: [] });
      assert.match(await printed, /hello \/tmp/);
      // It holds the global lock: nobody reads.
      stopped.send({ header: { type: 'reply', id: 99 }, buffers: [new Uint8Array(40 * MEBIBYTE)] });
      for (let n = 0; n < 5; n++) assert.ok(await link.usage());
      assert.equal(await link.run('result = 1', null), 1);
      await stopped.kill();
    });

    it('tunnels connections both ways, whichever side ends first', async () => {
      const { link } = await open();
      link.onConnect((connection) => {
        const received: Buffer[] = [];
        connection.on('data', (bytes: Buffer) => received.push(bytes));
        connection.on('end', () => connection.end(Buffer.concat(received)));
      });
      link.listen();
      await link.run('result = 1', null);
      const sent = Buffer.alloc(9 * MEBIBYTE, 'tunnelled ');
      const back = await Promise.all(
        [1, 2].map(async () => {
          const client = createConnection({ port: TUNNEL_PORT, host: '127.0.0.1', allowHalfOpen: true });
          const parts: Buffer[] = [];
          client.on('data', (bytes: Buffer) => parts.push(bytes));
          client.end(sent);
          await once(client, 'end');
          return Buffer.concat(parts);
        }),
      );
      for (const bytes of back) assert.ok(bytes.equals(sent));
    });

    it('is not taken in by a program that is not ours', async () => {
      const opening = follow(
        spawn('python3', ['-c', 'print("hello, world", flush=True); input()'], { stdio: 'pipe' }),
      );
      await assert.rejects(opening, /messages were disturbed \(a piece of kind 104\)/);
      const complaining = follow(
        spawn('python3', ['-c', 'import sys; sys.exit("no such thing")'], { stdio: 'pipe' }),
      );
      await assert.rejects(complaining, /could not be started: no such thing/);
    });

    it('ends everything that is waited for', async () => {
      const { link } = await open();
      const ended = new Promise<string>((resolve) => link.onEnd(({ description }) => resolve(description)));
      const lookUp = assert.rejects(link.run('import time; time.sleep(1000)', null), /container was ended/);
      await link.close();
      assert.match(await ended, /was ended/);
      await lookUp;
      assert.equal(await link.usage(), null);
      await assert.rejects(link.run('result = 1', null), /has ended/);
    });
  });
});
