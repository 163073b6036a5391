import assert from 'node:assert/strict';
import path from 'node:path';
import type { ToolOutcome } from '../../../src/core/tools/tool.ts';
import { until } from '../../support/until.ts';
import { call, callableOf, EVERYTHING, failed, LAB, type McpBench, textOf, variable } from './bench.ts';

const PIXEL = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff]);

function bytesOf(outcome: ToolOutcome | undefined): Uint8Array {
  assert.ok(outcome && 'type' in outcome && outcome.type === 'bytes', JSON.stringify(outcome));
  return outcome.bytes;
}

export function describeCalls(bench: McpBench): void {
  describe('what a server can do', () => {
    it('is listed, page by page, with names that Python can say', async () => {
      const { callables, direct } = await bench.node(LAB).describe();
      assert.equal(direct, null);
      const names = callables.map(({ name, originalName }) => [name, originalName]);
      assert.deepEqual(names.slice(0, 5), [
        ['say', 'say'],
        ['get_x_2', 'get-x'],
        ['get_x', 'get_x'],
        ['class_', 'class'],
        ['size_of', 'size-of'],
      ]);
      assert.ok(names.some(([name]) => name === 'die'));
    });

    it('has parameters with their types, choices, defaults and schemas', async () => {
      const { parameters, returns, description } = await callableOf(bench.node(LAB), 'paint');
      assert.equal(description, 'Does paint');
      assert.equal(returns, 'any');
      const colour = { type: 'string', enum: ['red', 'green'], description: 'Of the paint' };
      assert.deepEqual(parameters[0], {
        name: 'colour',
        originalName: 'colour',
        type: 'string',
        description: 'Of the paint',
        required: true,
        schema: colour,
      });
      const [, width, , , shape, lineStyle] = parameters;
      assert.equal(width?.description, 'Width');
      assert.equal(width?.default, null);
      assert.deepEqual(shape?.schema, {
        type: 'object',
        properties: { corners: { type: 'integer' }, inner: {} },
      });
      assert.equal(lineStyle?.name, 'line_style');
      assert.equal(lineStyle?.originalName, 'line-style');
      assert.equal(lineStyle?.default, 'solid');
      assert.deepEqual(
        parameters.map(({ type }) => type),
        ['string', 'integer', 'number', 'any', 'object', 'string'],
      );
      assert.equal((await callableOf(bench.node(LAB), 'weather')).returns, 'object');
    });

    it('is followed when it changes', async () => {
      const tool = bench.node(LAB);
      await call(tool, 'learn', { name: 'new-trick' });
      await until('it is listed', () =>
        Boolean(tool.known?.callables.some(({ name }) => name === 'new_trick')),
      );
      assert.equal(await textOf(tool, 'new_trick'), 'new-trick was learnt');
      assert.deepEqual(bench.descriptions.get(tool.definition.digest), tool.known);
    });

    it('is known of the public server that lists more once it knows who asks', async () => {
      const tool = bench.node(EVERYTHING);
      assert.ok(await callableOf(tool, 'get_sum'));
      await until('it has seen our roots', () =>
        Boolean(tool.known?.callables.some(({ name }) => name === 'get_roots_list')),
      );
      await until('it has asked for them', () => /roots/i.test(tool.server.log()));
      assert.match(await textOf(tool, 'get_roots_list'), new RegExp(`file://${bench.folder}`));
      // What needs a model or a form is not offered to who has none.
      assert.equal(
        tool.known?.callables.some(({ name }) => /sampling|elicitation/.test(name)),
        false,
      );
    });
  });

  describe('a call', () => {
    it('says what would be run, without secrets', async () => {
      bench.environment.LAB_KEY = 'very-secret-word';
      const tool = bench.node(LAB, {
        name: 'lab',
        env: { KEY: variable('LAB_KEY') },
        args: [LAB, `--key=${variable('LAB_KEY')}`],
      });
      const callable = await callableOf(tool, 'get_x');
      const line = tool.commandLine({ callable });
      assert.ok(line.startsWith(`KEY='${variable('LAB_KEY')}' `), line);
      assert.ok(line.endsWith(`'--key=${variable('LAB_KEY')}': get_x`), line);
      assert.equal(await textOf(tool, 'environment', { name: 'KEY' }), 'very-secret-word');
      await call(tool, 'complain', { text: 'the key is very-secret-word' });
      await until('it is in the log', () => tool.server.log().includes('the key is'));
      assert.doesNotMatch(tool.server.log() + bench.lines.join('\n'), /very-secret-word/);
    });

    it('has text in any script, and bytes as base64', async () => {
      const tool = bench.node(LAB);
      const text = 'Ἑλλάς 日本 \u{1f600} "quoted"\nline two\u2028';
      assert.equal(await textOf(tool, 'say', { text }), text);
      assert.equal(await textOf(tool, 'size-of', { data: new Uint8Array(1234).subarray(34) }), '1200');
    });

    it('gives what the server gives, in its order', async () => {
      const tool = bench.node(LAB);
      assert.deepEqual(await call(tool, 'weather'), { type: 'json', value: { degrees: 21 } });
      assert.deepEqual(await call(tool, 'nothing'), { type: 'json', value: null });
      const mixed = await call(tool, 'mixed');
      assert.ok(Array.isArray(mixed));
      assert.deepEqual(
        mixed.map(({ type }) => type),
        ['text', 'bytes', 'text', 'bytes', 'json'],
      );
      assert.deepEqual(mixed[0], { type: 'text', text: 'one\ntwo' });
      assert.deepEqual(Buffer.from(bytesOf(mixed[1])), PIXEL);
      assert.deepEqual(mixed[2], { type: 'text', text: 'embedded' });
      assert.deepEqual(Buffer.from(bytesOf(mixed[3])), PIXEL);
      assert.deepEqual(mixed[4], {
        type: 'json',
        value: { type: 'resource_link', uri: 'memo://c', name: 'link' },
      });
    });

    it('gives pictures, structures and links of the public server', async () => {
      const tool = bench.node(EVERYTHING);
      const picture = await call(tool, 'get_tiny_image');
      assert.ok(Array.isArray(picture));
      assert.equal(Buffer.from(bytesOf(picture[1])).subarray(1, 4).toString(), 'PNG');
      assert.deepEqual(await call(tool, 'get_structured_content', { location: 'Chicago' }), {
        type: 'json',
        value: { temperature: 36, conditions: 'Light rain / drizzle', humidity: 82 },
      });
      assert.equal(await textOf(tool, 'get_sum', { a: 1, b: 2 }), 'The sum of 1 and 2 is 3.');
      const links = await call(tool, 'get_resource_links', { count: 2 });
      assert.ok(Array.isArray(links));
      assert.deepEqual(
        links.map(({ type }) => type),
        ['text', 'json', 'json'],
      );
    });

    it('that the tool answers with an error fails with its words', async () => {
      const tool = bench.node(LAB);
      await assert.rejects(call(tool, 'fail'), failed(/^tools\.lab\.fail failed: It is Sunday\.$/));
      const callable = { ...(await callableOf(tool, 'say')), originalName: 'sing' };
      const { signal } = new AbortController();
      await assert.rejects(
        tool.call({ callable, arguments: {}, signal, onProgress: () => undefined }),
        failed(/tools\.lab\.say failed: There is no tool sing/),
      );
    });

    it('says how far it is, and waits as long as it says so', async () => {
      const tool = bench.node(EVERYTHING, { timeout: 2 });
      const progress: string[] = [];
      const done = await textOf(
        tool,
        'trigger_long_running_operation',
        { duration: 4, steps: 4 },
        { onProgress: (message) => progress.push(message) },
      );
      assert.match(done, /completed/);
      assert.deepEqual(progress, ['1 of 4', '2 of 4', '3 of 4', '4 of 4']);
    });

    it('fails when its time is over, and the server hears that', async () => {
      const tool = bench.node(LAB, { timeout: 0.3 });
      await assert.rejects(
        call(tool, 'hang'),
        failed(/no answer and no progress for 0\.3 s\.\nIf it may take longer/),
      );
      await until('the server has heard it', () => tool.server.log().includes('a call was cancelled'));
      assert.equal(await textOf(tool, 'say', { text: 'on' }), 'on');
    });

    it('is cancelled at once, and the server hears that', async () => {
      const tool = bench.node(LAB);
      const abort = new AbortController();
      const messages: string[] = [];
      const hung = call(
        tool,
        'hang',
        {},
        {
          signal: abort.signal,
          onProgress: (message) => {
            messages.push(message);
            abort.abort(new Error('interrupted'));
          },
        },
      );
      await assert.rejects(hung, failed(/tools\.lab\.hang was cancelled/, 'cancelled'));
      assert.deepEqual(messages, ['waiting (1 of 9)']);
      await until('the server has heard it', () => tool.server.log().includes('a call was cancelled'));
    });

    it('is one of many', async () => {
      const tool = bench.node(LAB);
      const said = await Promise.all(
        Array.from({ length: 50 }, (_, i) => textOf(tool, 'say', { text: `${i}` })),
      );
      assert.deepEqual(
        said,
        Array.from({ length: 50 }, (_, i) => `${i}`),
      );
    });

    it('leaves nothing behind on the signal of its run', async () => {
      const tool = bench.node(LAB);
      const { signal } = new AbortController();
      for (let count = 0; count < 20; count += 1) await textOf(tool, 'say', { text: '' }, { signal });
    });

    it('gives a large text whole, or cut with a mark', async () => {
      const whole = await textOf(bench.node(LAB), 'text', { of: 'ä', characters: 10_000_000 });
      assert.equal(whole.length, 10_000_000);
      const cut = await textOf(bench.node(LAB, {}, { maxResultBytes: 1001 }), 'text', {
        of: 'ä',
        characters: 2000,
      });
      assert.equal(cut, `${'ä'.repeat(500)}\n[… 3,000 more bytes of this result were cut off]`);
    });

    it('gives large binary data whole, or fails', async () => {
      const whole = bytesOf(await call(bench.node(LAB), 'binary', { bytes: 8_000_000 }));
      assert.equal(whole.byteLength, 8_000_000);
      await assert.rejects(
        call(bench.node(LAB, {}, { maxResultBytes: 100 }), 'binary', { bytes: 101 }),
        failed(/has 101 bytes of binary data, which is more than a call may give \(100\)/),
      );
    });

    it('is not disturbed by what a server prints', async () => {
      const tool = bench.node(LAB);
      assert.equal(await textOf(tool, 'chat'), 'chatted');
      assert.match(tool.server.log(), /no message\) This is no message\./);
      assert.match(tool.server.log(), /The lab is open\./);
      assert.ok(bench.lines.some((line) => /^MCP server of lab: \| The lab is open\.$/.test(line)));
    });

    it('runs in the workspace folder, or where the definition says', async () => {
      assert.equal(await textOf(bench.node(LAB), 'folder'), bench.folder);
      assert.equal(
        await textOf(bench.node(LAB, { cwd: `${variable('workspaceFolder')}/..` }), 'folder'),
        path.dirname(bench.folder),
      );
    });

    it('has an environment without what looks like a secret, unless the definition gives it', async () => {
      process.env.CODE_TEST_API_KEY = 'hidden';
      process.env.CODE_TEST_PLAIN = 'seen';
      try {
        const tool = bench.node(LAB, { env: { NUMBER: 5 } });
        assert.equal(await textOf(tool, 'environment', { name: 'CODE_TEST_API_KEY' }), '(not set)');
        assert.equal(await textOf(tool, 'environment', { name: 'CODE_TEST_PLAIN' }), 'seen');
        assert.equal(await textOf(tool, 'environment', { name: 'NUMBER' }), '5');
      } finally {
        delete process.env.CODE_TEST_API_KEY;
        delete process.env.CODE_TEST_PLAIN;
      }
    });

    it('asks for what a definition names and nobody has', async () => {
      const tool = bench.node(LAB, { env: { KEY: variable('NOBODY_HAS_THIS') } });
      await assert.rejects(tool.describe(), failed(/needs \$\{NOBODY_HAS_THIS\}/, 'settings'));
    });
  });
}
