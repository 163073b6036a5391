import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ArtifactDetails, ArtifactStore, WorkflowStore } from '../../src/core/contract/storage.ts';
import type { StorageSpec } from '../../src/core/storage/storageSpec.ts';
import { storedDependencies } from '../../src/core/storage/transfer/dependencies.ts';
import { migrateStore } from '../../src/core/storage/transfer/migrateStore.ts';
import { openTransferStore } from '../../src/core/storage/transfer/openTransferStore.ts';
import { analyseWorkflow } from '../../src/core/workflows/analysis.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { exportOf, loadExport, type RedisExport, readExport } from './support/redisExport.ts';

const FIXTURES = path.resolve(__dirname, '../../../test/fixtures/py-code-mode-store');
const WORKSPACE = 'team_1-a';

/** The artifacts that py-code-mode was given, in that order; `made` is what its JSON of them is in a folder and in Redis. */
const ARTIFACTS: readonly (ArtifactDetails & {
  name: string;
  content: Buffer | { file: string; redis: string };
})[] = [
  text('notes.txt', 'first line\nzweite Zeile: grün 🌍\n', 'Some notes'),
  {
    name: 'raw/bytes.bin',
    content: Buffer.concat(Array(4).fill(Buffer.from(Array.from({ length: 256 }, (_, index) => index)))),
    description: 'Every byte',
    metadata: { width: 16, half: 0.5, tags: ['a', 'ü'] },
    dataType: 'bytes',
  },
  {
    name: 'scans/nmap.json',
    content: {
      file: '{\n  "open": [\n    22,\n    80\n  ],\n  "host": "gr\\u00f6\\u00dfe",\n  "none": null,\n  "deep": {\n    "list": [\n      1,\n      {},\n      []\n    ]\n  }\n}',
      redis: '{"open": [22, 80], "host": "gr\\u00f6\\u00dfe", "none": null, "deep": {"list": [1, {}, []]}}',
    },
    description: 'Ports of the «lab» 🌍',
    metadata: {},
    dataType: 'json',
  },
  {
    name: 'list.json',
    content: {
      file: '[\n  1,\n  2.5,\n  "drei",\n  false\n]',
      redis: '[1, 2.5, "drei", false]',
    },
    description: '',
    metadata: {},
    dataType: 'json',
  },
  text(
    'berichte/übersicht 日本 🌍.txt',
    'Ein Name aus vielen Schriften',
    'Unicode “quotes”\ttab\nline \u007f \u2028',
  ),
  {
    name: 'not-a-number.json',
    content: {
      file: '{\n  "score": NaN,\n  "low": -Infinity\n}',
      redis: '{"score": NaN, "low": -Infinity}',
    },
    description: '',
    // No JavaScript number; the digits are kept as text.
    metadata: { score: null, large: '9223372036854775808', one: 1, none: null },
    dataType: 'json',
  },
  { ...text('table.csv', 'a,b\n1,2\n', ''), metadata: { rows: 1, nested: { deep: [1, [2, { x: 'y' }]] } } },
  { name: 'empty', content: Buffer.alloc(0), description: '', metadata: {}, dataType: 'bytes' },
  text('number', '12.5', 'Neither text nor JSON: its text is kept'),
  text('replaced.txt', 'new', 'The second version'),
];
/** What JavaScript cannot write as Python does. */
const ONLY_PYTHON = 'not-a-number.json';

const SOURCES: Readonly<Record<string, string>> = {
  fetch_titles: `"""Fetch the titles of pages.

The second paragraph is no part of the description.
"""


async def run(urls: list, limit: int = 10, ratio: float = 0.5, strict: bool = False, options: dict = None, label: str = "a \\"b\\" \\\\ grün"):
    return [url.upper() for url in urls][:limit]
`,
  größe: `async def run(text: str) -> int:
    """Länge eines Textes: 文字 🌍."""
    return len(text)
`,
  plain: 'async def run():\n    return 42',
  uses_others: `"""Calls another one."""

import json


async def run(name: str, count: int = 3):
    return json.dumps({"name": name, "count": count})
`,
};
/** The description that was given beside the source; a folder keeps none. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  plain: 'Given when it was made, as no docstring says it',
};

function text(name: string, content: string, description: string) {
  return { name, content: Buffer.from(content), description, metadata: {}, dataType: 'text' as const };
}

function contentOf({ content }: (typeof ARTIFACTS)[number], kind: StorageSpec['type']): Buffer {
  if (Buffer.isBuffer(content)) return content;
  return Buffer.from(kind === 'file' ? content.file : content.redis);
}

describe('a store that py-code-mode wrote', function () {
  this.timeout(60_000);
  let folder: string;
  let server: RedisServer;

  before(async function () {
    if (!hasRedis()) this.skip();
    folder = await mkdtemp(path.join(tmpdir(), 'code-mode-py-'));
    server = await RedisServer.start();
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const inFolder = async (layout: string): Promise<StorageSpec> => {
    const baseFolder = await mkdtemp(path.join(folder, `${layout}-`));
    await cp(path.join(FIXTURES, `files-${layout}`), baseFolder, { recursive: true });
    return { type: 'file', baseFolder };
  };
  const exported = (layout: string) => readExport(path.join(FIXTURES, `redis-${layout}.json`));
  const inRedis = async (layout: string): Promise<StorageSpec> => {
    await loadExport(server.url, await exported(layout));
    return { type: 'redis', url: server.url, prefix: `pcm-${layout}` };
  };

  for (const layout of ['skills', 'workflows']) {
    for (const [place, open] of [
      ['a folder', inFolder],
      ['Redis', inRedis],
    ] as const) {
      describe(`in ${place}, laid out with ${layout}`, () => {
        let spec: StorageSpec;
        beforeEach(async () => {
          spec = await open(layout);
        });

        it('has every artifact with its content, description and metadata', async () => {
          await using store = openTransferStore(spec);
          const { artifacts } = store;
          const listed = await artifacts.list();
          assert.deepEqual(
            listed.map(({ name }) => name),
            ARTIFACTS.map(({ name }) => name).sort(),
          );
          for (const expected of ARTIFACTS) {
            const { name, description, metadata, dataType } = expected;
            const info = listed.find((artifact) => artifact.name === name);
            assert.deepEqual({ ...info, path: '' }, { ...(await artifacts.get(name)), path: '' });
            assert.deepEqual(
              { description: info?.description, metadata: info?.metadata },
              { description, metadata },
            );
            assert.match(info?.created_at ?? '', /^2026-11-22T23:47:34\.\d{6}\+00:00$/);
            const loaded = await artifacts.load(name);
            assert.deepEqual(Buffer.from(loaded.content), contentOf(expected, spec.type), name);
            assert.equal(loaded.dataType, dataType, name);
          }
        });

        it('has every workflow', async () => {
          await using store = openTransferStore(spec);
          const listed = await store.workflows.list();
          // The folder of that version takes ASCII names only.
          const names = Object.keys(SOURCES).filter((name) => spec.type === 'redis' || name !== 'größe');
          assert.deepEqual(
            listed.map(({ name }) => name),
            names.sort(),
          );
          for (const { name, source, description } of listed) {
            assert.equal(source, SOURCES[name], name);
            const docstring = analyseWorkflow(name, source).description;
            if (spec.type === 'redis') assert.equal(description, DESCRIPTIONS[name] ?? docstring);
          }
        });

        it('has its workspace apart', async () => {
          await using store = openTransferStore({ ...spec, workspaceId: WORKSPACE });
          assert.deepEqual(
            (await store.workflows.list()).map(({ name }) => name),
            ['of_the_team'],
          );
          const [only, ...others] = await store.artifacts.list();
          assert.deepEqual(others, []);
          assert.equal(only?.name, 'team.json');
          assert.equal(only.description, 'Of the team alone');
        });

        it('has its tools and packages', async () => {
          await using store = openTransferStore(spec);
          const tools = await store.tools.list();
          assert.deepEqual([...tools.keys()].sort(), ['jq', 'web']);
          assert.deepEqual(tools.get('web'), {
            config: {
              name: 'web',
              type: 'mcp',
              transport: 'stdio',
              command: 'uvx',
              args: ['mcp-server-fetch'],
              // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the tool's own placeholder.
              env: { API_KEY: '${API_KEY}' },
              description: 'Fetch web pages',
            },
          });
          const jq = tools.get('jq');
          assert.ok(jq && 'config' in jq);
          assert.deepEqual(Object.keys(jq.config), [
            'name',
            'description',
            'command',
            'timeout',
            'schema',
            'recipes',
          ]);
          const packages = [...(await storedDependencies(store.deps))].sort();
          assert.deepEqual(packages, [
            ['my-package', { spec: 'my-package' }],
            ['pandas', { spec: 'pandas>=2.0' }],
            ['requests', { spec: 'requests[socks]==2.32.*' }],
          ]);
        });

        it('keeps what was there, to the byte, when something else changes', async () => {
          const before = await recordsOf(spec);
          await using store = openTransferStore(spec);
          await store.artifacts.save('added.txt', Buffer.from('x'), details());
          await store.artifacts.delete('added.txt');
          await store.artifacts.rename('notes.txt', 'a/b.txt');
          await store.artifacts.rename('a/b.txt', 'notes.txt');
          const after = await recordsOf(spec);
          assert.deepEqual(
            Object.entries(after).sort(),
            // A name that comes back is at the end; the entries are those that there were.
            Object.entries(before).sort(),
          );
        });

        if (layout === 'skills') {
          it('is migrated to workflows', async () => {
            const { moved, kept } = await migrateStore(spec);
            assert.equal(moved.length, spec.type === 'redis' ? 4 : 3);
            assert.deepEqual(kept, []);
            if (spec.type === 'redis') {
              const all = await exportOf(server.url, 'pcm-skills');
              assert.equal(all['pcm-skills:skills:__skills__'], undefined);
              const later = await exported('workflows');
              assert.deepEqual(
                all['pcm-skills:workflows:__workflows__'],
                later['pcm-workflows:workflows:__workflows__'],
              );
            }
            await using store = openTransferStore(spec);
            assert.equal((await store.workflows.list()).length, moved.length);
          });
        }
      });
    }
  }

  describe('and the same given to this store', () => {
    it('are the same files, byte for byte', async () => {
      const baseFolder = await mkdtemp(path.join(folder, 'ours-'));
      await using store = openTransferStore({ type: 'file', baseFolder });
      await fill(store.artifacts, store.workflows, 'file');
      for (const spec of ['Pandas>=2.0', 'my_package', 'requests[socks]==2.32.*'])
        await store.deps.save(spec);
      const theirs = path.join(FIXTURES, 'files-workflows');
      for (const { name } of ARTIFACTS) {
        if (name === ONLY_PYTHON) continue;
        await sameFile(path.join(baseFolder, 'artifacts', name), path.join(theirs, 'artifacts', name));
      }
      for (const name of ['fetch_titles', 'plain', 'uses_others']) {
        const file = path.join('workflows', `${name}.py`);
        await sameFile(path.join(baseFolder, file), path.join(theirs, file));
      }
      const index = async (base: string) =>
        undated(await readFile(path.join(base, 'artifacts/.artifacts.json'), 'utf8'));
      const expected = (await index(theirs)).replace(/ {2}"not-a-number\.json": \{.*?\n {2}\},\n/s, '');
      assert.equal(await index(baseFolder), expected);
      const packages = await readFile(path.join(baseFolder, 'requirements.txt'), 'utf8');
      const theirPackages = await readFile(path.join(theirs, 'requirements.txt'), 'utf8');
      assert.deepEqual(packages.split('\n').sort(), theirPackages.split('\n').sort());
    });

    it('are the same keys and records in Redis', async () => {
      const url = server.url;
      await using store = openTransferStore({ type: 'redis', url, prefix: 'ours' });
      await fill(store.artifacts, store.workflows, 'redis');
      for (const spec of ['Pandas>=2.0', 'my_package', 'requests[socks]==2.32.*'])
        await store.deps.save(spec);
      await using theirTools = openTransferStore({
        type: 'file',
        baseFolder: path.join(FIXTURES, 'files-workflows'),
      });
      for (const [name, tool] of await theirTools.tools.list()) {
        if ('config' in tool) await store.tools.save(name, tool.config);
      }
      await using team = openTransferStore({ type: 'redis', url, prefix: 'ours', workspaceId: WORKSPACE });
      const { workflows, artifacts } = team;
      await workflows.save(recordOf('of_the_team', SOURCES.plain!, 'Of the team alone'));
      await artifacts.save('team.json', Buffer.from('{"members": 3}'), {
        ...details('json'),
        description: 'Of the team alone',
      });
      const theirs = await exported('workflows');
      delete theirs[`pcm-workflows:artifacts:${ONLY_PYTHON}`];
      const index = theirs['pcm-workflows:artifacts:__index__'];
      if (index?.type === 'hash') delete index.value[ONLY_PYTHON];
      assert.deepEqual(readable(await exportOf(url, 'ours'), 'ours'), readable(theirs, 'pcm-workflows'));
    });
  });

  /** Saves everything that py-code-mode was given, in the same order. */
  async function fill(artifacts: ArtifactStore, workflows: WorkflowStore, kind: StorageSpec['type']) {
    for (const artifact of ARTIFACTS) {
      if (artifact.name === ONLY_PYTHON) continue;
      const { name, description, metadata, dataType } = artifact;
      await artifacts.save(name, contentOf(artifact, kind), { description, metadata, dataType });
    }
    await artifacts.save('deleted.txt', Buffer.from('gone'), details());
    await artifacts.delete('deleted.txt');
    for (const [name, source] of Object.entries(SOURCES)) {
      await workflows.save(recordOf(name, source, DESCRIPTIONS[name]));
    }
  }

  /** What a store has of each artifact beside its content, as text. */
  async function recordsOf(spec: StorageSpec): Promise<Record<string, string>> {
    if (spec.type === 'file') {
      const index = await readFile(path.join(spec.baseFolder, 'artifacts/.artifacts.json'), 'utf8');
      const entries = index.matchAll(/^ {2}("[^\n]*"): (\{.*?\n {2}\})/gms);
      return Object.fromEntries([...entries].map(([, name, entry]) => [name!, entry!]));
    }
    const index = (await exportOf(spec.url, spec.prefix))[`${spec.prefix}:artifacts:__index__`];
    assert.ok(index?.type === 'hash');
    return Object.fromEntries(Object.entries(index.value).map(([name, entry]) => [name, entry.toString()]));
  }
});

function details(dataType: ArtifactDetails['dataType'] = 'text'): ArtifactDetails {
  return { description: '', metadata: {}, dataType };
}

function recordOf(name: string, source: string, description?: string) {
  const analysis = analyseWorkflow(name, source);
  return { name, source, description: description ?? analysis.description, parameters: analysis.parameters };
}

function undated(text: string): string {
  return text.replace(/"created_at": "[^"]+"/g, '"created_at": "…"');
}

async function sameFile(ours: string, theirs: string): Promise<void> {
  assert.deepEqual(await readFile(ours), await readFile(theirs), ours);
}

/** Keys without their prefix, values as text that a failure can show; sets in order. */
function readable(exported: RedisExport, prefix: string): Record<string, unknown> {
  const asText = (value: Buffer) => undated(value.toString('latin1'));
  return Object.fromEntries(
    Object.entries(exported).map(([key, { type, value }]) => {
      const shown =
        type === 'hash'
          ? Object.fromEntries(Object.entries(value).map(([field, content]) => [field, asText(content)]))
          : type === 'set'
            ? value.map(asText).sort()
            : asText(value);
      return [key.slice(prefix.length), { type, value: shown }];
    }),
  );
}
