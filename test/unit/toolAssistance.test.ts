import assert from 'node:assert/strict';
import { adapterTypes } from '../../src/core/tools/adapters/index.ts';
import { completionsAt, hoverAt } from '../../src/core/tools/definition/assistance.ts';
import { toolSchema } from '../../src/core/tools/definition/toolSchema.ts';
import { yamlPlace } from '../../src/core/tools/definition/yamlPlace.ts';

/** A text with `|` for the cursor. */
function cut(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf('|');
  assert.ok(offset >= 0);
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

function place(marked: string): string {
  const { text, offset } = cut(marked);
  const found = yamlPlace(text, offset);
  return found
    ? `${found.kind} ${found.path.join('.')} after "${text.slice(0, found.start).split('\n').at(-1)}"`
    : 'nothing';
}

function labels(marked: string): string[] {
  const { text, offset } = cut(marked);
  return completionsAt(text, offset).items.map(({ label }) => label);
}

function inserted(marked: string, label: string): string | undefined {
  const { text, offset } = cut(marked);
  return completionsAt(text, offset).items.find((item) => item.label === label)?.insert;
}

const HEAD = 'name: jq\ntype: cli\n';
const SCHEMA = `schema:
  options:
    raw: {type: boolean, description: Plain}
    indent: {type: integer}
  positional:
    - {name: filter}
    - name: file
`;

describe('a place in YAML', () => {
  it('is found by the lines above', () => {
    for (const [marked, found] of [
      ['|', 'key  after ""'],
      ['name: a\nde|', 'key  after ""'],
      ['schema:\n  |', 'key schema after "  "'],
      ['schema:\n  options:\n    raw:\n      ty|', 'key schema.options.raw after "      "'],
      [
        'schema:\n  options:\n    raw:\n      type: bo|',
        'value schema.options.raw.type after "      type: "',
      ],
      ['schema:\n  positional:\n    - name: a\n      ty|', 'key schema.positional.0 after "      "'],
      ['schema:\n  positional:\n    - name: a\n    - na|', 'key schema.positional.1 after "    - "'],
      [
        'schema:\n  positional:\n  - name: a\n  # why\n\n  - name: b\n    |',
        'key schema.positional.1 after "    "',
      ],
      ['a:\n- b\n- c\nd: |', 'value d after "d: "'],
      ['"a b":\n  \'c\': |', 'value a b.c after "  \'c\': "'],
      ['a:\r\n  b: |', 'value a.b after "  b: "'],
      ['type:|', 'nothing'],
      ['# na|', 'nothing'],
      ['description: |', 'value description after "description: "'],
    ] as const) {
      assert.equal(place(marked), found, marked);
    }
  });

  it('is found in braces and brackets', () => {
    for (const [marked, found] of [
      ['raw: {|', 'key raw after "raw: {"'],
      ['raw: {type: bo|', 'value raw.type after "raw: {type: "'],
      ['raw: {type: boolean, sh|', 'key raw after "raw: {type: boolean, "'],
      ['params: {url: {}, data: {de|', 'key params.data after "params: {url: {}, data: {"'],
      ['- {name: a, ty|', 'key 0 after "- {name: a, "'],
      ['list: [a, b|', 'value list.1 after "list: [a, "'],
      ['raw: {type: boolean}|', 'nothing'],
      ['raw: {description: "a, b|', 'nothing'],
      ['raw: {a: b} # {|', 'nothing'],
    ] as const) {
      assert.equal(place(marked), found, marked);
    }
  });

  it('is nowhere in a text of several lines', () => {
    const { text } = cut('description: X\n  one\n  two |');
    const block = text.replace('X', '>-');
    assert.equal(yamlPlace(block, block.length), undefined);
    const after = `${block}\nta`;
    assert.equal(yamlPlace(after, after.length)?.kind, 'key');
  });
});

describe('completion in a tool file', () => {
  it('offers the keys that are not there yet', () => {
    const found = labels(`${HEAD}|`);
    for (const key of ['description', 'tags', 'command', 'timeout', 'schema', 'recipes']) {
      assert.ok(found.includes(key), key);
    }
    assert.ok(!found.includes('name') && !found.includes('type') && !found.includes('transport'));
    assert.ok(labels('type: mcp\n|').includes('transport'));
    assert.ok(labels(`${HEAD}recipes:\n  get:\n    pr|`).includes('preset'));
    assert.ok(labels(`${HEAD}schema:\n  options:\n    raw: {ty|`).includes('type'));
    assert.deepEqual(labels(`${HEAD}schema:\n  options:\n    |`), []);
  });

  it('leaves room for what a key takes', () => {
    assert.equal(inserted(`${HEAD}|`, 'command'), 'command: ');
    assert.equal(inserted(`${HEAD}|`, 'schema'), 'schema:\n  ');
    assert.equal(inserted(`${HEAD}schema:\n  |`, 'positional'), 'positional:\n    - ');
    assert.equal(inserted(`${HEAD}schema:\n  options:\n    raw: {|`, 'short'), 'short: ');
  });

  it('offers values where they are counted', () => {
    assert.ok(labels('name: x\ntype: |').includes('mcp'));
    assert.ok(labels(`${HEAD}schema:\n  options:\n    raw: {type: |`).includes('integer'));
    assert.deepEqual(labels(`${HEAD}schema:\n  options:\n    raw:\n      required: |`), ['true', 'false']);
    assert.ok(labels('type: mcp\ntransport: st|').includes('stdio'));
    assert.deepEqual(labels(`${HEAD}command: |`), []);
    assert.deepEqual(labels('type: mcp\nenv: {KEY: $|'), []);
  });

  it('offers the parameters of the schema to recipes', () => {
    assert.deepEqual(labels(`${HEAD}${SCHEMA}recipes:\n  get:\n    params:\n      |`), [
      'raw',
      'indent',
      'filter',
      'file',
    ]);
    assert.deepEqual(labels(`${HEAD}${SCHEMA}recipes:\n  get:\n    preset: {raw: yes, |`), [
      'indent',
      'filter',
      'file',
    ]);
    assert.deepEqual(labels(`${HEAD}${SCHEMA}recipes:\n  get:\n    preset:\n      raw: |`), [
      'true',
      'false',
    ]);
    assert.equal(inserted(`${HEAD}${SCHEMA}recipes:\n  get:\n    params:\n      |`, 'file'), 'file: {}');
  });

  it('says what a key is for', () => {
    const { text, offset } = cut(`${HEAD}${SCHEMA}recipes:\n  get:\n    pre|set: {raw: yes}\n`);
    const hover = hoverAt(text, offset);
    assert.ok(hover && hover.markdown.length > 10);
    assert.equal(text.slice(hover.start, hover.end), 'preset');
    assert.match(hoverAt('type: mcp\ntransport: stdio\n', 12)?.markdown ?? '', /`stdio`/);
    assert.equal(hoverAt(text, text.indexOf('yes')), undefined);
    assert.equal(hoverAt('name: [', 7), undefined);
  });
});

describe('the JSON schema of tool files', () => {
  it('knows every kind, and has all that it refers to', () => {
    const schema = toolSchema() as { definitions: Record<string, unknown> };
    for (const type of adapterTypes) assert.ok(schema.definitions[type], type);
    const references = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/gu)];
    assert.ok(references.length >= adapterTypes.length);
    for (const [, name] of references) assert.ok(schema.definitions[name!], name);
  });
});
