import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { OpenArtifacts } from '../../src/core/artifacts/openArtifacts.ts';
import { visibleMetadata } from '../../src/core/artifacts/ownMetadata.ts';
import { artifactCalls } from '../../src/core/artifacts/service.ts';
import { copyArtifact, piecesOf, saveStream } from '../../src/core/artifacts/streams.ts';
import type { HostReply } from '../../src/core/connection/hostCalls.ts';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { FileStorage } from '../../src/core/storage/file/fileStorage.ts';

const LARGE = 9_000_000;

describe('artifacts in pieces', () => {
  let folder: string;
  let storage: FileStorage;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'code-mode-pieces-'));
    storage = new FileStorage({ baseFolder: path.join(folder, 'one') });
  });
  afterEach(async () => {
    await storage[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const details = { description: 'What it is', metadata: { n: 1 }, dataType: 'bytes' } as const;
  const unfinished = async () =>
    (await readdir(path.join(folder, 'one/artifacts'))).filter((name) => name.startsWith('.tmp-'));

  it('are saved from a stream, and read as one', async () => {
    const content = randomBytes(LARGE);
    const pieces = Readable.from([
      content.subarray(0, 10),
      content.subarray(10, LARGE / 2),
      content.subarray(LARGE / 2),
    ]);
    const saved = await saveStream(storage.artifacts, 'a/b', pieces, details);
    assert.deepEqual([saved.name, saved.description, saved.metadata], ['a/b', 'What it is', { n: 1 }]);
    await using reader = await storage.artifacts.open('a/b');
    const read: Uint8Array[] = [];
    for await (const piece of piecesOf(reader)) read.push(piece);
    assert.ok(read.length > 1);
    assert.ok(content.equals(Buffer.concat(read)));
  });

  it('leave what was there where the stream fails', async () => {
    await storage.artifacts.save('kept', Buffer.from('whole'), details);
    async function* failing() {
      yield Buffer.from('half');
      throw new Error('no more');
    }
    await assert.rejects(saveStream(storage.artifacts, 'kept', failing(), details), /no more/);
    assert.equal(Buffer.from((await storage.artifacts.load('kept')).content).toString(), 'whole');
    assert.deepEqual(await unfinished(), []);
  });

  it('are copied with all that is kept of them', async () => {
    const other = new FileStorage({ baseFolder: path.join(folder, 'two') });
    const metadata = { n: 1, _format: 'npy', _format_options: { of: 'array' } };
    await storage.artifacts.save('array', randomBytes(LARGE), { ...details, metadata });
    const copied = await copyArtifact(storage.artifacts, other.artifacts, 'array');
    assert.deepEqual([copied.description, copied.metadata], ['What it is', metadata]);
    assert.deepEqual(await other.artifacts.load('array'), await storage.artifacts.load('array'));
    await assert.rejects(copyArtifact(storage.artifacts, other.artifacts, 'nope'), /no artifact "nope"/);
  });

  it('show people metadata without what says how they are loaded', () => {
    assert.deepEqual(visibleMetadata({ a: 1, _mine: 2, _format: 'npy', _format_options: {} }), {
      a: 1,
      _mine: 2,
    });
  });

  describe('that Python has open', () => {
    const handlers = artifactCallsOf(() => storage);

    it('are known by number until they are closed', async () => {
      const lifetime = new AbortController().signal;
      const { handle } = opened(await handlers('create', { name: 'x', forgotten: [] }, lifetime));
      await handlers('write', { handle }, lifetime, Buffer.from('abc'));
      await handlers('commit', { handle, description: '', metadata: {}, data_type: 'bytes' }, lifetime);
      await assert.rejects(handlers('write', { handle }, lifetime, Buffer.from('d')), isNotFound);
      const read = opened(await handlers('open', { name: 'x', forgotten: [] }, lifetime));
      assert.equal(read.size, 3);
      const reply = await handlers('read', { handle: read.handle, position: 1, length: 9 }, lifetime);
      assert.equal(Buffer.from(reply.buffers?.[0] ?? []).toString(), 'bc');
      await assert.rejects(
        handlers('write', { handle: read.handle }, lifetime, Buffer.from('d')),
        isNotFound,
      );
      await handlers('open', { name: 'x', forgotten: [read.handle] }, lifetime);
      await assert.rejects(
        handlers('read', { handle: read.handle, position: 0, length: 1 }, lifetime),
        isNotFound,
      );
      await handlers('close', { handle: read.handle }, lifetime);
    });

    it('are dropped with the variables that their numbers were in', async () => {
      const variables = new AbortController();
      const { handle } = opened(await handlers('create', { name: 'x', forgotten: [] }, variables.signal));
      await handlers('write', { handle }, variables.signal, Buffer.from('abc'));
      assert.equal((await unfinished()).length, 1);
      variables.abort();
      await assert.rejects(handlers('write', { handle }, variables.signal, Buffer.from('d')), isNotFound);
      await handlers('create', { name: 'y', forgotten: [] }, variables.signal);
      while ((await unfinished()).length > 0) await new Promise(setImmediate);
      assert.equal(await storage.artifacts.exists('x'), false);
    });

    it('say at the next call what a piece could not be written with, and are not saved', async () => {
      const open = new OpenArtifacts();
      let committed = 0;
      let disposed = 0;
      const handle = open.add(
        {
          kind: 'writer',
          artifact: {
            write: () => Promise.reject(new CodeModeError('storage', 'The disk is full.')),
            commit: () => Promise.reject(new Error(`committed ${++committed} times`)),
            [Symbol.asyncDispose]: async () => {
              disposed += 1;
            },
          },
        },
        new AbortController().signal,
      );
      await open.write(handle, Buffer.from('a'));
      await assert.rejects(open.write(handle, Buffer.from('b')), /The disk is full/);
      await assert.rejects(open.commit(handle, details), /The disk is full/);
      assert.deepEqual([committed, disposed], [0, 1]);
    });
  });
});

const Opened = z.object({ handle: z.number(), size: z.number().default(0) });

function opened({ result }: HostReply): z.infer<typeof Opened> {
  return Opened.parse(result);
}

function isNotFound(error: unknown): boolean {
  return CodeModeError.is(error, 'not-found');
}

/** Calls as Python makes them. */
function artifactCallsOf(storage: () => FileStorage) {
  const handlers = artifactCalls(storage);
  return (
    operation: string,
    params: Readonly<Record<string, unknown>>,
    lifetime: AbortSignal,
    ...buffers: Uint8Array[]
  ): Promise<HostReply> => {
    const method = `artifacts.${operation}`;
    const handler = handlers[method];
    assert.ok(handler, method);
    return handler({ method, params, buffers, signal: lifetime, lifetime });
  };
}
