import assert from 'node:assert/strict';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { call, type HttpBench, jsonOf, textOf, variable } from './bench.ts';

/** What is sent, and what comes back. */
export function describeCalls(bench: HttpBench): void {
  describe('are sent', () => {
    it('with path, query, headers and JSON', async () => {
      const server = await bench.serve((_, response) =>
        response.setHeader('content-type', 'application/json').end('{}'),
      );
      const tool = bench.endpoint(`${server.url}/v1/`, {
        method: 'PUT',
        path: '/items/{id}',
        path_params: { id: { type: 'string' } },
        query: { tags: { type: 'array' }, page: { type: 'integer', default: 1 } },
        headers: { 'X-Request-Id': null },
        body: { title: { required: true }, done: { type: 'boolean' } },
      });
      assert.deepEqual(
        (await tool.describe()).callables[0]?.parameters.map(({ name, required }) => [name, required]),
        [
          ['id', true],
          ['title', true],
          ['tags', false],
          ['page', false],
          ['x_request_id', false],
          ['done', false],
        ],
      );
      await call(tool, { id: 'a/../ü', tags: ['x&y', 'z'], 'X-Request-Id': '7', title: 'Grüße 🌍' });
      const [seen] = server.seen;
      assert.equal(seen?.method, 'PUT');
      assert.equal(seen?.url, '/v1/items/a%2F..%2F%C3%BC?tags=x%26y&tags=z&page=1');
      assert.equal(seen?.headers['x-request-id'], '7');
      assert.equal(seen?.headers['content-type'], 'application/json');
      assert.equal(seen?.headers['user-agent'], 'python-code-mode/0.0.0');
      assert.deepEqual(JSON.parse(seen?.body.toString() ?? ''), { title: 'Grüße 🌍' });
    });

    it('with what is always sent, filled only then, and never in what a person is asked', async () => {
      bench.environment = { TOKEN: 's3cr3t-token', KEY: 'k/e y', PASSWORD: 'pass word' };
      const server = await bench.serve((_, response) => response.end());
      const tool = bench.endpoint(
        server.url,
        { path: '/a', query: { q: null, password: null } },
        {
          headers: { 'X-Token': `t ${variable('TOKEN')}` },
          query: { key: variable('KEY'), api_key: 'literal' },
        },
      );
      const [callable] = (await tool.describe()).callables;
      assert.ok(callable);
      const given = { q: variable('TOKEN') };
      assert.equal(
        tool.commandLine({ callable, arguments: { ...given, password: 'x' } }),
        `GET ${server.url}/a?key=${variable('KEY')}&api_key=***&q=%24%7BTOKEN%7D&password=***`,
      );
      await call(tool, given);
      const [seen] = server.seen;
      assert.equal(seen?.url, '/a?key=k%2Fe%20y&api_key=literal&q=%24%7BTOKEN%7D');
      assert.equal(seen?.headers['x-token'], 't s3cr3t-token');
    });

    it('with user and password', async () => {
      bench.environment = { PASSWORD: 'päss:word' };
      const server = await bench.serve((_, response) => response.end());
      const tool = bench.endpoint(
        server.url,
        {},
        { basic_auth: { username: 'ann', password: variable('PASSWORD') } },
      );
      await call(tool);
      const sent = server.seen[0]?.headers.authorization?.replace('Basic ', '') ?? '';
      assert.equal(Buffer.from(sent, 'base64').toString(), 'ann:päss:word');
    });

    it('as forms, with files of any bytes, as text and as bytes', async () => {
      const server = await bench.serve((_, response) => response.end());
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const method = 'POST';
      const tool = bench.define({
        base_url: server.url,
        endpoints: [
          { name: 'form', method, path: '', form: { a: null, b: { type: 'integer' } } },
          { name: 'files', method, path: '', multipart: { file: { type: 'bytes' }, title: null } },
          { name: 'text', method, path: '', whole_body: { type: 'text', content_type: 'text/csv' } },
          { name: 'raw', method, path: '', whole_body: { type: 'bytes' } },
        ],
      });
      await call(tool, { a: 'ü=&', b: 2 }, { name: 'form' });
      await call(tool, { file: bytes, title: 'T' }, { name: 'files' });
      await call(tool, { body: 'a,ü' }, { name: 'text' });
      await call(tool, { body: bytes }, { name: 'raw' });
      const [form, files, text, raw] = server.seen;
      assert.deepEqual(
        [...new URLSearchParams(form?.body.toString())],
        [
          ['a', 'ü=&'],
          ['b', '2'],
        ],
      );
      const received = await new Response(files?.body, {
        headers: { 'content-type': files?.headers['content-type'] ?? '' },
      }).formData();
      assert.equal(received.get('title'), 'T');
      const file = received.get('file');
      assert.ok(file instanceof Blob);
      assert.deepEqual(new Uint8Array(await file.arrayBuffer()), bytes);
      assert.deepEqual([text?.headers['content-type'], text?.body.toString()], ['text/csv', 'a,ü']);
      assert.deepEqual(new Uint8Array(raw?.body ?? []), bytes);
    });

    it('over connections that stay open, many at a time, and each caller gets its own answer', async () => {
      const server = await bench.serve(({ url }, response) => {
        setTimeout(() => response.end(url), Math.random() * 20);
      });
      const tool = bench.endpoint(server.url, { path: '/{n}', response: 'text' });
      for (let n = 0; n < 10; n++) assert.equal(await textOf(tool, { n }), `/${n}`);
      assert.ok(server.connections() < 5);
      const many = Array.from({ length: 200 }, (_, n) => n);
      const texts = await Promise.all(many.map((n) => textOf(tool, { n })));
      assert.deepEqual(
        texts,
        many.map((n) => `/${n}`),
      );
    });
  });

  describe('come back', () => {
    const answering = async (
      headers: Record<string, string>,
      body: string | Uint8Array,
      endpoint: object = {},
    ) => {
      const server = await bench.serve((_, response) => response.writeHead(200, headers).end(body));
      return bench.endpoint(server.url, endpoint);
    };
    const json = (type: string) => ({ 'content-type': type });

    for (const type of ['application/json', 'application/problem+json; charset=utf-8', 'text/json']) {
      it(`as JSON, by ${type}`, async () => {
        assert.deepEqual(await jsonOf(await answering(json(type), '{"ü": [1, null]}')), { ü: [1, null] });
      });
    }

    it('as JSON whose long integers keep their digits, in whatever charset it is', async () => {
      const text = '{"id": 12345678901234567890, "name": "ü"}';
      const utf8 = await call(await answering(json('application/json'), `\ufeff${text}`));
      assert.deepEqual(utf8, { type: 'jsonUtf8', bytes: Buffer.from(text) });
      const latin = await call(
        await answering(json('application/json; charset=latin1'), Buffer.from(text, 'latin1')),
      );
      assert.deepEqual(latin, { type: 'jsonUtf8', bytes: Buffer.from(text) });
    });

    it('as JSON where the file of the tool says so', async () => {
      const tool = await answering(json('text/html'), '[1]', { response: 'json' });
      assert.deepEqual(await jsonOf(tool), [1]);
    });

    it('as nothing where there is nothing', async () => {
      const server = await bench.serve((_, response) => response.writeHead(204).end());
      assert.deepEqual(await call(bench.endpoint(server.url)), { type: 'json', value: null });
      assert.equal(await jsonOf(await answering(json('application/json'), '')), null);
    });

    it('as text, by charset', async () => {
      const utf8 = await call(await answering(json('text/plain; charset=utf-8'), '\ufeffGrüße'));
      assert.deepEqual(utf8, { type: 'utf8', bytes: Buffer.from('Grüße') });
      const latin = Buffer.from('Grüße', 'latin1');
      assert.equal(await textOf(await answering(json('text/html; charset=ISO-8859-1'), latin)), 'Grüße');
      assert.equal(await textOf(await answering(json('text/plain'), latin)), 'Grüße');
      const utf16 = Buffer.from('\ufeffGrüße', 'utf16le');
      assert.equal(await textOf(await answering(json('text/plain; charset=utf-16'), utf16)), 'Grüße');
      assert.equal(await textOf(await answering(json('text/plain; charset=no-such'), 'Grüße')), 'Grüße');
    });

    it('as bytes', async () => {
      const bytes = Buffer.from([0, 255, 254, 1]);
      assert.deepEqual(await call(await answering(json('image/png'), bytes)), { type: 'bytes', bytes });
      assert.deepEqual(await call(await answering({}, bytes)), { type: 'bytes', bytes });
      assert.deepEqual(await call(await answering(json('text/plain'), bytes, { response: 'bytes' })), {
        type: 'bytes',
        bytes,
      });
      assert.deepEqual(await call(await answering({}, 'ü')), { type: 'utf8', bytes: Buffer.from('ü') });
    });

    const text = 'long enough to be packed '.repeat(1000);
    for (const [encoding, packed] of [
      ['gzip', gzipSync(text)],
      ['br', brotliCompressSync(text)],
      ['deflate', deflateSync(text)],
      ['deflate', deflateRawSync(text)],
      ['gzip, br', brotliCompressSync(gzipSync(text))],
      ['identity', Buffer.from(text)],
    ] as const) {
      it(`unpacked, from ${encoding}`, async () => {
        const tool = await answering({ 'content-type': 'text/plain', 'content-encoding': encoding }, packed);
        assert.equal(await textOf(tool), text);
      });
    }

    it('as status and headers, from HEAD', async () => {
      const server = await bench.serve((_, response) =>
        response.writeHead(200, { 'content-length': 7, 'x-a': 'b' }).end(),
      );
      const value = await jsonOf(bench.endpoint(server.url, { method: 'HEAD' }));
      assert.ok(typeof value === 'object' && value !== null && 'status' in value && 'headers' in value);
      assert.equal(value.status, 200);
      assert.deepEqual(
        Object.entries(value.headers ?? {}).filter(([name]) => name.startsWith('x-')),
        [['x-a', 'b']],
      );
    });

    it('from tools.NAME(...) where there is one endpoint', async () => {
      const tool = await answering(json('application/json'), '5');
      assert.equal(await jsonOf(tool, {}, { name: 'api' }), 5);
    });
  });
}
