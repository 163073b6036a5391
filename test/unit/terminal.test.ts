import assert from 'node:assert/strict';
import { TerminalText } from '../../src/ui/outputs/terminal.ts';

/** What stands there after all pieces were written. */
function shown(...pieces: string[]): string {
  const terminal = new TerminalText();
  let text = '';
  for (const piece of pieces) {
    const patch = terminal.write(piece);
    text = text.slice(0, text.length - patch.drop) + patch.text;
  }
  return text;
}

const without = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, '');

describe('printed text', () => {
  it('is kept as it is where nothing moves', () => {
    assert.equal(shown('a\nb', 'c\n', '', '\n\x1b[31mred\x1b[0m\n'), 'a\nbc\n\n\x1b[31mred\x1b[0m\n');
  });

  it('only grows while nothing is overwritten', () => {
    const terminal = new TerminalText();
    assert.deepEqual(terminal.write('one\n'), { drop: 0, text: 'one\n' });
    assert.deepEqual(terminal.write('two'), { drop: 0, text: 'two' });
  });

  it('is overwritten after a carriage return', () => {
    assert.equal(shown('10%\r20%\r100%\ndone'), '100%\ndone');
    assert.equal(shown('longer\rab'), 'abnger');
    assert.equal(shown('x\n 10%|#   |', '\r 20%|##  |', '\r100%|####|', '\n'), 'x\n100%|####|\n');
  });

  it('says how much of it goes when it is overwritten', () => {
    const terminal = new TerminalText();
    terminal.write('keep\n10%');
    assert.deepEqual(terminal.write('\r12%'), { drop: 2, text: '2%' });
  });

  it('keeps lines that end the Windows way', () => {
    assert.equal(shown('a\r\nb\r\n'), 'a\nb\n');
    assert.equal(shown('a\r', '\nb\r', '\n'), 'a\nb\n');
  });

  it('moves back with a backspace', () => {
    assert.equal(shown('|\b/\b-'), '-');
    assert.equal(shown('ab\b\b\b\bX'), 'Xb');
    assert.equal(shown('a\n\bX'), 'a\nX');
  });

  it('follows the cursor movements of nested progress bars', () => {
    assert.equal(shown('outer 0\n', 'inner 0', '\x1b[A\router 1\n', '\rinner 1'), 'outer 1\ninner 1');
    assert.equal(shown('abc\x1b[2Dx'), 'axc');
    assert.equal(shown('abc\x1b[1GX'), 'Xbc');
    assert.equal(shown('first\nsecond\x1b[A\x1b[2K\rnew'), 'new\nsecond');
    assert.equal(shown('progress\x1b[2K\rdone'), 'done');
    assert.equal(shown('abcdef\x1b[3D\x1b[K'), 'abc');
  });

  it('keeps the colours of what is left', () => {
    assert.equal(shown('\x1b[31mred\x1b[0m plain\rRED'), 'RED plain');
    assert.equal(shown('abc\r\x1b[32mX\x1b[0m'), '\x1b[32mX\x1b[0mbc');
    const line = shown('\x1b[31mall red\rb');
    assert.equal(without(line), 'bll red');
    assert.equal(line, '\x1b[31mbll red');
  });

  it('waits for the rest of an escape sequence', () => {
    assert.equal(shown('a\x1b', '[3', '1mb\x1b[0m'), 'a\x1b[31mb\x1b[0m');
    assert.equal(shown('abc\x1b[', '2Dx'), 'axc');
  });

  it('does not tear characters outside the basic plane', () => {
    assert.equal(shown('😀😀\r🎉'), '🎉😀');
    const terminal = new TerminalText();
    terminal.write('😀');
    const patch = terminal.write('\r😁');
    assert.deepEqual(patch, { drop: 2, text: '😁' });
  });

  it('comes out the same however it is cut into pieces', () => {
    const text = 'one\n\x1b[31mtwo\rT\x1b[0m\nab\b\bxyz\x1b[A\rup\x1b[K\n\rdown\r\nend 😀\r12';
    const whole = without(shown(text));
    for (let size = 1; size < 7; size++) {
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      assert.equal(without(shown(...pieces)), whole, `in pieces of ${size}`);
    }
  });

  it('stays exact far beyond what can be overwritten', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join('');
    assert.equal(shown(lines, 'x\ry\n', lines), `${lines}y\n${lines}`);
    assert.equal(shown('z'.repeat(100_000), '!\n'), `${'z'.repeat(100_000)}!\n`);
  });

  it('takes a flood of small pieces in its stride', () => {
    const terminal = new TerminalText();
    const start = performance.now();
    for (let index = 0; index < 100_000; index++) terminal.write(`line ${index}\n`);
    for (let index = 0; index < 20_000; index++) terminal.write(`\r${index} of 20000`);
    assert.ok(performance.now() - start < 3_000);
  });
});
