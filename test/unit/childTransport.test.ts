import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ChildTransport } from '../../src/core/connection/childTransport.ts';
import type { Frame } from '../../src/core/connection/frames.ts';

/** A child that runs `script` and speaks over its third file descriptor. */
function start(script: string): {
  transport: ChildTransport;
  frames: Frame[];
  exit: Promise<string>;
} {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
  const transport = new ChildTransport(
    child,
    {
      input: child.stdin as Writable,
      output: child.stdio[3] as Readable,
      complaints: child.stderr as Readable,
    },
    { interrupt: () => undefined },
  );
  const frames: Frame[] = [];
  transport.onFrame((frame) => frames.push(frame));
  const exit = new Promise<string>((resolve) => {
    transport.onExit((reason) => resolve(reason.description));
  });
  return { transport, frames, exit };
}

const sendFrame = `
  const send = (header, ...buffers) => {
    const text = Buffer.from(JSON.stringify({ ...header, buffers: buffers.map((b) => b.length) }));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(text.length);
    require('fs').writeSync(3, Buffer.concat([head, text, ...buffers]));
  };`;

describe('a child process as transport', () => {
  it('delivers what was written last before it reports the end', async () => {
    const { frames, exit } = start(
      `${sendFrame} send({ n: 1 }); send({ n: 2 }, Buffer.alloc(100000, 7)); process.exit(3)`,
    );
    assert.equal(await exit, 'exit code 3');
    assert.deepEqual(
      frames.map((frame) => frame.header.n),
      [1, 2],
    );
    assert.equal(frames[1]!.buffers[0]!.length, 100_000);
  });

  it('names what the child complained about', async () => {
    const { exit } = start(`console.error('first line'); console.error('out of cheese'); process.exit(4)`);
    assert.equal(await exit, 'out of cheese (exit code 4)');
  });

  it('ends a child that writes what is no frame', async () => {
    const { exit } = start(
      `require('fs').writeSync(3, 'hello, this is no frame'); setInterval(() => {}, 1000)`,
    );
    assert.match(await exit, /its messages were disturbed/);
  });

  it('kills a child that ignores everything', async () => {
    const { transport, exit } = start(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`);
    await transport.kill();
    assert.equal(await exit, 'killed');
  });

  it('survives writing to a child that is gone', async () => {
    const { transport, exit } = start('process.exit(0)');
    await exit;
    transport.send({ header: { type: 'late' }, buffers: [new Uint8Array(1_000_000)] });
  });

  it('reports a program that cannot be started', async () => {
    const child = spawn('/nonexistent/python', [], { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
    const transport = new ChildTransport(
      child,
      { input: child.stdin as Writable, output: child.stdio[3] as Readable },
      { interrupt: () => undefined },
    );
    const reason = await new Promise<string>((resolve) =>
      transport.onExit((exit) => resolve(exit.description)),
    );
    assert.match(reason, /ENOENT/);
    await transport.kill();
  });
});
