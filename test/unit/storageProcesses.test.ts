import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { removeAbandoned } from '../../src/core/storage/file/folderWalk.ts';
import { namesOf, put, StorageFolder } from '../support/storageFolder.ts';

const WRITER = path.resolve(__dirname, '../support/storageWriter.js');
/** Seconds for which processes write at once. */
const CHURN_SECONDS = Number(process.env.CODE_MODE_STORAGE_CHURN_SECONDS ?? 4);
const STREAM_MEGABYTES = Number(process.env.CODE_MODE_STORAGE_STREAM_MEGABYTES ?? 200);
/** How often a process is killed in each test. */
const KILLS = Number(process.env.CODE_MODE_STORAGE_KILLS ?? 6);
const HOUR_MS = 3_600_000;

describe('the file storage loses and tears nothing', () => {
  const folder = new StorageFolder().install();
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function start(...parameters: string[]): ChildProcess {
    const child = fork(WRITER, [folder.base, ...parameters]);
    children.push(child);
    return child;
  }
  const exitCode = async (child: ChildProcess) => (await once(child, 'exit'))[0];

  it(`when eight processes save, rename, delete and list for ${CHURN_SECONDS} s`, async function () {
    this.timeout((CHURN_SECONDS + 60) * 1000);
    const writers = Array.from({ length: 8 }, (_, at) => start('churn', String(at), String(CHURN_SECONDS)));
    let done = 0;
    for (const writer of writers) writer.once('message', (told: { done: number }) => (done += told.done));
    assert.deepEqual(
      await Promise.all(writers.map(exitCode)),
      writers.map(() => 0),
    );
    assert.ok(done > 8);
    const storage = folder.open();
    assert.deepEqual(await namesOf(storage), folder.files());
    assert.deepEqual(folder.indexNames(), folder.files());
    for (const { name, description, metadata } of await storage.artifacts.list()) {
      assert.equal(metadata.mark, description);
      const text = Buffer.from((await storage.artifacts.load(name)).content).toString();
      assert.equal(text, description.repeat(text.length / description.length), name);
    }
    assert.deepEqual(folder.leftovers(), []);
    const workflows = (await storage.workflows.list()).map(({ name }) => `${name}.py`);
    assert.deepEqual(workflows, readdirSync(folder.at('workflows')).sort());
    assert.deepEqual(folder.lines, []);
  });

  /** Kills a process at many moments; what it left is looked at each time. */
  async function killing(mode: string, look: (round: number) => Promise<void>): Promise<void> {
    for (let round = 0; round < KILLS; round += 1) {
      const child = start(mode, String(round));
      await once(child, 'message');
      await delay(10 + round * 7 + Math.random() * 10);
      const ended = exitCode(child);
      child.kill('SIGKILL');
      await ended;
      await look(round);
    }
  }

  function assertWhole(content: Uint8Array): void {
    assert.equal(content.byteLength, 3_000_000);
    assert.equal(new Set(content).size, 1);
  }

  for (const mode of ['save', 'create']) {
    it(`when a process is killed at any moment: ${mode}`, async function () {
      this.timeout(60_000);
      await killing(mode, async (round) => {
        const storage = folder.open();
        const started = performance.now();
        await put(storage, 'after', String(round));
        assert.ok(performance.now() - started < 5000, 'the lock of the dead is taken over at once');
        const listed = await storage.artifacts.list();
        assert.deepEqual(
          listed.map(({ name }) => name),
          folder.files(),
        );
        for (const { name, description } of listed) {
          if (name !== 'after') assert.equal(description, 'kept', name);
        }
        if (await storage.artifacts.exists('torn')) {
          assertWhole((await storage.artifacts.load('torn')).content);
        }
      });
    });
  }

  it('when a process is killed at any moment: rename', async function () {
    this.timeout(60_000);
    const details = { description: 'kept', metadata: { mark: 1 }, dataType: 'bytes' } as const;
    await folder.open().artifacts.save('here', Buffer.alloc(3_000_000), details);
    await killing('rename', async (round) => {
      // Read by one who changes nothing, then by one who has put the index in order.
      for (const storage of [folder.open(), folder.open()]) {
        const listed = (await storage.artifacts.list()).filter(({ name }) => name !== 'after');
        assert.equal(listed.length, 1, JSON.stringify(listed));
        assert.equal(listed[0]?.description, 'kept');
        const { name = '' } = listed[0] ?? {};
        const { content, dataType } = await storage.artifacts.load(name);
        assertWhole(content);
        assert.equal(dataType, 'bytes');
        await put(storage, 'after', String(round));
        if (name !== 'here') await storage.artifacts.rename(name, 'here');
      }
      assert.deepEqual(folder.indexNames(), ['after', 'here']);
    });
  });

  it('when a process is killed at any moment: remove and restore', async function () {
    this.timeout(60_000);
    const details = { description: 'kept', metadata: {}, dataType: 'bytes' } as const;
    await killing('remove', async (round) => {
      const storage = folder.open();
      const listed = (await storage.artifacts.list()).filter(({ name }) => name !== 'after');
      if (round > 0) assert.ok(listed.length <= 1);
      for (const { name, description } of listed) assert.deepEqual([name, description], ['here', 'kept']);
      await storage.artifacts.save('here', Buffer.from('again'), details);
      await put(storage, 'after', String(round));
      assert.deepEqual(folder.indexNames(), ['after', 'here']);
    });
    await removeAbandoned(folder.at('artifacts'), Date.now() + HOUR_MS + 10_000);
    assert.deepEqual(folder.leftovers(), [], 'what nobody can bring back any more is swept');
  });

  it('when a process is killed at any moment: workflows', async function () {
    this.timeout(60_000);
    await killing('workflow', async () => {
      const torn = await folder.open().workflows.get('torn');
      if (torn) assert.match(torn.source, /^async def run\(\): return '(\d)\1{99999}'\n$/);
    });
  });

  it('when a process is killed at any moment: vectors', async function () {
    this.timeout(60_000);
    await killing('vector', async (round) => {
      const hash = `f${round}`.padStart(64, '0');
      const { vectors } = folder.open();
      await vectors.put('model', new Map([[hash, Float32Array.of(round)]]));
      const before = Array.from({ length: round + 1 }, (_, at) => `f${at}`.padStart(64, '0'));
      assert.equal((await folder.open().vectors.get('model', before)).size, round + 1);
    });
  });

  it('when two processes add vectors at once', async () => {
    const writers = ['aa', 'bb', 'cc'].map((id) => start('vectors', id, '60'));
    assert.deepEqual(await Promise.all(writers.map(exitCode)), [0, 0, 0]);
    const hashes = ['aa', 'bb', 'cc'].flatMap((id) =>
      Array.from({ length: 60 }, (_, at) => `${id}${at.toString(16).padStart(4, '0')}`.padEnd(64, '0')),
    );
    const found = await folder.open().vectors.get('model', hashes);
    assert.deepEqual([...found.keys()], hashes);
    assert.deepEqual(found.get(hashes[59] ?? ''), Float32Array.of(59, 0.5, -1));
  });

  it(`and needs no memory for ${STREAM_MEGABYTES} MB that are written and read in pieces`, async function () {
    this.timeout(300_000);
    const child = start('stream', '', String(STREAM_MEGABYTES));
    const [told] = await once(child, 'message');
    assert.equal(told.megabytes, STREAM_MEGABYTES);
    assert.ok(told.grown < 120, `grew by ${told.grown} MB`);
  });
});
