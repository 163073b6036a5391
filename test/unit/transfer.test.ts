import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { compareStores } from '../../src/core/storage/transfer/compareStores.ts';
import { copyStore, planCopy } from '../../src/core/storage/transfer/copyStore.ts';
import { openTransferStore } from '../../src/core/storage/transfer/openTransferStore.ts';
import { parseToolYaml } from '../../src/core/storage/transfer/toolYaml.ts';
import { TRANSFER_KINDS, type TransferStore } from '../../src/core/storage/transfer/transferStore.ts';
import { toYaml } from '../../src/core/tools/definition/yaml.ts';

const ALL = { kinds: TRANSFER_KINDS };

describe('a copy from store to store', () => {
  let scratch: string;
  let source: TransferStore;
  let target: TransferStore;

  beforeEach(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), 'code-mode-transfer-'));
    source = openTransferStore({ type: 'file', baseFolder: path.join(scratch, 'source') });
    target = openTransferStore({ type: 'file', baseFolder: path.join(scratch, 'target') });
    for (const name of ['a', 'b', 'c', 'd']) await save(source, name, name);
  });
  afterEach(async () => {
    await source[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  const save = (store: TransferStore, name: string, content: string, dataType: 'text' | 'json' = 'text') =>
    store.artifacts.save(name, Buffer.from(content), { description: '', metadata: {}, dataType });
  const names = async (store: TransferStore) => (await store.artifacts.list()).map(({ name }) => name);

  it('is cancelled between two items, and says what was done', async () => {
    await save(target, 'extra', 'x');
    const { steps } = await planCopy(source, target, { ...ALL, clear: true });
    const controller = new AbortController();
    const result = await copyStore(source, target, steps, {
      signal: controller.signal,
      onProgress: ({ name }) => {
        if (name === 'c') controller.abort();
      },
    });
    assert.ok(CodeModeError.is(result.stopped, 'cancelled'));
    assert.deepEqual(
      result.done.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(
      result.remaining.map(({ name, action }) => `${action} ${name}`),
      ['add c', 'add d', 'remove extra'],
    );
    assert.deepEqual(await names(target), ['a', 'b', 'extra']);
    const again = await planCopy(source, target, { ...ALL, clear: true });
    await copyStore(source, target, again.steps);
    assert.deepEqual(await names(target), ['a', 'b', 'c', 'd']);
  });

  it('stops where the target fails, and leaves nothing half done', async () => {
    const { steps } = await planCopy(source, target, { ...ALL, clear: false });
    await copyStore(source, target, steps.slice(0, 1));
    const failing: TransferStore = {
      ...target,
      artifacts: new Proxy(target.artifacts, {
        get: (artifacts, key) =>
          key === 'create'
            ? async (name: string) => {
                const writer = await artifacts.create(name);
                if (name !== 'c') return writer;
                return {
                  ...writer,
                  write: async () => {
                    throw new CodeModeError('storage', 'The disk is full.');
                  },
                  commit: writer.commit.bind(writer),
                  [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
                };
              }
            : Reflect.get(artifacts, key).bind(artifacts),
      }),
    };
    const result = await copyStore(source, failing, steps.slice(1));
    assert.match(result.stopped?.message ?? '', /disk is full/);
    assert.deepEqual(
      result.done.map(({ name }) => name),
      ['b'],
    );
    assert.deepEqual(
      result.remaining.map(({ name }) => name),
      ['c', 'd'],
    );
    assert.deepEqual(await names(target), ['a', 'b']);
    const left = readdirSync(path.join(scratch, 'target/artifacts')).filter((name) => /tmp|lock/.test(name));
    assert.deepEqual(left, []);
  });

  it('goes on where only one item cannot be copied', async () => {
    const { steps } = await planCopy(source, target, { ...ALL, clear: false });
    await source.artifacts.delete('b');
    const result = await copyStore(source, target, steps);
    assert.deepEqual(
      result.failed.map(({ name, reason }) => `${name}: ${reason}`),
      ['b: There is no artifact "b".'],
    );
    assert.equal(result.stopped, undefined);
    assert.deepEqual(await names(target), ['a', 'c', 'd']);
  });

  it('takes JSON with other white space for the same', async () => {
    await save(source, 'x.json', '{\n  "a": [\n    1\n  ]\n}', 'json');
    await save(target, 'x.json', '{"a": [1]}', 'json');
    await save(source, 'y.json', '{"a": [1]}', 'json');
    await save(target, 'y.json', '{"a": [1, 2]}', 'json');
    await save(source, 'z.json', '{"a": NaN}', 'json');
    await save(target, 'z.json', '{"a":NaN}', 'json');
    const states = (await compareStores(source, target, ALL))
      .filter(({ name }) => name.endsWith('.json'))
      .map(({ name, state }) => `${name} ${state}`);
    assert.deepEqual(states, ['x.json same', 'y.json changed', 'z.json changed']);
  });

  it('sees a change that leaves the size as it was, and one of the description alone', async () => {
    await save(target, 'a', 'z');
    await save(target, 'b', 'b');
    await target.artifacts.save('c', Buffer.from('c'), {
      description: 'new',
      metadata: {},
      dataType: 'text',
    });
    const states = (await compareStores(source, target, ALL)).map(({ name, state }) => `${name} ${state}`);
    assert.deepEqual(states, ['a changed', 'b same', 'c changed', 'd removed']);
  });
});

describe('the YAML of a tool', () => {
  it('is read as py-code-mode reads it, but that keys are always text', () => {
    const config = parseToolYaml(
      'name: x\nshort: n\nother: y\non: yes\noff: Off\nquoted: "yes"\nbase: &b {k: 1}\nmore: {<<: *b, j: 2}\n',
    );
    assert.deepEqual(config, {
      name: 'x',
      short: 'n',
      other: 'y',
      on: true,
      off: false,
      quoted: 'yes',
      base: { k: 1 },
      more: { k: 1, j: 2 },
    });
  });

  it('comes back as it was', () => {
    const config = {
      name: 'x',
      words: ['yes', 'off', 'true', '1', 'null', '~', 'n', ' x ', 'a: b', '# c', 'zwei\nZeilen', 'für alles'],
      numbers: [1, 0.5, -2],
      nothing: null,
      deep: { list: [], map: {} },
    };
    assert.deepEqual(parseToolYaml(toYaml(config)), config);
  });

  it('is refused with a reason where it is none', () => {
    assert.throws(() => parseToolYaml('name: ['), /line 1/);
    assert.throws(() => parseToolYaml('- a\n'), /mapping with a "name"/);
    assert.throws(() => parseToolYaml('description: x\n'), /mapping with a "name"/);
  });
});
