import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { encodeBundle } from '../../src/ui/outputs/mime.ts';
import { type OutputEdit, OutputModel, type OutputRecord } from '../../src/ui/outputs/outputModel.ts';
import { WholeOutput } from '../../src/ui/outputs/wholeOutput.ts';

interface Sink {
  id: string;
  length: number;
  lines: number;
  whole: WholeOutput;
  disposed: boolean;
}

/** A model, and a cell that does what it says. */
function cellWith({ characters = 1_000, executionCount = 1 } = {}) {
  const sinks: Sink[] = [];
  const model = new OutputModel({
    characters,
    executionCount,
    openWhole: () => {
      const whole = new WholeOutput('test');
      const sink = {
        id: String(sinks.length),
        whole,
        disposed: false,
        get length() {
          return whole.length;
        },
        get lines() {
          return whole.lines;
        },
        patch: whole.patch.bind(whole),
        dispose() {
          sink.disposed = true;
          whole.dispose();
        },
      };
      sinks.push(sink);
      return sink;
    },
  });
  const cell = new Map<OutputRecord, string>();
  let edits: OutputEdit[] = [];
  return {
    model,
    sinks,
    print: (text: string, kind: 'stdout' | 'stderr' = 'stdout') => model.accept({ kind, text }),
    display: (text: string, more: { displayId?: string; isValue?: boolean } = {}) =>
      model.accept({ kind: 'display', output: { data: { 'text/plain': text }, metadata: {}, ...more } }),
    clear: (wait: boolean) => model.accept({ kind: 'clearOutput', wait }),
    /** Makes the edits, and gives what the cell shows then. */
    shown: (): string[] => {
      edits = model.takeEdits();
      for (const edit of edits) {
        if (edit.kind === 'replaceAll') {
          cell.clear();
          for (const record of edit.records) cell.set(record, textOf(record));
        } else if (edit.kind === 'appendText') {
          cell.set(edit.record, cell.get(edit.record) + edit.text);
        } else {
          assert.equal(cell.has(edit.record), edit.kind === 'replaceItems');
          cell.set(edit.record, textOf(edit.record));
        }
      }
      return [...cell.values()];
    },
    edits: () => edits.map(({ kind }) => kind),
  };
}

function textOf(record: OutputRecord): string {
  switch (record.kind) {
    case 'stream':
      return `${record.stream === 'stderr' ? '!' : ''}${record.text}`;
    case 'display':
      return `<${record.items.map(({ data }) => data).join('|')}>`;
    case 'error':
      return `${record.error.type}: ${record.error.message}`;
    case 'cut':
      return `… ${record.whole.lines} lines`;
  }
}

describe("a cell's outputs", () => {
  it('coalesce what is printed between two edits into one', () => {
    const cell = cellWith();
    for (let index = 0; index < 20; index++) cell.print(`${index}\n`);
    assert.equal(cell.shown().length, 1);
    assert.deepEqual(cell.edits(), ['append']);
    cell.print('more');
    cell.print(' and more');
    assert.ok(cell.shown()[0]?.endsWith('19\nmore and more'));
    assert.deepEqual(cell.edits(), ['appendText']);
    assert.deepEqual(cell.model.takeEdits(), []);
  });

  it('keep stdout, stderr and displays in order', () => {
    const cell = cellWith();
    cell.print('a');
    cell.print('b', 'stderr');
    cell.display('c');
    cell.print('d');
    cell.model.fail({ type: 'E', message: 'm', traceback: '' });
    assert.deepEqual(cell.shown(), ['a', '!b', '<c>', 'd', 'E: m']);
  });

  it('overwrite a progress bar in place', () => {
    const cell = cellWith();
    cell.print(' 10%', 'stderr');
    assert.deepEqual(cell.shown(), ['! 10%']);
    cell.print('\r 20%', 'stderr');
    assert.deepEqual(cell.shown(), ['! 20%']);
    assert.deepEqual(cell.edits(), ['replaceItems']);
    cell.print('\r 30%', 'stderr');
    cell.print('\r 40%\n', 'stderr');
    assert.deepEqual(cell.shown(), ['! 40%\n']);
  });

  it('are cleared at once, or when the next one comes', () => {
    const cell = cellWith();
    cell.print('old');
    cell.shown();
    cell.clear(true);
    assert.deepEqual(cell.shown(), ['old']);
    cell.print('new');
    assert.deepEqual(cell.shown(), ['new']);
    assert.deepEqual(cell.edits(), ['replaceAll']);
    cell.clear(false);
    assert.deepEqual(cell.shown(), []);
    cell.print('again');
    assert.deepEqual(cell.shown(), ['again']);
  });

  it('say where output was left out', () => {
    const cell = cellWith();
    cell.model.accept({ kind: 'omitted', characters: 1_234_567, displays: 2 });
    cell.print('the rest\n');
    const [mark, rest] = cell.shown();
    assert.match(mark ?? '', /^!\n?… 1,234,567 characters of output and 2 displays left out here …\n$/);
    assert.equal(rest, 'the rest\n');
  });

  it('are replaced by an update of their display id', () => {
    const cell = cellWith();
    cell.display('one', { displayId: 'x' });
    cell.display('two', { displayId: 'y' });
    cell.shown();
    assert.equal(cell.model.update({ data: { 'text/plain': 'ONE' }, metadata: {}, displayId: 'x' }), true);
    assert.deepEqual(cell.shown(), ['<ONE>', '<two>']);
    assert.deepEqual(cell.edits(), ['replaceItems']);
    assert.equal(cell.model.update({ data: {}, metadata: {}, displayId: 'z' }), false);
  });

  it('give a value the number that the run really had', () => {
    const cell = cellWith({ executionCount: 4 });
    cell.display('v', { isValue: true });
    cell.shown();
    cell.model.finish(5);
    cell.shown();
    assert.deepEqual(cell.edits(), ['replaceAll']);
    const [value] = cell.model.records;
    assert.equal(value?.kind === 'display' && value.executionCount, 5);
  });

  it('are cut at the limit, with the newest lines below and the whole kept', () => {
    const cell = cellWith({ characters: 100 });
    const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index}\n`);
    for (const line of lines) cell.print(line);
    cell.model.finish(1);
    const [head = '', mark, tail = ''] = cell.shown();
    assert.ok(head.length <= 100 && head.startsWith('line 0\n') && head.endsWith('\n'));
    assert.equal(mark, '… 5000 lines');
    assert.ok(tail.length <= 100 && tail.endsWith('line 4999\n'));
    assert.equal(cell.sinks[0]?.whole.read(), lines.join(''));
  });

  it('stay whole over several streams, overwritten lines and edits in between', () => {
    const cell = cellWith({ characters: 50 });
    let expected = '';
    for (let index = 0; index < 200; index++) {
      cell.print(`out ${index}\n`);
      cell.print(`1%\r${index}%\n`, 'stderr');
      expected += `out ${index}\n${`${index}%`.padEnd(2, '%')}\n`;
      if (index % 7 === 0) cell.shown();
    }
    assert.equal(cell.sinks[0]?.whole.read(), expected);
    assert.ok(cell.shown().join('').length < 500);
  });

  it('cut one endless line, and a progress bar that goes on after the cut', () => {
    const cell = cellWith({ characters: 1_000 });
    cell.print('x'.repeat(5_000));
    cell.print('y'.repeat(5_000));
    assert.equal(cell.sinks[0]?.whole.read(), 'x'.repeat(5_000) + 'y'.repeat(5_000));
    for (let index = 0; index <= 100; index++) {
      cell.print(`${index === 0 ? '\n' : '\r'}${String(index).padStart(3)}%`);
      cell.shown();
    }
    assert.ok(cell.shown().at(-1)?.endsWith('\n100%'));
    assert.ok(cell.sinks[0]?.whole.read().endsWith('y\n100%'));
  });

  it('are cut where there are too many of them', () => {
    const cell = cellWith({ characters: 100_000 });
    for (let index = 0; index < 2_000; index++) cell.display(`d${index}`);
    cell.print('printed after it\n');
    const shown = cell.shown();
    assert.ok(shown.length < 600);
    const cut = cell.model.records.find(({ kind }) => kind === 'cut');
    assert.equal(cut?.kind === 'cut' && cut.omittedDisplays, 1_500);
    assert.match(cell.sinks[0]?.whole.read() ?? '', /^d500\n[\s\S]*d1999\nprinted after it\n$/);
  });

  it('cut a long text value, but not one that has a richer form', () => {
    const cell = cellWith({ characters: 100 });
    cell.display('v'.repeat(1_000));
    cell.model.accept({
      kind: 'display',
      output: { data: { 'text/html': '<b>', 'text/plain': 'p'.repeat(1_000) }, metadata: {} },
    });
    assert.deepEqual(cell.shown(), [`<${'v'.repeat(100)} …>`, '… 0 lines', `<<b>|${'p'.repeat(1_000)}>`]);
    assert.equal(cell.sinks[0]?.whole.read(), 'v'.repeat(1_000));
  });

  it('let go of the whole when they are cleared or disposed', () => {
    const cell = cellWith({ characters: 10 });
    cell.print('a long line\n'.repeat(10));
    cell.clear(false);
    assert.equal(cell.sinks[0]?.disposed, true);
    cell.print('short\n');
    assert.deepEqual(cell.shown(), ['short\n']);
    cell.print('a long line\n'.repeat(10));
    cell.model.dispose();
    assert.equal(cell.sinks[1]?.disposed, true);
  });

  it('take a flood in their stride', () => {
    const cell = cellWith({ characters: 100_000 });
    const start = performance.now();
    for (let index = 0; index < 200_000; index++) {
      cell.print(`line ${index}\n`);
      if (index % 5_000 === 0) cell.shown();
    }
    assert.ok(performance.now() - start < 3_000);
    assert.equal(cell.sinks[0]?.whole.lines, 200_000);
    cell.model.dispose();
  });
});

describe('the whole of a cut output', () => {
  it('goes to a private file when it is large, and the file goes with it', () => {
    const whole = new WholeOutput('large');
    const line = `${'0123456789'.repeat(10)}\n`;
    for (let index = 0; index < 50_000; index++) whole.patch({ drop: 0, text: line });
    assert.equal(whole.lines, 50_000);
    assert.equal(whole.length, 50_000 * line.length);
    assert.equal(whole.read(), line.repeat(50_000));
    const file = whole.file();
    assert.equal(statSync(file).mode & 0o777, 0o400);
    assert.equal(statSync(file).size, 50_000 * line.length);
    whole.dispose();
    assert.equal(existsSync(file), false);
  });

  it('is without colours, and without what was overwritten', () => {
    const whole = new WholeOutput('plain');
    whole.patch({ drop: 0, text: '\x1b[31mred\x1b[0m\n10%' });
    whole.patch({ drop: 2, text: '1%' });
    assert.equal(whole.read(), 'red\n11%');
    whole.dispose();
  });
});

describe('a MIME bundle', () => {
  it('becomes JSON, bytes or text, whatever its type is', () => {
    const png = new Uint8Array([137, 80, 78, 71]);
    const items = encodeBundle({
      'text/plain': 'text',
      'text/html': ['<p>', '</p>'],
      'image/svg+xml': '<svg/>',
      'image/png': png,
      'image/jpeg': Buffer.from('jpeg').toString('base64'),
      'application/json': { a: [1, null] },
      'application/geo+json': 'text is JSON too',
      'application/vnd.vega.v5+json': { mark: 'bar' },
      'application/vnd.custom': { b: 1 },
    });
    const byMime = new Map(items.map(({ mime, data }) => [mime, data]));
    assert.equal(byMime.get('text/plain'), 'text');
    assert.equal(byMime.get('text/html'), '<p></p>');
    assert.equal(byMime.get('image/svg+xml'), '<svg/>');
    assert.equal(byMime.get('image/png'), png);
    assert.equal(Buffer.from(byMime.get('image/jpeg') ?? '').toString(), 'jpeg');
    assert.equal(byMime.get('application/json'), '{"a":[1,null]}');
    assert.equal(byMime.get('application/geo+json'), '"text is JSON too"');
    assert.equal(byMime.get('application/vnd.vega.v5+json'), '{"mark":"bar"}');
    assert.equal(byMime.get('application/vnd.custom'), '{"b":1}');
  });
});
