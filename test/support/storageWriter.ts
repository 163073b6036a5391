// A process of its own that uses a store: `node storageWriter.js FOLDER MODE [ID] [AMOUNT]`.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { FileStorage } from '../../src/core/storage/file/fileStorage.ts';

const DETAILS = { description: 'kept', metadata: {}, dataType: 'bytes' } as const;
const MEGABYTE = 1_000_000;

async function main([folder = '', mode = '', id = '', amount = '0']: string[]): Promise<void> {
  await using storage = new FileStorage({ baseFolder: folder });
  if (mode === 'churn') await churn(storage, Number(amount) * 1000);
  else if (mode === 'stream') await stream(storage, Number(amount));
  else if (mode === 'vectors') await addVectors(storage, id, Number(amount));
  else await forever(storage, mode, id);
  process.disconnect?.();
}

/** Saves, renames, removes and reads what others fight for as well, for some milliseconds. */
async function churn({ artifacts, workflows }: FileStorage, duration: number): Promise<void> {
  const name = () => `${['', 'deep/', 'deep/er/'][randomInt(3)]}shared-${randomInt(12)}`;
  const flow = () => `flow_${randomInt(8)}`;
  const details = (mark: string) => ({ description: mark, metadata: { mark }, dataType: 'bytes' }) as const;
  const steps: (() => Promise<unknown>)[] = [
    () => {
      const mark = randomUUID();
      return artifacts.save(name(), Buffer.from(mark.repeat(randomInt(1, 500))), details(mark));
    },
    async () => {
      const mark = randomUUID();
      await using writer = await artifacts.create(name());
      for (let piece = 0; piece < 4; piece += 1) await writer.write(Buffer.from(mark.repeat(50)));
      if (randomInt(4) > 0) await writer.commit(details(mark));
    },
    () => artifacts.rename(name(), name()),
    () => artifacts.delete(name()),
    async () => {
      const removed = await artifacts.remove(name());
      if (randomInt(2) > 0) await removed?.restore();
    },
    async () => {
      await using reader = await artifacts.open(name());
      const text = Buffer.from(await reader.read(0, reader.size)).toString();
      const mark = String(reader.metadata.mark);
      assert.equal(text, mark.repeat(text.length / mark.length), 'content and entry are of one version');
    },
    () => artifacts.list(),
    async () => workflows.save(source(flow(), randomUUID())),
    () => workflows.rename(flow(), flow()),
    () => workflows.delete(flow()),
    async () => {
      for (const { source } of await workflows.list())
        assert.match(source, /^async def run\(\): return '.{36}'\n$/);
    },
  ];
  let done = 0;
  for (const end = Date.now() + duration; Date.now() < end; done += 1) {
    try {
      await steps[randomInt(steps.length)]?.();
    } catch (error) {
      // Gone or taken by now.
      if (!CodeModeError.is(error, 'not-found') && !CodeModeError.is(error, 'usage')) throw error;
    }
  }
  process.send?.({ done });
}

/** Writes and reads an artifact of so many megabytes in pieces, and tells by how many its memory grew. */
async function stream({ artifacts }: FileStorage, megabytes: number): Promise<void> {
  const before = process.memoryUsage.rss();
  // Not what the system calls the peak of a process: on Linux that begins with the one of the process that forked it.
  let peak = before;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const chunk = Buffer.alloc(MEGABYTE, 'x');
  await using writer = await artifacts.create('large');
  for (let at = 0; at < megabytes; at += 1) {
    await writer.write(chunk);
    look();
  }
  await writer.commit(DETAILS);
  await using reader = await artifacts.open('large');
  let read = 0;
  while (read < reader.size) {
    const piece = await reader.read(read, MEGABYTE);
    assert.ok(chunk.equals(piece));
    read += piece.length;
    look();
  }
  process.send?.({ megabytes: read / MEGABYTE, grown: (peak - before) / MEGABYTE });
}

async function addVectors({ vectors }: FileStorage, id: string, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const hash = `${id}${at.toString(16).padStart(4, '0')}`.padEnd(64, '0');
    await vectors.put('model', new Map([[hash, Float32Array.of(at, 0.5, -1)]]));
  }
}

/** Until it is killed. */
async function forever(
  { artifacts, workflows, vectors }: FileStorage,
  mode: string,
  id: string,
): Promise<void> {
  process.send?.('ready');
  for (let turn = 0; ; turn += 1) {
    const content = Buffer.alloc(3 * MEGABYTE, turn % 2 === 0 ? 'a' : 'b');
    if (mode === 'save') {
      await artifacts.save('torn', content, DETAILS);
      await artifacts.save(`extra-${id}-${turn % 3}`, Buffer.from(id), DETAILS);
      await artifacts.delete(`extra-${id}-${(turn + 1) % 3}`);
    } else if (mode === 'create') {
      await using writer = await artifacts.create('torn');
      for (let at = 0; at < 3; at += 1)
        await writer.write(content.subarray(at * MEGABYTE, (at + 1) * MEGABYTE));
      await writer.commit(DETAILS);
    } else if (mode === 'rename') {
      await artifacts.rename(turn % 2 === 0 ? 'here' : 'deep/there', turn % 2 === 0 ? 'deep/there' : 'here');
    } else if (mode === 'remove') {
      await (await artifacts.remove('here'))?.restore();
    } else if (mode === 'workflow') {
      await workflows.save(source('torn', String(turn % 2).repeat(100_000)));
    } else if (mode === 'vector') {
      const hash = `${id}${turn.toString(16)}`.padStart(64, '0');
      await vectors.put('model', new Map([[hash, new Float32Array(50_000).fill(turn)]]));
    }
  }
}

function source(name: string, value: string) {
  return { name, source: `async def run(): return '${value}'\n`, description: '', parameters: [] };
}

void main(process.argv.slice(2));
