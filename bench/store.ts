// Measures a store: `node store.mjs DIST KIND MEASUREMENT [PYTHON]`, where KIND is `file` or `redis` (a server of its own)
// and PYTHON the interpreter of the session that asks for lists.
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSessionManager } from '../src/core/session/local.ts';
import { openStorage } from '../src/core/storage/openStorage.ts';
import type { StorageSpec } from '../src/core/storage/storageSpec.ts';
import { WorkflowLibrary } from '../src/core/workflows/library.ts';
import { RedisServer } from '../test/support/redisServer.ts';
import { longestBlock } from './eventLoop.ts';
import { MEGABYTES, type NamedSamples, report, STORE_ITEMS, STORE_TIMES } from './protocol.ts';
import { fillStore, QUERIES } from './storeContent.ts';
import { repeat } from './work.ts';

/** What there is to measure with. */
interface Bench {
  readonly distFolder: string;
  readonly folder: string;
  readonly spec: StorageSpec;
  readonly python: string;
}

/** After which a search looks at the store again, in milliseconds. */
const PAUSE_MS = 1_100;

/** Samples by their names, in milliseconds. */
type Measured = Record<string, number[]>;

const MEASUREMENTS: Readonly<Record<string, (bench: Bench) => Promise<Measured>>> = {
  lists: measureLists,
  python: measureFromPython,
  bytes: measureBytes,
};

async function measure(distFolder: string, kind: string, measurement: string, python: string): Promise<void> {
  const work = MEASUREMENTS[measurement];
  if (!work) throw new Error(`There is no measurement "${measurement}".`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'code-mode-bench-'));
  const redis = kind === 'redis' ? await RedisServer.start() : undefined;
  const spec: StorageSpec = redis
    ? { type: 'redis', url: redis.url, prefix: 'bench' }
    : { type: 'file', baseFolder: path.join(folder, 'store') };
  let samples: NamedSamples['samples'];
  try {
    samples = await work({ distFolder, folder, spec, python });
  } finally {
    await redis?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
  report({ samples });
}

/** Lists and searches of a large store: the first ones of a process, then those that follow. */
async function measureLists({ spec }: Bench): Promise<Measured> {
  await fillStore(spec, STORE_ITEMS);
  await using storage = openStorage(spec);
  const library = new WorkflowLibrary({ store: storage.workflows, vectors: storage.vectors });
  const samples: Measured = {};
  const first = async (name: string, work: () => Promise<readonly unknown[]>) => {
    samples[`${name}Block`] = [
      await longestBlock(async () => {
        samples[name] = await repeat(0, 1, work);
      }),
    ];
  };
  const list = async (work: () => Promise<readonly unknown[]>) => {
    const { length } = await work();
    if (length !== STORE_ITEMS) throw new Error(`${length} of ${STORE_ITEMS} were listed.`);
  };
  await first('artifactsFirst', () => storage.artifacts.list());
  await first('workflowsFirst', () => library.list());
  await first('searchFirst', () => library.search(QUERIES[0] ?? '', 10));
  samples.artifacts = await repeat(1, STORE_TIMES, () => list(() => storage.artifacts.list()));
  samples.workflows = await repeat(1, STORE_TIMES, () => list(() => library.list()));
  samples.search = [];
  for (let n = 0; n < STORE_TIMES; n++) {
    for (const query of QUERIES) {
      samples.search.push(...(await repeat(0, 1, () => library.search(query, 10))));
    }
  }
  samples.searchAfterPause = [];
  for (const query of QUERIES) {
    await sleep(PAUSE_MS);
    samples.searchAfterPause.push(...(await repeat(0, 1, () => library.search(query, 10))));
  }
  library.dispose();
  return samples;
}

/** The same, as Python sees it. */
async function measureFromPython(bench: Bench): Promise<Measured> {
  await fillStore(bench.spec, STORE_ITEMS);
  return inPython(bench, async (timed) => ({
    artifacts: await timed('artifacts.list()', STORE_TIMES),
    workflows: await timed('workflows.list()', STORE_TIMES),
    search: await timed(
      `workflows.search(${JSON.stringify(QUERIES)}[n % ${QUERIES.length}])`,
      STORE_TIMES * QUERIES.length,
    ),
  }));
}

/** Times an expression in a session whose Python is warm: so many samples after one that does not count. */
type Timed = (expression: string, times: number, setup?: string) => Promise<number[]>;

async function inPython<T>(
  { distFolder, folder, spec, python }: Bench,
  work: (timed: Timed) => Promise<T>,
): Promise<T> {
  await using manager = createSessionManager({ distFolder, log: () => undefined });
  const session = await manager.open({
    id: 'bench',
    title: 'bench',
    executor: 'subprocess',
    executorSettings: { python, sandbox: 'off' },
    workspaceFolder: folder,
    storage: spec,
  });
  return await work(async (expression, times, setup = '') => {
    const { value, error } = await session.run(`
from time import perf_counter
${setup}
samples = []
for n in range(${times} + 1):
    before = perf_counter()
    found = ${expression}
    samples.append((perf_counter() - before) * 1000)
    assert found
    del found
samples[1:]
`);
    if (error) throw new Error(error.message);
    return value as number[];
  });
}

/** An artifact of many megabytes, beside plain copies of a file of that size. */
async function measureBytes(bench: Bench): Promise<Measured> {
  const { folder, spec } = bench;
  await using storage = openStorage(spec);
  const content = randomBytes(1_000_000 * MEGABYTES);
  const source = path.join(folder, 'source');
  await mkdir(folder, { recursive: true });
  await writeFile(source, content);
  const samples: Measured = { copy: [], copyToDisk: [], save: [], load: [] };
  for (let n = 0; n <= STORE_TIMES; n++) {
    const turn: Measured = {
      copy: await repeat(0, 1, () => copyFile(source, path.join(folder, 'copy'))),
      copyToDisk: await repeat(0, 1, async () => {
        await copyFile(source, path.join(folder, 'copy'));
        const file = await open(path.join(folder, 'copy'), 'r+');
        await file.sync();
        await file.close();
      }),
      save: await repeat(0, 1, () =>
        storage.artifacts.save('large', content, { description: '', metadata: {}, dataType: 'bytes' }),
      ),
      load: await repeat(0, 1, () => storage.artifacts.load('large')),
    };
    // The first turn warms up.
    if (n > 0) for (const [name, values] of Object.entries(turn)) samples[name]?.push(...values);
  }
  return inPython(bench, async (timed) => ({
    ...samples,
    pythonSave: await timed(
      'artifacts.save("large", data)',
      STORE_TIMES,
      `import os\ndata = os.urandom(1_000_000) * ${MEGABYTES}`,
    ),
    pythonLoad: await timed('artifacts.load("large")', STORE_TIMES),
  }));
}

const [distFolder = '', kind = '', measurement = '', python = ''] = process.argv.slice(2);
await measure(distFolder, kind, measurement, python);
