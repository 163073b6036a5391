import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { namesOf, put, type StoreSubject, textOf, workflow } from './subject.ts';

const WRITER = path.resolve(__dirname, 'storage/writer.js');

export function describeConcurrency(subject: StoreSubject): void {
  const children: ChildProcess[] = [];
  const start = (...parameters: string[]) => {
    const child = fork(WRITER, [JSON.stringify(subject.spec()), ...parameters]);
    children.push(child);
    return child;
  };

  describe('when several write at once', () => {
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
    });

    it('in one process, nothing is lost', async () => {
      const stores = Array.from({ length: 4 }, () => subject.open());
      const names = Array.from({ length: 100 }, (_, at) => `a${String(at).padStart(3, '0')}`);
      await Promise.all(
        names.flatMap((name, at) => {
          const store = stores[at % stores.length];
          return [store && put(store.artifacts, name, name), store?.workflows.save(workflow(name))];
        }),
      );
      assert.deepEqual(await namesOf(subject.open().artifacts), names);
      assert.deepEqual(
        (await subject.open().workflows.list()).map(({ name }) => name),
        names,
      );
    });

    it('in processes, index and content belong together', async () => {
      const writers = ['1', '2', '3'].map((id) => start('churn', id, '40'));
      const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0]));
      assert.deepEqual(codes, [0, 0, 0]);
      const lines: string[] = [];
      const { artifacts } = subject.open({ log: (line) => lines.push(line) });
      const expected = ['1', '2', '3'].flatMap((id) =>
        Array.from({ length: 40 }, (_, turn) => turn).flatMap((turn) =>
          turn % 3 === 0 ? [] : [`own/${id}-${turn}`],
        ),
      );
      const infos = await artifacts.list();
      assert.deepEqual(
        infos.map(({ name }) => name),
        [...expected, 'shared'].sort(),
      );
      for (const { description } of infos) assert.equal(description, 'from another process');
      assert.match(await textOf(artifacts, 'shared'), /^(.)\1{4999}$/);
      assert.deepEqual(lines, []);
    });

    it('one that is killed leaves the old or the new version', async function () {
      this.timeout(60_000);
      for (let round = 0; round < 5; round += 1) {
        const writer = start('torn', String(round));
        await once(writer, 'message');
        await delay(50 + round * 37);
        const ended = once(writer, 'exit');
        writer.kill('SIGKILL');
        await ended;
        const { artifacts } = subject.open();
        assert.match(await textOf(artifacts, 'torn'), /^(.)\1{2999999}$/);
        assert.match(await textOf(artifacts, 'pieces'), /^(.)\1{2999999}$/);
        for (const { name } of await artifacts.list()) await artifacts.load(name);
        await put(artifacts, 'after', String(round));
      }
    });
  });
}
