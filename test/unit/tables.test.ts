import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { type ByteSource, sourceOfBytes } from '../../src/ui/files/byteSource.ts';
import { openFile } from '../../src/ui/files/openFile.ts';
import { describeExtent } from '../../src/ui/tablePreview/page/describeExtent.ts';
import { RowCache } from '../../src/ui/tablePreview/page/rowCache.ts';
import { ScrollPlace } from '../../src/ui/tablePreview/page/scrollPlace.ts';
import { inferType } from '../../src/ui/tablePreview/readers/inferType.ts';
import { formatTime } from '../../src/ui/tablePreview/readers/npy.ts';
import { openTable } from '../../src/ui/tablePreview/readers/openTable.ts';

const FIXTURES = path.resolve(__dirname, '../../../test/fixtures/tables');

const tableOf = (name: string, content: string | Uint8Array) =>
  openTable(name, sourceOfBytes(Buffer.from(content)));

/** Columns as `name: type`, and all rows. */
async function read(name: string, content: string | Uint8Array) {
  const table = await tableOf(name, content);
  const rows = await table.rows(0, 10_000);
  return {
    columns: table.columns.map((column) => `${column.name}: ${column.type}`),
    rows,
    extent: table.extent,
  };
}

async function refusal(name: string, content: string | Uint8Array): Promise<string> {
  const error = await tableOf(name, content).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(CodeModeError.is(error, 'file'), String(error));
  return error.message;
}

describe('tables of separated values', () => {
  it('have columns with names and types', async () => {
    const { columns, rows, extent } = await read(
      'a.csv',
      'name,n,x,on,ok\na,1,1.5,2024-01-02,true\n"b, c",-2,NaN,,false\n',
    );
    assert.deepEqual(columns, ['name: text', 'n: integer', 'x: number', 'on: date', 'ok: boolean']);
    assert.deepEqual(rows, [
      ['a', '1', '1.5', '2024-01-02', 'true'],
      ['b, c', '-2', 'NaN', '', 'false'],
    ]);
    assert.deepEqual(extent, { rows: 2, isAll: true, omittedColumns: 0 });
  });

  it('need no names of columns', async () => {
    const { columns, rows } = await read('a.csv', '1,2\n3,4\n');
    assert.deepEqual(columns, ['1: integer', '2: integer']);
    assert.equal(rows.length, 2);
  });

  it('are separated by what they are separated by, and end lines as they do', async () => {
    const expected = [['1', '2']];
    for (const text of ['a;b\r\n1;2\r\n', 'a\tb\n1\t2\n', 'a|b\r1|2', '\ufeffa,b\n1,2']) {
      const { columns, rows } = await read('a.csv', text);
      assert.deepEqual([columns, rows], [['a: integer', 'b: integer'], expected], JSON.stringify(text));
    }
    assert.deepEqual((await read('a.tsv', 'a\tb,c\n1\t2\n')).rows, expected);
  });

  it('may be UTF-8, UTF-16 or of an old code page', async () => {
    const text = 'stadt,größe\nKöln,1\n';
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const bytes of [
      Buffer.from(text),
      utf16,
      Buffer.from(utf16).swap16(),
      Buffer.from(text, 'latin1'),
    ]) {
      const { columns, rows } = await read('a.csv', bytes);
      assert.deepEqual([columns, rows], [['stadt: text', 'größe: integer'], [['Köln', '1']]]);
    }
  });

  it('keep quoted line breaks, and rows of different lengths', async () => {
    const { columns, rows } = await read('a.csv', 'a,b\n"x\n""y""",1\nz\n1,2,3\n');
    assert.deepEqual(rows, [
      ['x\n"y"', '1', ''],
      ['z', '', ''],
      ['1', '2', '3'],
    ]);
    assert.equal(columns.length, 3);
  });

  it('tell of a quote that is not closed, and show the rows before it', async () => {
    const { rows, extent } = await read('a.csv', 'a,b\n1,2\n"3,4\n5,6\n');
    assert.deepEqual(rows, [['1', '2']]);
    assert.equal(extent.problem, 'A quote in row 3 is not closed.');
  });

  it('are told from what is no text, and from nothing', async () => {
    assert.match(await refusal('a.csv', Buffer.from([1, 0, 2, 0, 0])), /not text/);
    assert.equal(await refusal('a.csv', ''), 'The file is empty.');
  });

  it('are read no further than is looked at, and anew from there', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tables-'));
    try {
      const file = path.join(folder, 'large.csv');
      const handle = await open(file, 'w');
      await handle.write('row,text\n');
      for (let chunk = 0; chunk < 60; chunk++) {
        const lines = Array.from(
          { length: 1_000 },
          (_, index) => `${chunk * 1_000 + index},"é, ${'x'.repeat(100)}"\n`,
        );
        await handle.write(lines.join(''));
      }
      await handle.close();
      await using source = await openFile(file);
      let bytes = 0;
      const counted: ByteSource = {
        size: source.size,
        read: (position, length) => {
          bytes += length;
          return source.read(position, length);
        },
        [Symbol.asyncDispose]: async () => undefined,
      };
      const table = await openTable('large.csv', counted);
      assert.ok(bytes < 1_000_000, `${bytes} bytes were read`);
      assert.equal(table.extent.isAll, false);
      const [late] = await table.rows(59_999, 1);
      assert.equal(late?.[0], '59999');
      assert.deepEqual(await table.rows(60_000, 10), []);
      assert.deepEqual(table.extent, { rows: 60_000, isAll: true, omittedColumns: 0 });
      const before = bytes;
      const [early] = await table.rows(3, 1);
      assert.match(early?.join() ?? '', /^3,é, x+$/);
      assert.ok(bytes - before < 1_000_000, 'only the piece with that row is read again');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('tables of JSON', () => {
  it('are lists of records, whose columns come to light by and by', async () => {
    const table = await tableOf('a.json', '[{"a": 1, "b": "x"}, {"a": 2.5, "b": null, "c": {"d": [1]}}, 3]');
    assert.deepEqual(await table.rows(0, 5), [
      ['1', 'x', '', ''],
      ['2.5', null, '{"d":[1]}', ''],
      ['', '', '', '3'],
    ]);
    assert.deepEqual(
      table.columns.map(({ name, type }) => `${name}: ${type}`),
      ['a: number', 'b: text', 'c: object', 'value: integer'],
    );
  });

  it('are what Python writes: NaN, and whole numbers of any length', async () => {
    const { columns, rows } = await read(
      'a.json',
      '[{"a": NaN, "b": 12345678901234567890}, {"a": -Infinity, "b": 1}]',
    );
    assert.deepEqual(columns, ['a: number', 'b: integer']);
    assert.deepEqual(rows, [
      ['NaN', '12345678901234567890'],
      ['-Infinity', '1'],
    ]);
  });

  it('are records of a line each, and shapes of pandas', async () => {
    const expected = [
      ['1', 'x'],
      ['2', 'y'],
    ];
    for (const [name, text] of [
      ['a.jsonl', '{"a":1,"b":"x"}\n\n{"a":2,"b":"y"}\n'],
      ['a.json', '{"a":1,"b":"x"}\n{"a":2,"b":"y"}'],
      ['a.json', '{"a": [1, 2], "b": ["x", "y"]}'],
      ['a.json', '{"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]}'],
      ['a.json', '[[1, "x"], [2, "y"]]'],
      ['a.json', '{"records": [{"a":1,"b":"x"}, {"a":2,"b":"y"}], "count": 2}'],
    ] as const) {
      assert.deepEqual((await read(name, text)).rows, expected, text);
    }
    const { columns, rows } = await read('a.json', '{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}');
    assert.deepEqual(columns, ['index: text', 'a: integer', 'b: text']);
    assert.deepEqual(rows[1], ['1', '2', 'y']);
  });

  it('say what is wrong with them, and show what comes before', async () => {
    assert.match(await refusal('a.json', '"text"'), /neither a list nor an object/);
    assert.match(await refusal('a.json', '{"a": 1}'), /no table/);
    assert.match(await refusal('a.json', '{"a": '), /^This is not JSON/);
    assert.match(await refusal('a.json', '[{"a": oops}]'), /^Element 1 of the list is not JSON/);
    const cut = await read('a.json', '[{"a": "], ["}, {"a": 2}, {"a"');
    assert.equal(cut.rows.length, 2);
    assert.equal(cut.extent.problem, 'The list is not closed.');
    const lines = await read('a.jsonl', '{"a": 1}\nno\n');
    assert.match(lines.extent.problem ?? '', /^Record 2 is not JSON/);
    assert.deepEqual((await read('a.json', '[]')).rows, []);
  });

  it('are read in pieces', async () => {
    const records = Array.from({ length: 20_000 }, (_, id) => ({ id, text: `é]"\\${'x'.repeat(40)}` }));
    for (const [name, text] of [
      ['a.json', JSON.stringify(records)],
      ['a.jsonl', records.map((record) => JSON.stringify(record)).join('\n')],
    ] as const) {
      const table = await tableOf(name, text);
      assert.equal(table.extent.isAll, false, name);
      assert.equal((await table.rows(19_999, 5))[0]?.[0], '19999', name);
      assert.equal((await table.rows(7, 1))[0]?.[0], '7', name);
      assert.equal((await table.rows(20_000, 5)).length, 0, name);
      assert.equal(table.extent.rows, 20_000, name);
    }
  });
});

/** An array as NumPy writes it. */
function npy(descr: string, shape: string, data: NodeJS.TypedArray | Buffer, order = 'False'): Buffer {
  const header = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': (${shape}), }`;
  const padded = `${header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11)}\n`;
  const lead = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 0, 0]);
  lead.writeUInt16LE(padded.length, 8);
  return Buffer.concat([
    lead,
    Buffer.from(padded),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

describe('tables of NumPy', () => {
  it('are arrays of one and of two dimensions, in either order', async () => {
    const line = await read('a.npy', npy("'<f8'", '3,', Float64Array.of(1.5, Number.NaN, -3)));
    assert.deepEqual([line.columns, line.rows], [['value: float64'], [['1.5'], ['NaN'], ['-3']]]);
    const plane = await read('a.npy', npy("'<i4'", '2, 3', Int32Array.of(1, 2, 3, 4, 5, 6)));
    assert.deepEqual(plane.columns, ['0: int32', '1: int32', '2: int32']);
    assert.deepEqual(plane.rows, [
      ['1', '2', '3'],
      ['4', '5', '6'],
    ]);
    const turned = await read('a.npy', npy("'<i4'", '2, 3', Int32Array.of(1, 4, 2, 5, 3, 6), 'True'));
    assert.deepEqual(turned.rows, plane.rows);
  });

  it('have values of many types', async () => {
    const one = async (descr: string, data: NodeJS.TypedArray | Buffer) =>
      (await read('a.npy', npy(descr, '1,', data))).rows[0]?.[0];
    assert.equal(await one("'<f4'", Float32Array.of(0.1)), '0.1');
    assert.equal(await one("'<f2'", Uint16Array.of(0x3e00)), '1.5');
    assert.equal(await one("'>i2'", Buffer.from([1, 2])), '258');
    assert.equal(await one("'<u8'", BigUint64Array.of(2n ** 64n - 1n)), '18446744073709551615');
    assert.equal(await one("'|b1'", Uint8Array.of(1)), 'true');
    assert.equal(await one("'<c16'", Float64Array.of(1, -2)), '1-2j');
    assert.equal(await one("'<U3'", Uint32Array.of(0x1f600, 0xe9, 0)), '😀é');
    assert.equal(await one("'|S4'", Buffer.from('ab\0\0')), 'ab');
    assert.equal(await one("'<M8[D]'", BigInt64Array.of(-1n)), '1969-12-31');
    assert.equal(await one("'<M8[ns]'", BigInt64Array.of(1_500_000_000n)), '1970-01-01T00:00:01.5');
    const fields = await read(
      'a.npy',
      npy("[('n', '<i2'), ('x', '<f4')]", '1,', Buffer.from([7, 0, 0, 0, 0x80, 0x3f])),
    );
    assert.deepEqual([fields.columns, fields.rows], [['n: int16', 'x: float32'], [['7', '1']]]);
  });

  it('say why they are none', async () => {
    assert.match(
      await refusal('a.npy', npy("'<f8'", '1, 1, 1', Float64Array.of(1))),
      /3 dimensions \(1 × 1 × 1\)/,
    );
    assert.match(await refusal('a.npy', npy("'|O'", '1,', Buffer.from('x'))), /Python objects/);
    assert.match(await refusal('a.npy', npy("'<f8'", '5,', Float64Array.of(1))), /cut off/);
    assert.match(await refusal('a.npy', 'not an array at all'), /does not begin as one/);
  });

  it('tell moments to the nanosecond', () => {
    assert.equal(formatTime(-1n), '1969-12-31T23:59:59.999999999');
    assert.equal(formatTime(86_400_000_000_000n), '1970-01-02T00:00:00');
  });
});

describe('tables of Parquet', () => {
  it('have columns with types, and rows of any place', async () => {
    await using source = await openFile(path.join(FIXTURES, 'cities.parquet'));
    const table = await openTable('cities.parquet', source);
    assert.deepEqual(
      table.columns.map(({ name, type, isNumeric }) => `${name}: ${type}${isNumeric ? '*' : ''}`),
      ['id: int64*', 'price: float64*', 'city: text', 'at: timestamp'],
    );
    assert.deepEqual(table.extent, { rows: 2_500, isAll: true, omittedColumns: 0 });
    assert.deepEqual(await table.rows(0, 2), [
      ['0', '0', null, '2024-01-01T00:00:00'],
      ['1', '0.25', 'Oslo', '2024-01-01T00:01:00'],
    ]);
    assert.equal((await table.rows(3, 1))[0]?.[1], 'NaN');
    assert.deepEqual(
      (await table.rows(998, 4)).map(([id]) => id),
      ['998', '999', '1000', '1001'],
    );
    assert.equal((await table.rows(2_499, 10)).length, 1);
  });

  it('say why they are none', async () => {
    assert.match(await refusal('a.parquet', 'PAR1 but nothing else'), /cannot be read/);
  });
});

describe('a file that is read', () => {
  it('says that it became shorter', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tables-'));
    try {
      const file = path.join(folder, 'a.csv');
      await writeFile(file, `a,b\n${'1,2\n'.repeat(200_000)}`);
      await using source = await openFile(file);
      const table = await openTable('a.csv', source);
      await writeFile(file, 'a,b\n1,2\n');
      await assert.rejects(table.rows(150_000, 1), /became shorter/);
      await assert.rejects(openFile(path.join(folder, 'none.csv')), /not there/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('types of columns', () => {
  it('are told from what is there', () => {
    assert.equal(inferType(['', 'NA', '1']), 'integer');
    assert.equal(inferType(['1', '1e5']), 'number');
    assert.equal(inferType(['nan', '']), 'number');
    assert.equal(inferType(['', '']), 'text');
    assert.equal(inferType(['2024-01-01T10:00:00Z', '2024-01-02']), 'date');
    assert.equal(inferType(['1', 'x']), 'text');
  });
});

describe('the page of a table', () => {
  it('says how large it is', () => {
    assert.equal(describeExtent({ rows: 1, isAll: true, omittedColumns: 0 }, 2), '1 row; 2 columns');
    assert.equal(
      describeExtent({ rows: 2_300, isAll: false, omittedColumns: 700 }, 500),
      'first 2,300 rows, more when you scroll down; first 500 columns of 1,200',
    );
  });

  it('reaches every row by the scroll bar', () => {
    for (const rows of [10, 1_000, 5_000_000]) {
      const place = new ScrollPlace({ rows, rowHeight: 20, viewport: 400 });
      assert.equal(place.topOf(0), 0);
      assert.ok(place.height <= 8_000_000);
      assert.ok(Math.abs(place.topOf(Math.max(0, place.height - 400)) - place.lastTop) < 1e-6, String(rows));
      const middle = place.lastTop / 2;
      assert.ok(Math.abs(place.topOf(place.scrollTopOf(middle)) - middle) < 1e-3, String(rows));
    }
  });

  it('asks for rows once, and keeps some of them', () => {
    const asked: number[] = [];
    const cache = new RowCache((from) => asked.push(from));
    cache.want(90, 20);
    cache.want(90, 20);
    assert.deepEqual(asked, [0, 100]);
    cache.put(
      0,
      Array.from({ length: 100 }, (_, row) => [String(row)]),
    );
    cache.put(100, [['100']]);
    assert.deepEqual(cache.get(99), ['99']);
    assert.deepEqual(cache.get(100), ['100']);
    cache.want(90, 11);
    assert.deepEqual(asked, [0, 100]);
    // There may be more by now.
    cache.want(90, 12);
    assert.deepEqual(asked, [0, 100, 100]);
    for (let block = 2; block < 70; block++) cache.put(block * 100, [[String(block)]]);
    assert.equal(cache.get(0), undefined);
    assert.deepEqual(cache.get(6_900), ['69']);
  });
});
