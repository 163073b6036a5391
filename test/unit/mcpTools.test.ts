import assert from 'node:assert/strict';
import { ToolFailedError } from '../../src/core/contract/errors.ts';
import { McpConfigSchema } from '../../src/core/tools/adapters/mcp/config.ts';
import { describeTools } from '../../src/core/tools/adapters/mcp/describe.ts';
import { mcpAdapter } from '../../src/core/tools/adapters/mcp/index.ts';
import { LineReader } from '../../src/core/tools/adapters/mcp/lineReader.ts';
import { outcomeOf } from '../../src/core/tools/adapters/mcp/results.ts';
import { inlineReferences, typeOf } from '../../src/core/tools/adapters/mcp/schemas.ts';
import { ServerLog } from '../../src/core/tools/adapters/mcp/serverLog.ts';

describe('the definition of an MCP tool', () => {
  const problemsOf = (config: object) =>
    mcpAdapter
      .check(McpConfigSchema.parse({ name: 'x', type: 'mcp', ...config }))
      .map(({ severity, message }) => `${severity}: ${message}`);

  it('says where the server is', () => {
    assert.deepEqual(problemsOf({ command: 'npx' }), []);
    for (const transport of ['sse', 'http', 'streamable_http', 'streamable-http']) {
      assert.deepEqual(problemsOf({ transport, url: 'http://localhost' }), []);
      assert.match(problemsOf({ transport }).join(), /^error: `url` is missing/);
    }
    assert.match(problemsOf({}).join(), /^error: `command` is missing/);
    assert.match(problemsOf({ command: 'a', url: 'b' }).join(), /^warning: .*`url` is not used/);
    assert.match(problemsOf({ transport: 'sse', command: 'a', url: 'b' }).join(), /^warning: .*not used/);
  });

  it('refuses what can not be kept', () => {
    for (const wrong of [{ timeout: 0 }, { transport: 'carrier-pigeon' }, { args: 'one two' }, { env: [] }]) {
      assert.equal(McpConfigSchema.safeParse({ name: 'x', type: 'mcp', ...wrong }).success, false);
    }
  });
});

describe('what an MCP server lists', () => {
  it('has names that Python can say, each one of its own', () => {
    const names = ['a-b', 'a_b', 'a.b', 'from', 'a_b_2', '2d', 'a_b'];
    const { callables } = describeTools(names.map((name) => ({ name, inputSchema: {} })));
    assert.deepEqual(
      callables.map(({ name }) => name),
      ['a_b_3', 'a_b', 'a_b_4', 'from_', 'a_b_2', '_2d', 'a_b_5'],
    );
    assert.deepEqual(
      callables.map(({ originalName }) => originalName),
      names,
    );
  });

  it('may leave out nearly everything', () => {
    const { callables } = describeTools([
      { name: 'x', description: null },
      { name: 'y', title: 'Why' },
    ]);
    assert.deepEqual(callables, [
      { name: 'x', originalName: 'x', description: '', parameters: [], returns: 'any' },
      { name: 'y', originalName: 'y', description: 'Why', parameters: [], returns: 'any' },
    ]);
  });

  it('has types that are one or any', () => {
    const types = [
      [{}, 'any'],
      [{ type: 'string' }, 'string'],
      [{ type: ['integer', 'null'] }, 'integer'],
      [{ type: ['integer', 'number'] }, 'number'],
      [{ type: ['string', 'integer'] }, 'any'],
      [{ anyOf: [{ type: 'null' }, { type: 'array' }] }, 'array'],
      [{ oneOf: [{ type: 'string' }, { enum: ['a'] }] }, 'string'],
      [{ anyOf: [{ type: 'string' }, {}] }, 'any'],
      [{ allOf: [{ description: 'x' }, { type: 'boolean' }] }, 'boolean'],
      [{ const: 1.5 }, 'number'],
      [{ enum: ['a', null] }, 'string'],
      [{ enum: ['a', 1] }, 'any'],
      [{ properties: {} }, 'object'],
      [{ type: 'null' }, 'any'],
    ] as const;
    for (const [schema, type] of types) assert.equal(typeOf(schema), type, JSON.stringify(schema));
  });

  it('is told without references, however they go round', () => {
    const root = {
      $defs: {
        'a/b': { type: 'string' },
        Tree: {
          type: 'object',
          properties: { left: { $ref: '#/$defs/Tree' }, name: { $ref: '#/$defs/a~1b' } },
        },
        Many: { anyOf: Array.from({ length: 30 }, () => ({ $ref: '#/$defs/More' })) },
        More: { anyOf: Array.from({ length: 30 }, () => ({ $ref: '#/$defs/a~1b' })) },
      },
    };
    assert.deepEqual(inlineReferences({ $ref: '#/$defs/Tree', description: 'A tree' }, root), {
      type: 'object',
      properties: { left: {}, name: { type: 'string' } },
      description: 'A tree',
    });
    assert.deepEqual(inlineReferences({ $ref: 'https://example.com/x' }, root), {});
    assert.deepEqual(inlineReferences({ $ref: '#/$defs/None/x' }, root), {});
    assert.ok(JSON.stringify(inlineReferences({ $ref: '#/$defs/Many' }, root)).length < 20_000);
    assert.deepEqual(inlineReferences({ properties: { $ref: { type: 'string' } } }, root), {
      properties: { $ref: { type: 'string' } },
    });
  });
});

describe('what an MCP server gives', () => {
  it('is cut where all of it together is too much', () => {
    const content = [
      { type: 'text', text: 'a'.repeat(50) },
      { type: 'image', data: Buffer.alloc(40).toString('base64') },
      { type: 'text', text: 'ä'.repeat(50) },
    ];
    const parts = outcomeOf({ content }, false, 101);
    assert.ok(Array.isArray(parts));
    assert.deepEqual(parts[2], {
      type: 'text',
      text: `${'ä'.repeat(5)}\n[… 90 more bytes of this result were cut off]`,
    });
    assert.throws(() => outcomeOf({ content }, false, 89), ToolFailedError);
  });

  it('is handed on as it is where it is of a kind that is not known', () => {
    const content = [{ type: 'hologram', data: 'x', extra: 1 }];
    assert.deepEqual(outcomeOf({ content }, false, 1000), { type: 'json', value: content[0] });
  });

  it('is text where the structure that was promised is missing', () => {
    const content = [{ type: 'text', text: '{}' }];
    assert.deepEqual(outcomeOf({ content }, true, 1000), { type: 'text', text: '{}' });
  });
});

describe('lines of a server', () => {
  it('are whole, however they arrive', () => {
    const lines: string[] = [];
    let tooLong = 0;
    const reader = new LineReader(
      (line) => lines.push(line),
      10,
      () => {
        tooLong += 1;
      },
    );
    const bytes = Buffer.from('ä\r\n\nsecond\nmuch too long\nthird');
    for (const byte of bytes) reader.push(Buffer.of(byte));
    reader.end();
    assert.deepEqual(lines, ['ä', 'second', 'third']);
    assert.equal(tooLong, 1);
    reader.push(Buffer.from('a\nb\nmuch too long again\nc\n'));
    assert.deepEqual(lines.slice(3), ['a', 'b', 'c']);
  });

  it('are kept as far as 256 KiB go, the newest', () => {
    const log = new ServerLog();
    for (let count = 0; count < 10_000; count += 1) log.add(`line ${count} ${'ä'.repeat(50)}`);
    log.add('x'.repeat(100_000));
    const text = log.text();
    assert.ok(Buffer.byteLength(text) <= 256 * 1024);
    assert.match(text, /line 9999 /);
    assert.doesNotMatch(text, /line 1 /);
  });
});
