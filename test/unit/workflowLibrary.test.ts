import assert from 'node:assert/strict';
import type { WorkflowRecord, WorkflowSource, WorkflowStore } from '../../src/core/contract/storage.ts';
import { WorkflowLibrary } from '../../src/core/workflows/library.ts';

/** Keeps workflows in memory, as every store does: what does not change stays the same object. */
class MemoryWorkflows implements WorkflowStore {
  readonly kept = new Map<string, WorkflowSource>();
  readonly saved: WorkflowRecord[] = [];

  put(name: string, source: string, description?: string): void {
    this.kept.set(name, { name, source, ...(description !== undefined && { description }) });
  }

  async list(): Promise<readonly WorkflowSource[]> {
    return [...this.kept.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async get(name: string): Promise<WorkflowSource | undefined> {
    return this.kept.get(name);
  }

  async save(workflow: WorkflowRecord): Promise<void> {
    this.saved.push(workflow);
    this.put(workflow.name, workflow.source, workflow.description);
  }

  async rename(name: string, newName: string): Promise<void> {
    this.put(newName, this.kept.get(name)?.source ?? '');
    this.kept.delete(name);
  }

  async delete(name: string): Promise<boolean> {
    return this.kept.delete(name);
  }

  pathOf(name: string): string {
    return `/workflows/${name}.py`;
  }
}

const TITLES = '"""Fetch titles."""\nasync def run(url: str, limit: int = 3): pass\n';

describe('the library of workflows', () => {
  let store: MemoryWorkflows;
  let library: WorkflowLibrary;

  beforeEach(() => {
    store = new MemoryWorkflows();
    library = new WorkflowLibrary({ store });
  });
  afterEach(() => library.dispose());

  it('lists what sources say, the broken ones with their problems', async () => {
    store.put('titles', TITLES);
    store.put('broken', 'async def run(:\n');
    store.put('recorded', 'async def run(): pass', 'Said elsewhere.');
    const found = await library.list();
    assert.deepEqual(
      found.map(({ name, description, problems }) => [name, description, problems.map(({ code }) => code)]),
      [
        ['broken', '', ['syntax']],
        ['recorded', 'Said elsewhere.', []],
        ['titles', 'Fetch titles.', []],
      ],
    );
    assert.equal((await library.list())[2], found[2]);
    assert.deepEqual(await library.get('titles'), { ...found[2], source: TITLES });
    assert.equal(await library.get('none'), undefined);
    assert.equal(library.pathOf('titles'), '/workflows/titles.py');
  });

  it('saves what is right, with what it says', async () => {
    const summary = await library.save('ﬁnd', TITLES);
    assert.equal(summary.name, 'find');
    assert.deepEqual(store.saved, [
      {
        name: 'find',
        source: TITLES,
        description: 'Fetch titles.',
        parameters: [
          { name: 'url', type: 'string', description: '', required: true, default: null },
          { name: 'limit', type: 'integer', description: '', required: false, default: 3 },
        ],
      },
    ]);
  });

  it('refuses what is wrong, with line and column', async () => {
    for (const [name, source, reason] of [
      ['x', 'y = 1\r\nz = (1,\r\nasync def run(): pass', /error at 2:5: `\(` is never closed/],
      ['x', '\ndef run(): pass', /error at 2:5: `run` is a plain function/],
      ['x', '', /There is no `run`/],
      ['list', TITLES, /workflows\.list is a method already/],
    ] as const) {
      await assert.rejects(library.save(name, source), { code: 'usage', message: reason });
    }
    await assert.rejects(library.rename('x', 'search'), { code: 'usage' });
    assert.deepEqual(store.saved, []);
  });

  it('finds what was saved, renamed and deleted a moment ago', async () => {
    const names = async (query: string) => (await library.search(query, 5)).map(({ name }) => name);
    assert.deepEqual(await names('titles'), []);
    await library.save('fetch_titles', TITLES);
    assert.deepEqual(await names('titles'), ['fetch_titles']);
    await library.rename('fetch_titles', 'headlines');
    assert.deepEqual(await names('titles'), ['headlines']);
    assert.equal(await library.delete('headlines'), true);
    assert.equal(await library.delete('headlines'), false);
    assert.deepEqual(await names('titles'), []);
  });

  it('finds where other workflows name one, by syntax', async () => {
    const source = [
      'async def run():',
      '    # workflows.titles()',
      '    text = "workflows.titles()"',
      '    a = await workflows.titles(url="x")',
      '    b = await workflows.invoke("titles", url="x")',
      "    c = workflows.get('titles')",
      '    d = other.workflows.titles()',
      '    e = workflows.titles_of()',
      '    return f"{await workflows.titles()}", workflows.search("titles")',
    ].join('\n');
    store.put('user', source);
    store.put('titles', TITLES);
    const usages = await library.usages('titles');
    assert.deepEqual(
      usages.map(({ workflow, line, start, end }) => [workflow, line, source.slice(start, end)]),
      [
        ['user', 3, 'titles'],
        ['user', 4, '"titles"'],
        ['user', 5, "'titles'"],
        ['user', 8, 'titles'],
      ],
    );
    assert.equal(usages[0]?.text, 'a = await workflows.titles(url="x")');
  });
});
