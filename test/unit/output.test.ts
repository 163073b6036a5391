import assert from 'node:assert/strict';
import type { RunEventMessage } from '../../src/core/connection/messages.ts';
import { OutputCollector } from '../../src/core/connection/output.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const stdout: RunEventMessage = { type: 'event', run: 1, kind: 'stdout' };

function display(displayId: string | undefined, text: string): RunEventMessage {
  return {
    type: 'event',
    run: 1,
    kind: 'display',
    data: { 'text/plain': text },
    binary: {},
    metadata: {},
    ...(displayId === undefined ? {} : { displayId }),
  };
}

describe('the output of a run', () => {
  it('keeps a character whole whose bytes come in two pieces', () => {
    const collector = new OutputCollector(1000);
    const [first, second] = [bytes('é').subarray(0, 1), bytes('é').subarray(1)];
    assert.equal(collector.accept(stdout, [first]), undefined);
    assert.deepEqual(collector.accept(stdout, [second]), { kind: 'stdout', text: 'é' });
    assert.equal(collector.gathered().stdout, 'é');
  });

  it('keeps beginning and end past its bound and counts what is missing', () => {
    const collector = new OutputCollector(100);
    for (let index = 0; index < 1000; index += 1)
      collector.accept(stdout, [bytes(`${index}\n`.padStart(5, '0'))]);
    const { stdout: kept } = collector.gathered();
    assert.match(kept, /^0000\n/);
    assert.match(kept, /0999\n$/);
    const missing = Number(/… ([\d,]+) characters left out …/.exec(kept)?.[1]?.replaceAll(',', ''));
    assert.equal(missing, 5000 - 100);
  });

  it('loses nothing below its bound', () => {
    const collector = new OutputCollector(1_000_000);
    let whole = '';
    for (let index = 0; index < 5000; index += 1) {
      whole += `line ${index}\n`;
      collector.accept(stdout, [bytes(`line ${index}\n`)]);
    }
    assert.equal(collector.gathered().stdout, whole);
  });

  it('applies updates to what was displayed under that id, and to nothing else', () => {
    const collector = new OutputCollector(100);
    collector.accept(display('a', 'one'), []);
    collector.accept(display(undefined, 'two'), []);
    collector.accept(
      { ...display('a', 'three'), kind: 'updateDisplay', displayId: 'a' } as RunEventMessage,
      [],
    );
    assert.deepEqual(
      collector.gathered().displays.map((output) => output.data['text/plain']),
      ['three', 'two'],
    );
  });

  it('clears displays at once, or when the next output comes', () => {
    const collector = new OutputCollector(100);
    collector.accept(display(undefined, 'one'), []);
    collector.accept({ type: 'event', run: 1, kind: 'clearOutput', wait: true }, []);
    assert.equal(collector.gathered().displays.length, 1);
    collector.accept(display(undefined, 'two'), []);
    assert.deepEqual(
      collector.gathered().displays.map((output) => output.data['text/plain']),
      ['two'],
    );
    collector.accept({ type: 'event', run: 1, kind: 'clearOutput', wait: false }, []);
    assert.equal(collector.gathered().displays.length, 0);
  });

  it('takes binary representations from the buffers', () => {
    const collector = new OutputCollector(100);
    const event = collector.accept(
      {
        type: 'event',
        run: 1,
        kind: 'display',
        data: { 'text/plain': 'x' },
        binary: { 'image/png': 0 },
        metadata: {},
      },
      [new Uint8Array([1, 2])],
    );
    assert.ok(event?.kind === 'display');
    assert.deepEqual(event.output.data['image/png'], new Uint8Array([1, 2]));
  });
});
