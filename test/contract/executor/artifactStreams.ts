import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { until } from '../../support/until.ts';
import { StoreSessions } from '../support/storeSession.ts';
import { assertOk, assertUsable, HANG_S, type Subject, startRun } from '../support/subject.ts';

const MEGABYTE = 1_000_000;
/** What a stream moves, and what the host may hold of it: pieces that wait, and those that are not collected yet. */
const STREAMED_BYTES = 96 * MEGABYTE;
const HELD_BYTES = 64 * MEGABYTE;

/** Artifacts as files: of any size, whole or not at all. */
export function describeArtifactStreams(subject: Subject): void {
  describe('artifacts as files', () => {
    const store = new StoreSessions(subject);
    store.install();
    const value = (code: string) => store.value(code);

    /** The files that are being written. */
    async function unfinished(): Promise<string[]> {
      const found = await readdir(path.join(store.base, 'artifacts'));
      return found.filter((name) => name.startsWith('.tmp-'));
    }
    async function untilNothingIsUnfinished(): Promise<void> {
      await until('nothing half-written is on the disk', async () => (await unfinished()).length === 0);
    }

    it('are written and read like files', async () => {
      const code = `
with artifacts.open("lines.txt", "w", description="Two lines", metadata={"n": 2}) as file:
    print("Grüße", file=file)
    file.write("世界\\r\\n")
with artifacts.open("bytes.bin", "wb") as file:
    file.write(bytes(range(256)))
    position = file.tell()
with artifacts.open("bytes.bin") as file:
    file.seek(-6, 2)
    tail = [*file.read(2), file.tell(), len(file.read()), file.read()]
    file.seek(10)
    tail.append(file.read(1)[0])
known = artifacts.get("lines.txt")
[artifacts.load("lines.txt"), list(artifacts.open("lines.txt", "r")), artifacts.load("bytes.bin") == bytes(range(256)),
 position, repr(tail), known.description, known.metadata]`;
      assert.deepEqual(await value(code), [
        'Grüße\n世界\r\n',
        ['Grüße\n', '世界\r\n'],
        true,
        256,
        "[250, 251, 252, 4, b'', 10]",
        'Two lines',
        { n: 2 },
      ]);
    });

    it('are text for everybody in UTF-8, and bytes in other encodings', async () => {
      const code = `
with artifacts.open("latin.txt", "w", encoding="latin-1") as file: file.write("é")
with artifacts.open("utf.txt", "w") as file: file.write("é")
[artifacts.load("utf.txt"), artifacts.open("latin.txt", "r", encoding="latin-1").read(), repr(artifacts.load("latin.txt"))]`;
      assert.deepEqual(await value(code), ['é', 'é', "b'\\xe9'"]);
      assert.equal((await store.storage.artifacts.load('utf.txt')).dataType, 'text');
    });

    it('work with what takes a file: archives, compression, CSV', async () => {
      const code = `
import csv, gzip, json, zipfile
with artifacts.open("a.gz", "wb") as file, gzip.open(file, "wt", encoding="utf-8") as target: json.dump([1, "é"], target)
with artifacts.open("a.gz") as file, gzip.open(file, "rt", encoding="utf-8") as source: unzipped = json.load(source)
with artifacts.open("a.zip", "wb") as file, zipfile.ZipFile(file, "w") as archive: archive.writestr("in/side", "x")
with artifacts.open("a.zip") as file, zipfile.ZipFile(file) as archive: inside = archive.read("in/side").decode()
with artifacts.open("a.csv", "w") as file: csv.writer(file).writerows([[1, "a,b"], [2, "c"]])
with artifacts.open("a.csv", "r") as file: rows = list(csv.reader(file))
[unzipped, inside, rows]`;
      assert.deepEqual(await value(code), [
        [1, 'é'],
        'x',
        [
          ['1', 'a,b'],
          ['2', 'c'],
        ],
      ]);
    });

    it('are saved from files that are open: text, bytes, another artifact, nothing', async () => {
      const code = `
import io, tempfile
with tempfile.TemporaryFile() as file:
    file.write(b"bytes" * 2_000_000)
    file.seek(5)
    artifacts.save("file", file, "From a file")
artifacts.save("text", io.StringIO("Grüße"))
artifacts.save("copy", artifacts.open("file"))
artifacts.save("nothing", io.BytesIO())
[len(artifacts.load("file")), artifacts.load("text"), artifacts.load("copy") == artifacts.load("file"),
 len(artifacts.load("nothing")), artifacts.get("file").description]`;
      assert.deepEqual(await value(code), [9_999_995, 'Grüße', true, 0, 'From a file']);
    });

    it('have names with folders and of any alphabet', async () => {
      const code = `
for name in ("ünï/世界.bin", "🌍", "a b/c.d"):
    with artifacts.open(name, "wb") as file: file.write(name.encode())
[artifacts.open(name).read().decode() for name in ("ünï/世界.bin", "🌍", "a b/c.d")]`;
      assert.deepEqual(await value(code), ['ünï/世界.bin', '🌍', 'a b/c.d']);
    });

    it('refuse what no file can be opened with', async () => {
      await store.failure('artifacts.open("nope")', 'ArtifactNotFoundError', /no artifact 'nope'/);
      await store.failure('artifacts.open("../x", "wb")', 'UsageError', /cannot name an artifact/);
      for (const mode of ['a', 'r+', 'x', '', 'rbt', 'rw']) {
        await store.failure(`artifacts.open("x", "${mode}")`, 'ValueError', /mode is 'rb', 'wb', 'r' or 'w'/);
      }
      await store.failure('artifacts.open("x", description="y")', 'ValueError', /go with what is written/);
      await store.failure('artifacts.open(3)', 'TypeError', /name of an artifact is text/);
      await store.failure('artifacts.open("x", "w", metadata={"_format": "npy"})', 'ValueError', /_format/);
      await store.failure(
        'class Reads:\n    def read(self, size): return 3\nartifacts.save("x", Reads())',
        'TypeError',
        /read\(\) of Reads gave int/,
      );
      assert.equal(await value('artifacts.exists("x")'), false);
    });

    it('are the version that was opened, whatever is saved meanwhile', async () => {
      const code = `
artifacts.save("version", b"a" * 10_000_000)
file = artifacts.open("version")
first = file.read(1)
artifacts.save("version", b"b")
rest = file.read()
file.close()
[first == b"a", rest == b"a" * 9_999_999, artifacts.load("version") == b"b"]`;
      assert.deepEqual(await value(code), [true, true, true]);
    });

    describe('that are half-written', () => {
      const BEGUN = 'file = artifacts.open("kept", "wb")\nfile.write(bytes(10_000_000))\n';
      beforeEach(async () => {
        await value('artifacts.save("kept", "whole")');
      });
      afterEach(async () => {
        assert.equal(await value('artifacts.load("kept")'), 'whole');
        await untilNothingIsUnfinished();
      });

      async function writing(): Promise<Executor> {
        const executor = await store.open();
        assertOk(await executor.run(BEGUN, { timeoutS: HANG_S }));
        assert.equal((await unfinished()).length, 1);
        return executor;
      }

      it('are dropped where the block ends in an exception', async () => {
        for (const [mode, content] of [
          ['wb', 'bytes(10_000_000)'],
          ['w', '"a" * 10_000_000'],
        ]) {
          const code = `with artifacts.open("kept", "${mode}") as file:\n    file.write(${content})\n    1 / 0`;
          await store.failure(code, 'ZeroDivisionError', /division/);
          assert.equal(await value('file.closed'), true);
        }
        const source = `
import io
class Fails(io.RawIOBase):
    left = 3
    def read(self, size):
        self.left -= 1
        if not self.left: raise RuntimeError("no more")
        return bytes(size)
artifacts.save("kept", Fails())`;
        await store.failure(source, 'RuntimeError', /no more/);
      });

      it('are dropped by an interrupt, and the session goes on', async () => {
        const executor = await store.open();
        try {
          const code = `
with artifacts.open("kept", "wb") as file:
    while True: file.write(bytes(1_000_000))`;
          const { result } = await startRun(executor, code);
          await sleep(100);
          await executor.interrupt();
          assert.equal((await result).status, 'interrupted');
          await untilNothingIsUnfinished();
          await assertUsable(executor);
        } finally {
          await executor.close();
        }
      });

      it('are dropped with the variables: by a reset, a restart, a close, the end of Python', async () => {
        const ends: readonly ((executor: Executor) => Promise<unknown>)[] = [
          (executor) => executor.reset(),
          (executor) => executor.restart(),
          (executor) => executor.close(),
          (executor) => executor.run('import os\nos._exit(3)', { timeoutS: HANG_S }),
        ];
        for (const end of ends) {
          const executor = await writing();
          try {
            await end(executor);
            await untilNothingIsUnfinished();
          } finally {
            await executor.close();
          }
        }
      });

      it('are dropped when nobody has them any more, with a warning', async () => {
        const { stderr } = await store.run(
          `${BEGUN}del file\nimport gc\ngc.collect()\nartifacts.open("kept").close()`,
        );
        assert.match(stderr, /RuntimeWarning: The artifact 'kept' was never closed and so was not saved/);
      });
    });

    it('stream in both directions while the host holds a few pieces', async () => {
      let most = 0;
      const timer = setInterval(() => {
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }, 2);
      try {
        const before = process.memoryUsage().arrayBuffers;
        const code = `
block = bytes(range(250)) * 4000
with artifacts.open("stream", "wb") as file:
    for n in range(${STREAMED_BYTES / MEGABYTE}): file.write(block)
with artifacts.open("stream") as file:
    same = all(file.read(len(block)) == block for n in range(${STREAMED_BYTES / MEGABYTE}))
    same = same and file.read() == b""
artifacts.save("stream2", artifacts.open("stream"))
artifacts.delete("stream")
same`;
        assert.equal(await value(code), true);
        assert.ok(most - before < HELD_BYTES, `the host held ${most - before} bytes`);
      } finally {
        clearInterval(timer);
      }
      const copied = store.storage.artifacts;
      assert.equal((await copied.sizes(['stream2'])).get('stream2'), STREAMED_BYTES);
      await copied.delete('stream2');
    });

    it('are what anybody else has saved, in pieces where they are large', async () => {
      const content = randomBytes(9 * MEGABYTE);
      await store.storage.artifacts.save('theirs', content, {
        description: '',
        metadata: {},
        dataType: 'bytes',
      });
      const code = `
import hashlib
whole = artifacts.load("theirs")
pieces = hashlib.sha256()
with artifacts.open("theirs") as file:
    while piece := file.read(1_000_003): pieces.update(piece)
[len(whole), hashlib.sha256(whole).hexdigest(), pieces.hexdigest()]`;
      const digest = createHash('sha256').update(content).digest('hex');
      assert.deepEqual(await value(code), [content.byteLength, digest, digest]);
    });

    describe('by their path', () => {
      it('are the very files where Python shares the file system, and refused with the reason elsewhere', async () => {
        await value('artifacts.save("scans/ünï.txt", "Grüße")');
        const file = path.join(store.base, 'artifacts/scans/ünï.txt');
        if (await value(`__import__("os").path.exists(${JSON.stringify(file)})`)) {
          const code =
            'p = artifacts.path("scans/ünï.txt")\n[str(p), p.read_text("utf-8"), type(p).__name__]';
          const [found, text] = (await value(code)) as string[];
          assert.deepEqual([found, text], [file, 'Grüße']);
        } else {
          const message =
            /file system of its own[\s\S]*artifacts\.load\('scans\/ünï\.txt'\)[\s\S]*artifacts\.open\(/;
          await store.failure('artifacts.path("scans/ünï.txt")', 'UnsupportedError', message);
        }
      });

      it('are refused where another file has the path', async () => {
        await value('artifacts.save("seen", "from the store")');
        const code = `
import os
there = os.path.join(${JSON.stringify(path.join(store.base, 'artifacts'))}, "seen")
stat, os.stat = os.stat, lambda path: stat(__import__("tempfile").gettempdir())
try:
    artifacts.path("seen")
finally:
    os.stat = stat`;
        await store.failure(code, 'UnsupportedError', /has no path here/);
      });

      it('are errors where there is no artifact', async () => {
        await store.failure('artifacts.path("nope")', 'ArtifactNotFoundError', /no artifact 'nope'/);
        await store.failure('artifacts.path("../x")', 'UsageError', /cannot name an artifact/);
      });
    });
  });
}
