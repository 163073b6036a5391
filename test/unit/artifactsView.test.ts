import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { ArtifactInfo } from '../../src/core/contract/storage.ts';
import { FileStorage } from '../../src/core/storage/file/fileStorage.ts';
import { type ByteSource, sourceOfBytes } from '../../src/ui/files/byteSource.ts';
import { placeOf } from '../../src/ui/store/storeUri.ts';
import { StoreVersions } from '../../src/ui/store/storeVersions.ts';
import {
  artifactDetails,
  describeArtifact,
  describeFolder,
} from '../../src/ui/views/artifacts/artifactRow.ts';
import { ArtifactTree } from '../../src/ui/views/artifacts/artifactTree.ts';
import { conflictOf, isWithin, movesOf, nameIn } from '../../src/ui/views/artifacts/moves.ts';
import { artifactsOf, isFolder, nameOf, topmost } from '../../src/ui/views/artifacts/nodes.ts';
import { loadingCode } from '../../src/ui/views/artifacts/pythonCode.ts';
import { exportArtifact, importArtifact } from '../../src/ui/views/artifacts/transfer.ts';
import { tooltipMarkdown } from '../../src/ui/views/markdown.ts';
import { describeSize } from '../../src/ui/views/quantities.ts';

const DAY = 24 * 3_600_000;

function info(name: string, more: Partial<ArtifactInfo> = {}): ArtifactInfo {
  return {
    name,
    path: `/w/${name}`,
    description: '',
    metadata: {},
    created_at: new Date(0).toISOString(),
    ...more,
  };
}

describe('an artifact in words', () => {
  const rowOf = (name: string, size?: number) =>
    describeArtifact({ info: info(name), size, now: 3 * DAY, isFile: true });

  it('is one line with its size and age', () => {
    const row = rowOf('scans/nmap.json', 12_345);
    assert.equal(row.label, 'nmap.json');
    assert.equal(row.description, '12.3 kB · 3 days');
    assert.equal(row.spoken, 'nmap.json, 12.3 kilobytes, 3 days');
  });

  it('says what it does not know by leaving it out', () => {
    assert.equal(rowOf('a').description, '3 days');
    const row = describeArtifact({
      info: info('a', { created_at: 'once' }),
      size: 1,
      now: 0,
      isFile: false,
    });
    assert.equal(row.description, '1 byte');
  });

  it('has what its actions look at', () => {
    assert.equal(rowOf('a.csv').context, 'artifact file table');
    assert.equal(rowOf('a.png').context, 'artifact file');
    assert.equal(
      describeArtifact({ info: info('a.json'), size: 1, now: 0, isFile: false }).context,
      'artifact table',
    );
  });

  it('has all there is to know in the tooltip', () => {
    const lines = new Map(
      artifactDetails(
        {
          info: info('a', { description: 'what *it* is', metadata: { by: 'me' } }),
          size: 1_234_567,
          now: DAY,
        },
        'json',
      ),
    );
    assert.equal(lines.get('Description'), 'what *it* is');
    assert.equal(lines.get('Size'), '1.2 MB (1,234,567 bytes)');
    assert.match(lines.get('Created') ?? '', /, 1 day ago$/);
    assert.equal(lines.get('Data type'), 'json');
    assert.equal(lines.get('Metadata'), '{"by":"me"}');
    assert.match(
      tooltipMarkdown('a_b', [...lines]),
      /^\*\*a\\_b\*\*\n\nDescription: what \\\*it\\\* is {2}\nSize: /,
    );
  });

  it('gives sizes in the largest unit that fits', () => {
    assert.deepEqual(
      [0, 999, 1000, 999_949, 999_950, 5.2e9].map((bytes) => describeSize(bytes, 'short')),
      ['0 bytes', '999 bytes', '1 kB', '999.9 kB', '1 MB', '5.2 GB'],
    );
  });

  it('is loaded by Python whatever its name has', () => {
    assert.equal(loadingCode('a/ü "x"\\.csv'), 'artifacts.load("a/ü \\"x\\"\\\\.csv")');
  });
});

describe('the tree of artifacts', () => {
  const names = (tree: ArtifactTree) => tree.root.children.map(nameOf);

  it('has folders first, and names in the order of people', () => {
    const tree = new ArtifactTree();
    tree.update(['run10.txt', 'b/c/x', 'run9.txt', 'a/y', 'B.txt', 'b/z'].map((name) => info(name)));
    assert.deepEqual(names(tree), ['a', 'b', 'B.txt', 'run9.txt', 'run10.txt']);
    const folder = tree.root.children[1]!;
    assert.ok(isFolder(folder));
    assert.deepEqual(folder.children.map(nameOf), ['b/c', 'b/z']);
    assert.equal(describeFolder(ArtifactTree.count(folder)), '2 artifacts');
    assert.deepEqual(artifactsOf([folder, folder.children[1]!]).map(nameOf), ['b/c/x', 'b/z']);
    assert.deepEqual(topmost([folder.children[0]!, folder]).map(nameOf), ['b']);
  });

  it('keeps what stays, and asks for sizes anew', () => {
    const tree = new ArtifactTree();
    tree.update([info('a/x'), info('a/y')]);
    const [folder] = tree.root.children;
    const artifact = tree.artifact('a/x')!;
    artifact.size = 3;
    tree.update([info('a/x', { description: 'new' }), info('b/z')]);
    assert.equal(tree.root.children[0], folder);
    assert.equal(tree.artifact('a/x'), artifact);
    assert.deepEqual([artifact.info.description, artifact.size], ['new', undefined]);
    assert.equal(tree.artifact('a/y'), undefined);
    tree.update([]);
    assert.deepEqual(tree.entries(), []);
  });

  it('takes ten thousand', () => {
    const tree = new ArtifactTree();
    tree.update(Array.from({ length: 10_000 }, (_, index) => info(`f${index % 7}/${index}`)));
    assert.equal(tree.root.children.length, 7);
    assert.equal(ArtifactTree.count(tree.root), 10_000);
  });
});

describe('moves of artifacts', () => {
  it('are those of all below a folder', () => {
    assert.deepEqual(movesOf(['a/x', 'a/b/y'], 'a', 'c/d'), [
      { from: 'a/x', to: 'c/d/x' },
      { from: 'a/b/y', to: 'c/d/b/y' },
    ]);
    assert.deepEqual(movesOf(['a'], 'a', 'b'), [{ from: 'a', to: 'b' }]);
    assert.deepEqual(movesOf(['a'], 'a', 'a'), []);
    assert.equal(nameIn('', 'x'), 'x');
    assert.equal(nameIn('a/b', 'x'), 'a/b/x');
    assert.deepEqual([isWithin('a/b', 'a'), isWithin('ab', 'a'), isWithin('a', 'a')], [true, false, true]);
  });

  it('meet what is there: artifacts, folders, and artifacts where folders should be', () => {
    const taken = new Set(['a.txt', 'f/x']);
    const conflict = (to: string) => conflictOf(taken, [{ from: 'old', to }]);
    assert.equal(conflict('a.txt'), 'a.txt');
    assert.equal(conflict('f'), 'f');
    assert.equal(conflict('a.txt/b'), 'a.txt');
    assert.equal(conflict('f/y'), undefined);
  });
});

describe('copying artifacts', () => {
  let folder: string;
  let storage: FileStorage;
  const signal = new AbortController().signal;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'artifacts-'));
    storage = new FileStorage({ baseFolder: path.join(folder, 'base') });
  });

  afterEach(async () => {
    await storage[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const typeOf = async (name: string) => {
    await using reader = await storage.artifacts.open(name);
    return reader.dataType;
  };

  it('knows text, JSON and bytes apart', async () => {
    const contents: [string, Uint8Array][] = [
      ['a.txt', Buffer.from('größer')],
      ['a.json', Buffer.from('{}')],
      ['a.png', Buffer.from([0x89, 0x50, 0xff])],
      ['zero.txt', Buffer.from('a\0b')],
      ['cut.txt', Buffer.from('ü').subarray(0, 1)],
      ['empty.txt', new Uint8Array()],
    ];
    for (const [name, bytes] of contents) {
      await importArtifact(storage.artifacts, name, sourceOfBytes(bytes), { signal });
    }
    const types = await Promise.all(contents.map(([name]) => typeOf(name)));
    assert.deepEqual(types, ['text', 'json', 'bytes', 'bytes', 'bytes', 'text']);
  });

  it('goes piece by piece, in and out', async () => {
    const size = 10 * 1024 * 1024 + 1;
    let largest = 0;
    const source: ByteSource = {
      size,
      read: async (position, length) => {
        largest = Math.max(largest, length);
        return new Uint8Array(Math.min(length, size - position)).fill(65 + (position % 7));
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
    let bytes = 0;
    await importArtifact(storage.artifacts, 'big.bin', source, {
      signal,
      onBytes: (count) => (bytes += count),
    });
    assert.equal(bytes, size);
    assert.equal(largest, 4 * 1024 * 1024);
    const file = path.join(folder, 'out.bin');
    await exportArtifact(storage.artifacts, 'big.bin', file, { signal });
    const { content } = await storage.artifacts.load('big.bin');
    assert.ok(Buffer.from(content).equals(await readFile(file)));
  });

  it('leaves nothing behind when it is cancelled, and what was there before', async () => {
    const { artifacts } = storage;
    await importArtifact(artifacts, 'a.txt', sourceOfBytes(Buffer.from('old')), { signal });
    const controller = new AbortController();
    const source: ByteSource = {
      size: 3 * 4 * 1024 * 1024,
      read: async (_, length) => {
        controller.abort();
        return new Uint8Array(length);
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
    const isCancelled = (error: unknown) => CodeModeError.is(error, 'cancelled');
    await assert.rejects(importArtifact(artifacts, 'a.txt', source, controller), isCancelled);
    assert.equal(Buffer.from((await artifacts.load('a.txt')).content).toString(), 'old');
    const target = path.join(folder, 'out');
    await assert.rejects(exportArtifact(artifacts, 'a.txt', target, controller), isCancelled);
    assert.deepEqual(await readdir(folder), ['base']);
  });
});

describe('addresses of a store', () => {
  it('name artifacts and workflows', () => {
    const of = (text: string) => placeOf({ path: text });
    assert.deepEqual(of('/artifacts/a/b.csv'), { kind: 'artifacts', name: 'a/b.csv' });
    assert.deepEqual(of('/workflows/fetch.py'), { kind: 'workflows', name: 'fetch.py' });
    assert.deepEqual(of('/artifacts'), { kind: 'artifacts', name: '' });
    assert.deepEqual(of('/artifacts/a/'), { kind: 'artifacts', name: 'a' });
    assert.equal(of('/'), undefined);
    assert.equal(of('/other/x'), undefined);
  });

  it('have versions that change with the text alone', () => {
    const versions = new StoreVersions(() => 5);
    assert.equal(versions.of('a', 'x').mtime, 5);
    assert.equal(versions.of('a', 'x').mtime, 5);
    assert.equal(versions.of('a', 'y').mtime, 6);
    assert.equal(versions.of('b', 'y').mtime, 5);
  });
});
