import assert from 'node:assert/strict';
import type { RunEvent } from '../../src/core/contract/execution.ts';
import { describeOmitted, JOURNAL_START, RunJournal } from '../../src/core/session/runs/journal.ts';

const out = (text: string): RunEvent => ({ kind: 'stdout', text });
const display = (displayId: string, text: string): RunEvent => ({
  kind: 'display',
  output: { data: { 'text/plain': text }, metadata: {}, displayId },
});
const update = (displayId: string, text: string): RunEvent => ({
  kind: 'updateDisplay',
  output: { data: { 'text/plain': text }, metadata: {}, displayId },
});
const all = (journal: RunJournal) => journal.read(JOURNAL_START, Number.POSITIVE_INFINITY).events;

describe('the journal of a run', () => {
  it('gives everything in order, text that follows text as one', () => {
    const journal = new RunJournal();
    for (const event of [out('a'), out('b'), { kind: 'stderr', text: 'c' } as const, out('d')]) {
      journal.append(event);
    }
    assert.deepEqual(all(journal), [out('ab'), { kind: 'stderr', text: 'c' }, out('d')]);
  });

  it('is read piece by piece, by each reader at its own pace, and no character is torn', () => {
    const journal = new RunJournal();
    const text = 'x🌍y🌍z'.repeat(20);
    for (const part of [text.slice(0, 7), text.slice(7, 60), text.slice(60)]) journal.append(out(part));
    const pieces: string[] = [];
    let position = JOURNAL_START;
    while (!journal.isAtEnd(position)) {
      const { events, next } = journal.read(position, 5);
      for (const event of events) if ('text' in event) pieces.push(event.text);
      position = next;
    }
    assert.equal(pieces.join(''), text);
    assert.ok(pieces.every((piece) => piece.length <= 7));
    assert.deepEqual(journal.read(position, 5).events, []);
    journal.append(out('more'));
    assert.deepEqual(journal.read(position, 5).events, [out('more')]);
  });

  it('leaves the oldest out past its bound, and says how much each reader has missed', () => {
    const journal = new RunJournal(10_000);
    for (let n = 0; n < 100; n++) journal.append(out('x'.repeat(1000)));
    assert.ok(journal.size <= 10_000);
    const [mark, ...rest] = all(journal);
    assert.ok(mark?.kind === 'omitted');
    const kept = rest.reduce((sum, event) => sum + ('text' in event ? event.text.length : 0), 0);
    assert.equal(mark.characters + kept, 100_000);
    assert.match(describeOmitted(mark), /9\d,000 characters of output left out/);
    const half = new RunJournal(10_000);
    half.append(out('x'.repeat(1000)));
    const { next } = half.read(JOURNAL_START, 400);
    for (let n = 0; n < 100; n++) half.append(out('y'.repeat(1000)));
    const [missed, ...left] = half.read(next, Number.POSITIVE_INFINITY).events;
    assert.ok(missed?.kind === 'omitted');
    assert.equal(400 + missed.characters + (left[0] as { text: string }).text.length, 101_000);
  });

  it('keeps the newest event, however large it is', () => {
    const journal = new RunJournal(1000);
    journal.append(out('old'));
    journal.append(out('x'.repeat(5000)));
    const [mark, newest] = all(journal);
    assert.deepEqual(mark, { kind: 'omitted', characters: 3, displays: 0 });
    assert.equal((newest as { text: string }).text.length, 5000);
  });

  it('keeps a display that is updated ten thousand times once', () => {
    const journal = new RunJournal(1_500_000);
    journal.append(display('progress', '0'));
    let { next } = journal.read(JOURNAL_START, 1000);
    for (let n = 1; n <= 10_000; n++) {
      journal.append(update('progress', String(n)));
      if (n === 5000) next = journal.read(next, 100_000).next;
    }
    assert.deepEqual(all(journal), [display('progress', '10000'), update('progress', '10000')]);
    assert.deepEqual(journal.read(next, 1000).events, [update('progress', '10000')]);
  });

  it("keeps updates of displays that are another run's", () => {
    const journal = new RunJournal();
    journal.append(update('elsewhere', '1'));
    journal.append(update('elsewhere', '2'));
    assert.deepEqual(all(journal), [update('elsewhere', '1'), update('elsewhere', '2')]);
  });

  it('is empty once it is cleared', () => {
    const journal = new RunJournal();
    journal.append(out('text'));
    const { next } = journal.read(JOURNAL_START, 2);
    journal.clear();
    assert.equal(journal.size, 0);
    assert.deepEqual(journal.read(next, 100).events, [{ kind: 'omitted', characters: 2, displays: 0 }]);
  });
});
