import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FileLock } from '../../src/core/common/files/fileLock.ts';
import { put, StorageFolder } from '../support/storageFolder.ts';

const WRITER = path.resolve(__dirname, '../support/storageWriter.js');

describe('the lock of the file storage is taken over', () => {
  const folder = new StorageFolder().install();
  let base: string;
  let lines: string[];
  beforeEach(() => {
    ({ base, lines } = folder);
  });
  const at = (...parts: string[]) => folder.at(...parts);

  it('when the holder of the lock is gone', async () => {
    const storage = folder.open();
    await put(storage, 'before', 'x');
    const dead = fork(WRITER, [base, 'churn', 'dead', '0']);
    await once(dead, 'exit');
    const namespace = '/proc/self/ns/pid';
    const machine = `${hostname()} ${existsSync(namespace) ? readlinkSync(namespace) : ''}`;
    writeFileSync(
      at('artifacts/.artifacts.json.lock'),
      JSON.stringify({ token: 't', pid: dead.pid, machine }),
    );
    writeFileSync(at('artifacts/orphan'), 'its entry was not written any more');
    await put(storage, 'after', 'x');
    assert.match(lines.join('\n'), /took over the lock/);
    assert.deepEqual(folder.indexNames(), ['after', 'before', 'orphan']);
    assert.deepEqual(folder.leftovers(), []);
  });

  it('when the holder of the lock cannot be asked and does not let go', async () => {
    mkdirSync(base);
    writeFileSync(at('lock'), '{"token":"t","pid":1,"machine":"elsewhere"}');
    const lock = new FileLock(at('lock'), { log: (line) => lines.push(line), staleMs: 300 });
    const started = performance.now();
    assert.equal(await lock.hold(async ({ tookOver }) => tookOver), true);
    assert.ok(performance.now() - started >= 300);
    assert.equal(await lock.hold(async ({ tookOver }) => tookOver), false);
    assert.deepEqual(readdirSync(base), []);
  });

  it('but not from a holder who takes long and shows that it is at work', async () => {
    mkdirSync(base);
    const [first, second] = [1, 2].map(
      () => new FileLock(at('lock'), { log: () => undefined, staleMs: 400 }),
    );
    const order: string[] = [];
    const long = first?.hold(async (held) => {
      await delay(1500);
      held.confirm();
      order.push('first');
    });
    await delay(50);
    await second?.hold(async ({ tookOver }) => void order.push(`second ${tookOver}`));
    await long;
    assert.deepEqual(order, ['first', 'second false']);
  });

  it('and nobody waits for a lock who has given up', async () => {
    mkdirSync(base);
    const [first, second] = [1, 2].map(() => new FileLock(at('lock'), { log: () => undefined }));
    const giveUp = new AbortController();
    await first?.hold(async () => {
      const waiting = second?.hold(async () => 'never', giveUp.signal);
      giveUp.abort(new Error('enough'));
      await assert.rejects(async () => waiting, /enough/);
    });
    assert.deepEqual(readdirSync(base), []);
  });

  it('when a process that slept for too long wakes up without its lock', async () => {
    mkdirSync(base);
    const lock = new FileLock(at('lock'), { log: () => undefined });
    let turns = 0;
    const result = await lock.hold(async (held) => {
      turns += 1;
      held.confirm();
      // As another process does that takes over.
      if (turns === 1) writeFileSync(at('lock'), '{"token":"another","pid":1,"machine":"elsewhere"}');
      setTimeout(() => rmSync(at('lock'), { force: true }), 50);
      held.confirm();
      return 'done';
    });
    assert.equal(result, 'done');
    assert.equal(turns, 2, 'what it was about to do is done again from the start');
  });
});
