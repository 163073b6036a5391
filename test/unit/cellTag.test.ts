import assert from 'node:assert/strict';
import type { RunInfo } from '../../src/core/session/session.ts';
import { type CellIdentity, formatCellTag, matchRuns, parseCellTag } from '../../src/ui/notebook/cellTag.ts';

const RUN = { executionCount: 7, key: '0f8f4f2e-3c9a-4f6e-8a53-6f1f0b0c2d11' };
const NOTEBOOK = 'file:///work/a.ipynb';

function cellsOf(...codes: (string | [id: string, code: string])[]): CellIdentity[] {
  return codes.map((given, index) => {
    const [id, code] = typeof given === 'string' ? [undefined, given] : given;
    return { notebook: NOTEBOOK, id, index, code };
  });
}

/** Runs of cells, oldest first; each is named by the order in which they were asked for, from `1`. */
function runsOf(...tags: (CellIdentity | string | null)[]): RunInfo[] {
  return tags.map((tag, at) => ({
    id: String(at + 1),
    title: '',
    initiator: 'person',
    toolCallCount: 0,
    tag:
      tag === null || typeof tag === 'string'
        ? tag
        : formatCellTag(tag, { executionCount: at + 1, key: 'k' }),
    startedBy: '',
    requestedAt: at,
    endedAt: null,
    status: null,
    executionCount: 0,
    isDelivered: false,
  }));
}

/** `run: index of its cell`, in the order of the result. */
function matched(cells: CellIdentity[], runs: RunInfo[], notebooks?: string[]): string[] {
  return matchRuns(cells, runs, notebooks)
    .filter(({ cell }) => cell !== undefined)
    .map(({ run, cell }) => `${run.id}: ${cell}`);
}

describe('the tag of a cell', () => {
  it('says what the cell is known by', () => {
    const [cell] = cellsOf(['a1', 'x = 1']);
    const tag = parseCellTag(formatCellTag(cell!, RUN));
    assert.deepEqual({ ...tag, code: '' }, { notebook: NOTEBOOK, id: 'a1', index: 0, code: '', ...RUN });
    assert.notEqual(tag?.code, parseCellTag(formatCellTag({ ...cell!, code: 'x = 2' }, RUN))?.code);
  });

  it('is bounded, whatever the notebook and the cell are called', () => {
    const cell = {
      notebook: `file:///${'"'.repeat(5_000)}`,
      id: '\u0000'.repeat(5_000),
      index: 3,
      code: 'x',
    };
    const text = formatCellTag(cell, RUN);
    assert.ok(text.length <= 4_096, String(text.length));
    assert.deepEqual(matched([cell], runsOf(text), [cell.notebook]), ['1: 0']);
    assert.ok(
      formatCellTag({ ...cell, id: '\u0000'.repeat(256), notebook: '"'.repeat(256) }, RUN).length <= 4_096,
    );
  });

  it('keeps the code of a cell that no file keeps, cut where it is too long', () => {
    const [cell] = cellsOf('print("ü")\n');
    assert.equal(parseCellTag(formatCellTag(cell!, RUN, true))?.source, 'print("ü")\n');
    assert.equal(parseCellTag(formatCellTag(cell!, RUN))?.source, undefined);
    const long = formatCellTag({ ...cell!, code: '"\n'.repeat(10_000) }, RUN, true);
    assert.ok(long.length <= 4_096 && long.length > 3_000, String(long.length));
    const source = parseCellTag(long)?.source ?? '';
    assert.ok(source.startsWith('"\n"\n'));
    assert.ok(source.endsWith('\n# … the rest of the code is not kept …'));
  });

  it("is not mistaken for a stranger's", () => {
    for (const text of [null, '', 'output-channel', '{', '1', 'null', '[]', '{"cell":null}', '{"cell":{}}']) {
      assert.equal(parseCellTag(text), undefined);
    }
    const good = { notebook: 'n', index: 0, code: 'c', executionCount: 1, key: 'k' };
    assert.ok(parseCellTag(JSON.stringify({ cell: { ...good, more: true }, also: 1 })));
    for (const wrong of [
      { index: -1 },
      { index: 1.5 },
      { index: '0' },
      { code: 1 },
      { notebook: null },
      { key: 2 },
    ]) {
      assert.equal(parseCellTag(JSON.stringify({ cell: { ...good, ...wrong } })), undefined);
    }
  });
});

describe('runs after a reload', () => {
  it('belong to their cells, by code and place; the newest of each counts', () => {
    const cells = cellsOf('a', 'b', 'a');
    const runs = runsOf(cells[0]!, cells[1]!, 'other', cells[2]!, null, cells[1]!);
    assert.deepEqual(matched(cells, runs), ['1: 0', '4: 2', '6: 1']);
  });

  it('follow a cell with an id that was edited or moved', () => {
    const before = cellsOf(['one', 'a'], ['two', 'b']);
    assert.deepEqual(matched(cellsOf(['two', 'b'], 'new', ['one', 'edited']), runsOf(...before)), [
      '1: 2',
      '2: 0',
    ]);
  });

  it('do not go to a copy of a cell that is gone', () => {
    assert.deepEqual(matched(cellsOf(['copy', 'a']), runsOf(...cellsOf(['one', 'a']))), []);
  });

  it('belong to the nearest of cells that look the same', () => {
    const before = cellsOf('a', 'x', 'a', 'y');
    const after = cellsOf('new', 'a', 'x', 'a', 'y');
    assert.deepEqual(matched(after, runsOf(before[0]!, before[2]!)), ['1: 1', '2: 3']);
    assert.deepEqual(matched(cellsOf('x', 'a', 'y'), runsOf(before[2]!)), ['1: 1']);
  });

  it('never give an older run to a cell that only looks the same', () => {
    const cells = cellsOf('a', 'a');
    assert.deepEqual(matched(cells, runsOf(cells[0]!, cells[0]!)), ['2: 0']);
  });

  it('are found by code where the file has got ids since, and not where the code was edited', () => {
    const before = cellsOf('a', 'b');
    assert.deepEqual(matched(cellsOf(['one', 'a'], ['two', 'edited']), runsOf(...before)), ['1: 0']);
  });

  it('of a shared session belong to the notebooks that they name; of its own, to the notebook', () => {
    const cells = cellsOf('a');
    const runs = runsOf({ ...cells[0]!, notebook: 'file:///work/old.ipynb' });
    assert.deepEqual(matched(cells, runs, [NOTEBOOK]), []);
    assert.deepEqual(matched(cells, runs, [NOTEBOOK, 'file:///work/old.ipynb']), ['1: 0']);
    assert.deepEqual(matched(cells, runs), ['1: 0']);
  });
});
