import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StoreSessions } from '../support/storeSession.ts';
import { HANG_S, type Subject } from '../support/subject.ts';

/** Python code that says which of the cases does not come back as it was saved. */
const ARRAYS = `
import numpy as np
def wrong(name, array):
    artifacts.save(name, array)
    loaded = artifacts.load(name)
    same = np.array_equal(array, loaded, equal_nan=array.dtype.kind == "f")
    return [] if same and (array.dtype, array.shape) == (loaded.dtype, loaded.shape) else [(name, array, loaded)]
arrays = [
    np.arange(6).reshape(2, 3), np.array([0.1, 1e-320, np.nan, np.inf, -0.0]), np.array([[1.1, 2]], "f4"),
    np.array([True, False]), np.zeros((0, 3)), np.array([2**63 + 1], "u8"),
]
failed = [w for end in ("", ".npy", ".npz", ".csv", ".txt", ".json") for a in arrays for w in wrong("array" + end, a)]
failed += wrong("text", np.array(["a", "é"])) + wrong("scalar.json", np.array(2.5)) + wrong("when", np.array(["2020-01-01"], "M8[D]"))
failed += wrong("large.npy", np.random.default_rng(1).random(1_500_000))
repr(failed)
`;
const FRAMES = `
import numpy as np, pandas as pd
def wrong(name, data):
    artifacts.save(name, data)
    loaded = artifacts.load(name)
    check = pd.testing.assert_frame_equal if data.ndim == 2 else pd.testing.assert_series_equal
    try:
        check(data, loaded, check_freq=False)
    except AssertionError as error:
        return [(name, str(error))]
    return []
when = pd.Series(["2020-01-01", "2020-02-03T04:05:06.123456", None, "1950-01-01"])
frame = pd.DataFrame({
    "integer": [1, 2, 3, 4], "small": np.array([1, 2, 3, 4], "u1"), "float": [0.1, np.nan, np.inf, 1e-300],
    "text": ["", "NA", None, 'ü\\n"x",'], "truth": [True, False, True, False],
    "when": pd.to_datetime(when.str.slice(0, 10)), "there": pd.to_datetime(when.str.slice(0, 10), utc=True).dt.tz_convert("Europe/Berlin"),
    "long": pd.to_timedelta(["1 days", "2 hours", None, "0 days"]),
    "kind": pd.Categorical(["x", "y", None, "x"], ["y", "x", "unused"], ordered=True), "number": pd.Categorical([3, 1, None, 3]),
    "nullable": pd.array([1, None, 3, 4], "Int64"), "maybe": pd.array([True, None, False, True], "boolean"),
})
plain = frame[["integer", "text", "truth", "float"]]
cases = [
    frame, plain.set_index("text")[["integer", "float"]], plain.set_index(["integer", "truth"]),
    plain.set_index(pd.date_range("2020", periods=4, tz="UTC")), pd.DataFrame([[1, 2], [3, 4]]), pd.DataFrame({"a": [None, 1.5]}),
    frame["kind"], pd.Series([1.5, 2], index=["a", "b"], name=3),
]
endings = ["", ".parquet", ".feather", ".csv", ".tsv", ".json", ".xlsx"]
failed = [w for end in endings for n, case in enumerate(cases) for w in wrong(f"frame{n}{end}", case)]
repr(failed)
`;

/** What artifacts make of the objects of libraries, where the libraries are there. */
export function describeArtifactFormats(subject: Subject): void {
  describe('artifacts in the formats of libraries', () => {
    const store = new StoreSessions(subject);
    store.install();
    const value = (code: string) => store.value(code);

    /** Skips the test unless Python can import all of them. */
    async function requirePackages(context: Mocha.Context, ...names: string[]): Promise<void> {
      if ((await has(names)).includes(false)) context.skip();
    }
    async function has(names: readonly string[]): Promise<readonly boolean[]> {
      const code = `import importlib.util\n[importlib.util.find_spec(n) is not None for n in ${JSON.stringify(names)}]`;
      return (await value(code)) as boolean[];
    }
    async function nothingFailed(code: string): Promise<void> {
      assert.equal(await value(code), '[]');
    }

    it('name the library that is missing, and the way to the bytes', async () => {
      const [numpy, pandas] = await has(['numpy', 'pandas']);
      for (const [isThere, of, format, library] of [
        [numpy, 'array', 'npy', 'numpy'],
        [pandas, 'frame', 'csv', 'pandas'],
      ] as const) {
        if (isThere) continue;
        const metadata = { mine: 1, _format: format, _format_options: { of } };
        const details = { description: '', metadata, dataType: 'bytes' } as const;
        await store.storage.artifacts.save('theirs', Buffer.from('raw'), details);
        const message = new RegExp(
          `'theirs' needs ${library}[\\s\\S]*artifacts\\.open\\('theirs'\\)\\.read\\(\\)`,
        );
        await store.failure('artifacts.load("theirs")', 'MissingPackageError', message);
        assert.equal(await value('artifacts.open("theirs").read() == b"raw"'), true);
        assert.deepEqual(await value('artifacts.get("theirs").metadata'), { mine: 1 });
      }
    });

    it('are pictures where a picture was saved, whatever is installed here', async () => {
      const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
      const metadata = { _format: 'svg', _format_options: { of: 'figure' } };
      const details = { description: '', metadata, dataType: 'text' } as const;
      await store.storage.artifacts.save('theirs.svg', Buffer.from(svg), details);
      const result = await store.run(
        'picture = artifacts.load("theirs.svg")\ndisplay(picture)\n[picture.format, len(picture)]',
      );
      assert.deepEqual(result.value, ['svg', svg.length]);
      assert.equal(result.displays[0]?.data['image/svg+xml'], svg);
    });

    it('of a later version are bytes or text', async () => {
      const metadata = { _format: 'hologram', _format_options: { of: 'future' } };
      for (const dataType of ['text', 'bytes'] as const) {
        await store.storage.artifacts.save('later', Buffer.from('x'), {
          description: '',
          metadata,
          dataType,
        });
        assert.equal(await value('repr(artifacts.load("later"))'), dataType === 'text' ? "'x'" : "b'x'");
      }
    });

    it('import no library that is not there already', async () => {
      const code = `
import io, sys
before = set(sys.modules)
artifacts.save("a", {"x": 1}); artifacts.load("a"); artifacts.save("b", io.BytesIO(b"x")); artifacts.save("c", 1.5)
sorted({name.partition(".")[0] for name in set(sys.modules) - before} & {"numpy", "pandas", "matplotlib", "PIL", "pyarrow"})`;
      assert.deepEqual(await value(code), []);
    });

    it('keep NumPy arrays with their type and shape', async function () {
      await requirePackages(this, 'numpy');
      await nothingFailed(ARRAYS);
      // That of the last of them.
      const text = await readFile(path.join(store.base, 'artifacts/array.csv'), 'utf8');
      assert.equal(text, '9223372036854775809\n');
    });

    it('keep a dict of arrays in one file', async function () {
      await requirePackages(this, 'numpy');
      const code = `
import numpy as np
arrays = {"a": np.arange(3), "é/b": np.eye(2), "file": np.array(["x"])}
artifacts.save("several.npz", arrays)
loaded = artifacts.load("several.npz")
[list(loaded), all(np.array_equal(arrays[k], loaded[k]) for k in arrays)]`;
      assert.deepEqual(await value(code), [['a', 'é/b', 'file'], true]);
    });

    it('never pickle', async function () {
      await requirePackages(this, 'numpy');
      await store.failure('import numpy as np\nartifacts.save("o", np.array([{}]))', 'ValueError', /pickled/);
      await store.failure('artifacts.save("m", np.ma.array([1], mask=[1]))', 'ValueError', /has a mask/);
      assert.equal(await value('artifacts.exists("o") or artifacts.exists("m")'), false);
    });

    it('keep pandas frames and series with their index and types', async function () {
      await requirePackages(this, 'pandas', 'pyarrow', 'openpyxl');
      this.timeout(2 * HANG_S * 1000);
      await nothingFailed(FRAMES);
      const text = await readFile(path.join(store.base, 'artifacts/frame2.csv'), 'utf8');
      assert.equal(text.split(/\r?\n/)[0], 'integer,truth,text,float');
    });

    it('are files that others read: text where they are text, without what is kept for loading', async function () {
      await requirePackages(this, 'pandas');
      const code = `
import pandas as pd
artifacts.save("open.csv", pd.DataFrame({"a": [1, 2]}), "A table", {"mine": True})
known = artifacts.get("open.csv")
[known.metadata, known.description, artifacts.list()[[a.name for a in artifacts.list()].index("open.csv")].metadata]`;
      assert.deepEqual(await value(code), [{ mine: true }, 'A table', { mine: true }]);
      const stored = await store.storage.artifacts.load('open.csv');
      assert.equal(stored.dataType, 'text');
      assert.equal(Buffer.from(stored.content).toString().replaceAll('\r', ''), 'a\n1\n2\n');
    });

    it('load what somebody has changed since', async function () {
      await requirePackages(this, 'numpy', 'pandas');
      await value(`
import numpy as np, pandas as pd
artifacts.save("changed.csv", pd.DataFrame({"a": ["1", "2"], "b": [1.5, 2]}))
artifacts.save("changed.json", pd.DataFrame({"a": [1, 2]}))
artifacts.save("array.csv", np.arange(4).reshape(2, 2))`);
      const folder = path.join(store.base, 'artifacts');
      await writeFile(path.join(folder, 'array.csv'), '1,2\n3,4\n5,6\n');
      await writeFile(path.join(folder, 'changed.csv'), 'a,b\n01,2.5\n');
      assert.deepEqual(
        await value('[artifacts.load("changed.csv").values.tolist(), artifacts.load("array.csv").tolist()]'),
        [
          [['01', 2.5]],
          [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
        ],
      );
      await writeFile(path.join(folder, 'changed.csv'), 'c\n7\n');
      await writeFile(path.join(folder, 'changed.json'), '[{"z": 1}]');
      const result = await store.run(
        '[artifacts.load(f"changed.{end}").to_dict("list") for end in ("csv", "json")]',
      );
      assert.deepEqual(result.value, [{ c: [7] }, { z: [1] }], result.error?.traceback);
      assert.match(result.stderr, /RuntimeWarning: The artifact 'changed.csv' is not as it was saved/);
    });

    it('refuse columns that would not come back, and leave what was there', async function () {
      await requirePackages(this, 'pandas');
      await value('artifacts.save("t.csv", "before")');
      for (const [frame, message] of [
        ['{"a": [[1], [2]]}', /column 'a' of 't.csv' has values of the kind 'mixed'/],
        ['{"a": [1j]}', /complex128, which cannot be read back from csv/],
        ['{("a", "b"): [1]}', /several levels/],
      ] as const) {
        await store.failure(
          `import pandas as pd\nartifacts.save("t.csv", pd.DataFrame(${frame}))`,
          'ValueError',
          message,
        );
      }
      assert.equal(await value('artifacts.load("t.csv")'), 'before');
    });

    it('keep figures as pictures by the ending of the name', async function () {
      await requirePackages(this, 'matplotlib');
      const code = `
import matplotlib
matplotlib.use("agg")
from matplotlib.figure import Figure
axes = Figure().subplots()
axes.plot([1, 2])
for name, what in (("f", axes), ("f.svg", axes.figure), ("f.pdf", axes.figure), ("f.jpg", axes), ("f.PNG", axes)):
    artifacts.save(name, what)
pictures = [artifacts.load(name) for name in ("f", "f.svg", "f.pdf", "f.jpg", "f.PNG")]
display(pictures[0])
[[p.format for p in pictures], pictures[0] == artifacts.open("f").read(), isinstance(pictures[0], bytes), bytes(pictures[0][:4]).hex()]`;
      const result = await store.run(code);
      assert.deepEqual(
        result.value,
        [['png', 'svg', 'pdf', 'jpg', 'png'], true, true, '89504e47'],
        result.error?.traceback,
      );
      assert.ok(result.displays[0]?.data['image/png']);
    });
  });
}
