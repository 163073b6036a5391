import assert from 'node:assert/strict';
import { toolNameProblem } from '../../src/core/tools/definition/common.ts';
import { parseToolDefinition } from '../../src/core/tools/definition/index.ts';
import { nearestWord } from '../../src/core/tools/definition/suggestion.ts';

const JQ = `name: jq
description: Query JSON
tags: [json]
timeout: 30
schema:
  options:
    raw: {type: boolean, short: r, description: Plain strings}
  positional:
    - {name: filter, type: string, required: true}
recipes:
  query:
    description: Ask
    preset: {raw: yes}
    params: {filter: {}}
`;

/** What is wrong with a text: each problem with what it is said of. */
function problemsOf(text: string): string[] {
  const { problems } = parseToolDefinition(text, '/base/tools/x.yaml');
  return problems.map(
    ({ severity, message, start, end }) => `${severity} at "${text.slice(start, end)}": ${message}`,
  );
}

/** {@link JQ} with something else in a place of it. */
function changed(from: string, to: string): string {
  assert.ok(JQ.includes(from));
  return JQ.replace(from, to);
}

describe('the definition of a tool', () => {
  it('is read from YAML, without a type as a program', () => {
    const tool = parseToolDefinition(JQ, '/base/tools/query.yaml');
    assert.deepEqual(tool.problems, []);
    assert.equal(tool.entry, 'query.yaml');
    assert.equal(tool.name, 'jq');
    const { definition } = tool;
    assert.ok(definition);
    assert.equal(definition.type, 'cli');
    assert.equal(definition.file, '/base/tools/query.yaml');
    assert.deepEqual(definition.config.tags, ['json']);
    assert.match(definition.digest, /^[0-9a-f]{64}$/);
  });

  it('has a digest of what it says, not of how it is written', () => {
    const digest = (text: string) => parseToolDefinition(text).definition?.digest;
    assert.equal(digest(changed('tags: [json]', 'tags:\n- json # a comment')), digest(JQ));
    assert.equal(
      digest(JSON.stringify({ name: 'a', recipes: { b: {} } })),
      digest('name: a\nrecipes: {b: {}}'),
    );
    assert.notEqual(digest(changed('30', '31')), digest(JQ));
  });

  it('says what is wrong in a sentence, and of what', () => {
    assert.deepEqual(problemsOf(changed('timeout: 30', 'timeout: soon')), [
      'error at "soon": A timeout is a number of seconds.',
    ]);
    assert.deepEqual(problemsOf(changed('tags: [json]', 'tags: json')), [
      'error at "json": `tags` is a list, not text.',
    ]);
    assert.deepEqual(problemsOf(changed('name: jq', 'name: 3')), [
      'error at "3": `name` is text, not a number.',
    ]);
    assert.deepEqual(problemsOf(changed('name: jq\n', '')), ['error at "description": `name` is missing.']);
    assert.deepEqual(problemsOf(changed('name: jq', 'name: my-tool')), [
      'error at "my-tool": "my-tool" cannot name a tool: use a Python identifier, such as my_tool.',
    ]);
    assert.match(
      problemsOf(changed('name: jq', 'type: mpc\nname: jq')).join(),
      /^error at "mpc": `type` is .*cli/,
    );
    assert.match(
      problemsOf(changed('name: jq', 'type: [x]\nname: jq')).join(),
      /`type` is .*cli.*, not a list\.$/,
    );
    assert.deepEqual(problemsOf('- a\n- b\n'), ['error at "- a": A tool is a mapping, such as `name: jq`.']);
    assert.match(problemsOf('').join('\n'), /^error at "": `name` is missing\./);
  });

  it('says of several types which they are', () => {
    assert.deepEqual(problemsOf(changed('preset: {raw: yes}', 'preset: {raw: {a: 1}}')), [
      'error at "raw": `recipes.query.preset.raw` is text, a number, true or false, a list or nothing, not a mapping.',
    ]);
    assert.deepEqual(problemsOf(changed('{name: filter, type: string, required: true}', '{type: string}')), [
      'error at "{type: string}": `schema.positional[0].name` is missing.',
    ]);
    assert.deepEqual(problemsOf(changed('    raw:', '    "":')), [
      `error at """": "" can't be a key of \`schema.options\`.`,
    ]);
    assert.match(problemsOf(changed('type: boolean', 'type: bolean'))[0]!, /Did you mean boolean\?$/);
  });

  it('takes a key with nothing behind it for one that is not there', () => {
    assert.deepEqual(problemsOf(changed('description: Query JSON', 'description:')), []);
  });

  it('warns of keys that nothing reads, and can be used', () => {
    const text = changed('description: Query', 'desciption: Query');
    assert.deepEqual(problemsOf(text), [
      'warning at "desciption": `desciption` is no key that is known here. Did you mean `description`?',
    ]);
    assert.ok(parseToolDefinition(text).definition);
    assert.deepEqual(problemsOf(changed('short: r', 'shrt: r')), [
      'warning at "shrt": `schema.options.raw.shrt` is no key that is known here. Did you mean `short`?',
    ]);
    assert.deepEqual(problemsOf(`${JQ}x-team: {a: 1}\n`), [
      'warning at "x-team": `x-team` is no key that is known here. It is not used.',
    ]);
  });

  it('says where the YAML is broken', () => {
    assert.deepEqual(problemsOf('name: jq\n\tdescription: x\n').slice(0, 1), [
      'error at "\t": Lines are indented by blanks in YAML, not by tabs.',
    ]);
    assert.match(problemsOf('name: [\n').join(), /^error at /);
    assert.match(problemsOf('name: "jq\n').join(), /^error at .*quote/s);
    assert.deepEqual(problemsOf(changed('timeout: 30', 'timeout: 30\ntimeout: 40')), [
      'warning at "timeout": `timeout` is there twice; the last one counts.',
    ]);
    assert.match(problemsOf(`${JQ}? [a]\n: b\n`).join(), /A key is text/);
  });

  it('finds its way through aliases, merges and flow mappings', () => {
    const text = `x: &base {description: 3}\n${changed('description: Query JSON', '<<: *base')}`;
    assert.match(
      problemsOf(text).join('\n'),
      /^error at .*`description` is text, not a number\.\nwarning at "x"/,
    );
    assert.match(problemsOf(changed('required: true', 'required: maybe')).join(), /^error at "maybe"/);
  });

  it('never throws, whatever the text', () => {
    const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
    for (let level = 1; level < 12; level += 1) {
      bomb.push(
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join()}]`,
      );
    }
    assert.match(problemsOf(bomb.join('\n')).join(), /aliases of aliases/);
    assert.match(problemsOf('['.repeat(200_000)).join(), /nested too deeply/);
    assert.match(problemsOf(`description: ${'x'.repeat(1024 * 1024)}`).join(), /at most 1 MiB/);
    for (const text of [
      '\u0000',
      '%',
      '--- a\n--- b',
      '*nobody',
      '__proto__: {a: 1}',
      'a: .inf',
      '!!binary x: y',
    ]) {
      assert.ok(problemsOf(text).length > 0, text);
      assert.equal(parseToolDefinition(text).definition, undefined);
    }
  });
});

describe('the name of a tool', () => {
  it('is one that Python code can say', () => {
    for (const name of ['jq', 'web_search', 'größe', 'x2']) assert.equal(toolNameProblem(name), undefined);
    for (const name of ['', 'a-b', '2fa', 'class', 'list', 'search', '_x', '__class__', 'a b', 'ﬁ']) {
      assert.ok(toolNameProblem(name)?.startsWith(`${JSON.stringify(name)} cannot name a tool`), name);
    }
    assert.match(toolNameProblem('2fa')!, /such as 2fa|such as web_search|such as _2fa/);
  });
});

describe('a word that is not known', () => {
  it('is taken for one that is near', () => {
    const known = ['description', 'timeout', 'tags', 'type'];
    for (const [word, meant] of [
      ['desciption', 'description'],
      ['time_out', 'timeout'],
      ['Tags', 'tags'],
      ['tpye', 'type'],
      ['tag', 'tags'],
      ['colour', undefined],
      ['x', undefined],
    ] as const) {
      assert.equal(nearestWord(word, known), meant, word);
    }
  });
});
