import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openToolSources, ToolDefinitions } from '../../src/core/tools/sources/index.ts';
import { until } from '../support/until.ts';

const tool = (name: string, description = '') =>
  `name: ${name}\ndescription: ${description}\nrecipes: {run: {}}\n`;

describe('tools in files', () => {
  let base: string;
  let definitions: ToolDefinitions;
  let log: string[];
  let changes: number;

  beforeEach(async () => {
    base = await mkdtemp(path.join(tmpdir(), 'tool-sources-'));
    open();
  });
  afterEach(async () => {
    await definitions[Symbol.asyncDispose]();
    await rm(base, { recursive: true, force: true });
  });

  function open(): void {
    log = [];
    changes = 0;
    const toLog = (line: string) => void log.push(line);
    const sources = openToolSources({ baseFolder: base }, { log: toLog });
    definitions = new ToolDefinitions({ sources, log: toLog });
    definitions.onDidChange(() => {
      changes += 1;
    });
  }

  const file = (name: string) => path.join(base, 'tools', name);

  async function write(name: string, text: string | Uint8Array): Promise<void> {
    await mkdir(path.dirname(file(name)), { recursive: true });
    await writeFile(file(name), text);
  }

  /** The names of those that can be used; of the others their entries with what is wrong. */
  async function list(): Promise<string[]> {
    const tools = await definitions.list();
    return tools.map(({ entry, name, definition, problems }) =>
      definition ? name : `${entry}: ${problems.map(({ message }) => message).join(' ')}`,
    );
  }

  it('are those of *.yaml and *.yml, in their order, and nothing else', async () => {
    await write('b.yaml', tool('zwei'));
    await write('a.yml', tool('eins'));
    await write('c.json', tool('c'));
    await write('.hidden.yaml', tool('hidden'));
    await mkdir(file('folder.yaml'));
    assert.deepEqual(await list(), ['eins', 'zwei']);
    const [first] = await definitions.list();
    assert.equal(first?.file, file('a.yml'));
    assert.equal(first?.definition?.file, file('a.yml'));
  });

  it('come and go with their folder', async () => {
    assert.deepEqual(await list(), []);
    await write('a.yaml', tool('a'));
    assert.deepEqual(await list(), ['a']);
    await rm(path.join(base, 'tools'), { recursive: true });
    assert.deepEqual(await list(), []);
    await write('b.yaml', tool('b'));
    await until('the folder is noticed', () => changes > 0);
    assert.deepEqual(await list(), ['b']);
  });

  it('are the same objects as long as they have not changed', async () => {
    await write('a.yaml', tool('a'));
    await write('b.yaml', tool('b'));
    const before = await definitions.list();
    assert.equal(await definitions.list(), before);
    await write('b.yaml', tool('b', 'new'));
    await until('the change is noticed', async () => (await definitions.list()) !== before);
    const after = await definitions.list();
    assert.equal(after[0], before[0]);
    assert.equal(after[1]?.definition?.config.description, 'new');
  });

  it('are told of when they change, by whomever', async () => {
    await write('a.yaml', tool('a'));
    await list();
    // Once the folder's times tell nothing more, the watch has to.
    await delay(100);
    await list();
    await write('a.yaml', tool('other'));
    await until('the change is told', () => changes > 0);
    assert.deepEqual(await list(), ['other']);
    await rename(file('a.yaml'), file('b.yaml'));
    await until('the move is seen', async () => (await definitions.list())[0]?.entry === 'b.yaml');
    await rm(file('b.yaml'));
    assert.deepEqual(await list(), []);
  });

  it('are looked at as well: a change that keeps the size and is not told of is seen', async () => {
    await write('a.yaml', tool('a'));
    await list();
    await write('a.yaml', tool('b'));
    await utimes(file('a.yaml'), 1000, 1000);
    await until('the change is seen', async () => (await list())[0] === 'b');
  });

  it('do not take each other down', async () => {
    await write('a.yaml', 'name: [');
    await write('b.yaml', tool('b'));
    await write('c.yaml', new Uint8Array([0x6e, 0xff, 0xfe]));
    await write('d.yaml', '');
    await truncate(file('d.yaml'), 2 * 1024 * 1024);
    await symlink('/etc/hostname', file('e.yaml'));
    await symlink(file('b.yaml'), file('f.yaml'));
    const found = await list();
    assert.match(found[0]!, /^a\.yaml: ./);
    assert.equal(found[1], 'b');
    assert.match(found[2]!, /^c\.yaml: The file is not UTF-8 text\.$/);
    assert.match(found[3]!, /^d\.yaml: The definition of a tool has at most 1 MiB\.$/);
    assert.match(found[4]!, /^e\.yaml: .*a link that leads out of the store/);
    assert.match(found[5]!, /^f\.yaml: There is a tool b already, in .*b\.yaml\.$/);
    assert.match(log.join('\n'), /a\.yaml can't be used/);
  });

  it('of one name are one: the first counts, and the other becomes it when that goes', async () => {
    await write('a.yaml', tool('same', 'first'));
    await write('b.yaml', tool('same', 'second'));
    const [first, second] = await definitions.list();
    assert.equal(first?.definition?.config.description, 'first');
    assert.equal(second?.definition, undefined);
    const [problem] = second?.problems ?? [];
    assert.deepEqual([problem?.start, problem?.end], [6, 10]);
    await rm(file('a.yaml'));
    assert.deepEqual(await list(), ['same']);
  });

  it('that may not be read say so', async function () {
    if (process.getuid?.() === 0 || process.platform === 'win32') this.skip();
    await write('a.yaml', tool('a'));
    await chmod(file('a.yaml'), 0);
    assert.deepEqual(await list(), ["a.yaml: The file can't be read: permission was denied."]);
    await chmod(file('a.yaml'), 0o600);
    await until('it can be read', async () => (await list())[0] === 'a');
  });

  it('are read when they are asked for, and not watched after the end', async () => {
    await write('a.yaml', tool('a'));
    await definitions[Symbol.asyncDispose]();
    assert.deepEqual(await list(), []);
    open();
    assert.deepEqual(await list(), ['a']);
  });
});
