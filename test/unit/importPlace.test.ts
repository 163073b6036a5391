import assert from 'node:assert/strict';
import { importPlace } from '../../src/ui/missing/importPlace.ts';

describe('the statement that imports a module', () => {
  const find = (text: string, module = 'six', range?: { startLine: number; endLine: number }) => {
    const lines = text.split('\n');
    const place = importPlace(lines, module, range ?? { startLine: 0, endLine: lines.length - 1 });
    if (!place) return undefined;
    assert.equal(lines[place.line]?.slice(place.startCharacter, place.endCharacter), module);
    return [place.line, place.startCharacter];
  };

  const FOUND: Readonly<Record<string, readonly number[]>> = {
    'import six': [0, 7],
    '\n\n    import six as s': [2, 11],
    'from six.moves import urllib': [0, 5],
    'from six import (\n  moves,\n)': [0, 5],
    'import os, json as j, six': [0, 22],
    'import os.path as p, six.moves': [0, 21],
    'x = 1; import six': [0, 14],
    'try: import six': [0, 12],
    '# import six\nimport six': [1, 7],
  };
  for (const [text, place] of Object.entries(FOUND)) {
    it(`is found: ${JSON.stringify(text)}`, () => assert.deepEqual(find(text), place));
  }

  const NOT_FOUND = [
    'import sixth',
    'from sixty import six',
    'import os as six',
    '# import six',
    'print("; import six")',
    "importlib.import_module('six')",
    'from . import six',
  ];
  for (const text of NOT_FOUND) {
    it(`is not taken for one: ${JSON.stringify(text)}`, () => assert.equal(find(text), undefined));
  }

  it('is looked for in the lines that ran', () => {
    assert.deepEqual(find('import six\nimport six', 'six', { startLine: 1, endLine: 1 }), [1, 7]);
  });

  it('may have letters of any script', () => {
    assert.deepEqual(find('from größe import x', 'größe'), [0, 5]);
    assert.equal(find('import größen', 'größe'), undefined);
  });
});
