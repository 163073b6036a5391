import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { VectorStore } from '../../src/core/contract/storage.ts';
import { SearchIndex, type SearchIndexOptions } from '../../src/core/search/searchIndex.ts';
import type { Embedder } from '../../src/core/search/semantic.ts';

interface Tool {
  readonly id: string;
  readonly description: string;
  readonly source?: string;
}

const TOOLS: readonly Tool[] = [
  { id: 'fetch_titles', description: 'Fetch the titles of web pages.', source: 'await tools.http.get(url)' },
  { id: 'fetch_prices', description: 'Fetch prices from a shop.', source: 'titles = []' },
  { id: 'resizeImages', description: 'Make pictures smaller.', source: 'from PIL import Image' },
  { id: 'parseHTTPLog2', description: 'Count requests in a server log.', source: 'open(path)' },
  { id: 'send_report', description: 'Mail the weekly report to customers.', source: 'smtp.send(report)' },
  { id: 'weekly_numbers', description: 'Sums of the week.', source: 'report = report + report' },
  { id: 'größe_messen', description: 'Misst die Größe von Dateien.' },
  { id: 'translate_text', description: '文章を翻訳する。' },
  { id: 'constructor', description: 'Builds a house.' },
];

const OPTIONS: SearchIndexOptions<Tool> = {
  weights: { name: 6, description: 4, source: 1 },
  fieldsOf: ({ id, description, source = '' }) => ({ name: id, description, source }),
  meaningOf: ({ id, description }) => `${id}: ${description}`,
};

/** Counts what it is asked for; texts about the same thing are close. */
class TopicEmbedder implements Embedder {
  readonly asked: string[] = [];
  fails = false;
  /** What a request waits for. */
  gate: Promise<unknown> = Promise.resolve();

  async id(): Promise<string> {
    return 'topics';
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    this.asked.push(...texts);
    await this.gate;
    signal.throwIfAborted();
    if (this.fails) throw new Error('no power');
    return texts.map((text) =>
      Float32Array.of(Number(/image|picture|photo/i.test(text)), Number(/mail|letter/i.test(text)), 0.01),
    );
  }
}

class MemoryVectors implements VectorStore {
  readonly kept = new Map<string, Float32Array>();

  async get(model: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> {
    const found = hashes.map((hash) => [hash, this.kept.get(`${model} ${hash}`)] as const);
    return new Map(found.flatMap(([hash, vector]) => (vector ? [[hash, vector] as const] : [])));
  }

  async put(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    for (const [hash, vector] of vectors) this.kept.set(`${model} ${hash}`, vector);
  }
}

async function indexOf(options: Partial<SearchIndexOptions<Tool>> = {}): Promise<SearchIndex<Tool>> {
  const index = new SearchIndex({ ...OPTIONS, ...options });
  await index.update(TOOLS);
  return index;
}

async function idsOf(index: SearchIndex<Tool>, query: string, limit = 10): Promise<string[]> {
  return (await index.search(query, limit)).map(({ id }) => id);
}

async function eventually(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await setTimeout(5);
}

describe('search by words', () => {
  it('puts the best first', async () => {
    const index = await indexOf();
    for (const [query, best] of [
      ['titles', 'fetch_titles'],
      ['fetch prices', 'fetch_prices'],
      ['fetchTitles', 'fetch_titles'],
      ['fetchtitles', 'fetch_titles'],
      ['resize_images', 'resizeImages'],
      ['resize', 'resizeImages'],
      ['pict', 'resizeImages'],
      ['http log', 'parseHTTPLog2'],
      ['weekly report', 'send_report'],
      ['how do I mail a report to the customers?', 'send_report'],
      ['fecth titels', 'fetch_titles'],
      ['cusotmers', 'send_report'],
      ['grosse', 'größe_messen'],
      ['GRÖSSE', 'größe_messen'],
      ['翻訳', 'translate_text'],
      ['constructor', 'constructor'],
      ['Image', 'resizeImages'],
    ] as const) {
      assert.equal((await idsOf(index, query))[0], best, query);
    }
  });

  it('finds nothing where nothing fits', async () => {
    const index = await indexOf();
    for (const query of ['', '  ', '???', 'zzzz']) assert.deepEqual(await idsOf(index, query), [], query);
    assert.deepEqual(await idsOf(index, 'fetch', 0), []);
    assert.deepEqual(await idsOf(new SearchIndex(OPTIONS), 'fetch'), []);
  });

  it('orders what is equally good by name, the same way each time', async () => {
    const index = new SearchIndex(OPTIONS);
    await index.update(['c', 'a', 'd', 'b'].map((id) => ({ id, description: 'the same' })));
    assert.deepEqual(await idsOf(index, 'same', 3), ['a', 'b', 'c']);
  });

  it('follows what changes', async () => {
    const index = await indexOf();
    const [first, ...others] = TOOLS;
    await index.update([...others, { id: first!.id, description: 'Water the plants.' }]);
    assert.deepEqual(await idsOf(index, 'plants'), ['fetch_titles']);
    assert.deepEqual(await idsOf(index, 'web pages'), []);
    await index.update(others);
    assert.deepEqual(await idsOf(index, 'plants'), []);
    assert.deepEqual(await idsOf(index, 'prices'), ['fetch_prices']);
    await index.update([]);
    assert.deepEqual(await idsOf(index, 'prices'), []);
  });

  it('reads only what is new', async () => {
    const read: string[] = [];
    const index = new SearchIndex<Tool>({
      ...OPTIONS,
      fieldsOf: (item) => {
        read.push(item.id);
        return OPTIONS.fieldsOf(item);
      },
    });
    await index.update(TOOLS);
    read.length = 0;
    await index.update([...TOOLS.slice(1), { id: 'new', description: 'New.' }]);
    assert.deepEqual(read, ['new']);
  });
});

describe('search by meaning', () => {
  it('is combined with the search by words, once the vectors are there', async () => {
    const embedder = new TopicEmbedder();
    const index = await indexOf({ embedder });
    assert.deepEqual(embedder.asked, []);
    assert.deepEqual(await idsOf(index, 'photo'), []);
    await eventually(async () => (await idsOf(index, 'photo'))[0] === 'resizeImages');
    await eventually(async () => (await idsOf(index, 'letter'))[0] === 'send_report');
    const [best] = await idsOf(index, 'prices photo');
    assert.ok(best === 'fetch_prices' || best === 'resizeImages');
    index.dispose();
  });

  it('keeps vectors by content', async () => {
    const vectors = new MemoryVectors();
    const first = new TopicEmbedder();
    const index = await indexOf({ embedder: first, vectors });
    await eventually(async () => (await idsOf(index, 'photo'))[0] === 'resizeImages');
    await eventually(async () => vectors.kept.size === TOOLS.length);
    index.dispose();

    const second = new TopicEmbedder();
    const again = await indexOf({ embedder: second, vectors });
    await eventually(async () => (await idsOf(again, 'photo'))[0] === 'resizeImages');
    await idsOf(again, 'photo');
    assert.deepEqual(second.asked, ['photo']);
    again.dispose();
  });

  it('is never waited for', async () => {
    const embedder = new TopicEmbedder();
    let open = () => {};
    embedder.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const index = await indexOf({ embedder });
    assert.deepEqual(await idsOf(index, 'prices'), ['fetch_prices']);
    assert.deepEqual(await idsOf(index, 'prices'), ['fetch_prices']);
    open();
    await eventually(async () => (await idsOf(index, 'photo')).length > 0);
    embedder.gate = new Promise(() => {});
    assert.equal((await idsOf(index, 'prices of things'))[0], 'fetch_prices');
    index.dispose();
  });

  it('is said once to fail, and leaves the search by words', async () => {
    const embedder = new TopicEmbedder();
    embedder.fails = true;
    const lines: string[] = [];
    const index = await indexOf({ embedder, log: (line) => lines.push(line) });
    for (let round = 0; round < 5; round++) {
      assert.deepEqual(await idsOf(index, 'prices'), ['fetch_prices']);
      await setTimeout(1);
    }
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /no power/);
    assert.ok(embedder.asked.length <= TOOLS.length);
    index.dispose();
  });

  it('ends when it is disposed', async () => {
    const embedder = new TopicEmbedder();
    const vectors = new MemoryVectors();
    let open = () => {};
    embedder.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const lines: string[] = [];
    const index = await indexOf({ embedder, vectors, log: (line) => lines.push(line) });
    await index.search('photo', 1);
    index.dispose();
    open();
    await setTimeout(10);
    assert.equal(vectors.kept.size, 0);
    assert.deepEqual(lines, []);
    assert.deepEqual(await idsOf(index, 'prices'), ['fetch_prices']);
  });
});
