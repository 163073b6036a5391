import assert from 'node:assert/strict';
import { wrapProse } from '../../src/ui/outputs/prose.ts';

describe('sentences for people', () => {
  it('are broken at their blanks', () => {
    const text = 'There is no Python here. '.repeat(20).trim();
    const lines = wrapProse(text).split('\n');
    assert.ok(lines.length > 1 && lines.every((line) => line.length <= 88), lines.join('\n'));
    assert.equal(lines.join(' '), text);
  });

  it('keep their lines, their indentation and what has no blanks', () => {
    const long = `/${'folder/'.repeat(20)}python`;
    assert.equal(wrapProse(`Not found:\n\n  ${long} is missing`), `Not found:\n\n \n${long}\nis missing`);
    assert.equal(wrapProse(''), '');
  });
});
