import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../support/until.ts';
import { PROJECT_FOLDER } from '../support/subject.ts';
import { call, failureOf, type HttpBench, jsonOf, variable } from './bench.ts';

/** The document of a public API (MIT). */
const PUBLIC_DOCUMENT = path.join(PROJECT_FOLDER, 'node_modules/@figma/rest-api-spec/openapi/openapi.yaml');

const small = (...names: string[]) =>
  JSON.stringify({
    openapi: '3.0.3',
    servers: [{ url: 'https://api.example' }],
    paths: Object.fromEntries(names.map((name) => [`/${name}`, { get: { operationId: name } }])),
  });

/** Tools of OpenAPI documents. */
export function describeDocuments(bench: HttpBench): void {
  describe('of the document of a public API', () => {
    it('are all there, and are sent as it says', async () => {
      bench.environment = { FIGMA_TOKEN: 'figd_s3cr3t' };
      const text = readFileSync(PUBLIC_DOCUMENT);
      const server = await bench.serve(({ method, url, body }, response) => {
        if (url === '/openapi.yaml') response.end(text);
        else {
          const sent = body.length > 0 ? (JSON.parse(body.toString()) as unknown) : null;
          response.setHeader('content-type', 'application/json').end(JSON.stringify({ method, url, sent }));
        }
      });
      const tool = bench.define({
        openapi: { document: `${server.url}/openapi.yaml` },
        base_url: server.url,
        headers: { 'X-Figma-Token': variable('FIGMA_TOKEN') },
      });
      const { callables } = await tool.describe();
      assert.deepEqual(bench.lines, []);
      assert.equal(callables.length, text.toString().match(/^\s+operationId:/gm)?.length);
      assert.equal(new Set(callables.map(({ name }) => name)).size, callables.length);
      for (const { name, description, parameters } of callables) {
        assert.match(name, /^[a-z][a-z0-9_]*$/);
        assert.notEqual(description, '', name);
        for (const parameter of parameters) assert.match(parameter.name, /^[a-z][a-z0-9_]*$/);
      }
      assert.deepEqual(
        await jsonOf(tool, { file_key: 'a/b', ids: '1:2,3:4', scale: 0.5 }, { name: 'get_images' }),
        {
          method: 'GET',
          url: '/v1/images/a%2Fb?ids=1%3A2%2C3%3A4&scale=0.5',
          sent: null,
        },
      );
      assert.deepEqual(await jsonOf(tool, { file_key: 'k', message: 'Hello' }, { name: 'post_comment' }), {
        method: 'POST',
        url: '/v1/files/k/comments',
        sent: { message: 'Hello' },
      });
      assert.equal(server.seen[1]?.headers['x-figma-token'], 'figd_s3cr3t');
      const getMe = callables.find(({ name }) => name === 'get_me');
      assert.ok(getMe);
      assert.equal(tool.commandLine({ callable: getMe, arguments: {} }), `GET ${server.url}/v1/me`);
    });
  });

  describe('of a document', () => {
    const define = (more: object = {}) => bench.define({ openapi: { document: 'doc/small.json' }, ...more });
    const write = (text: string) => {
      writeFileSync(path.join(bench.folder, 'small.json'), text);
    };
    const names = async (tool: ReturnType<typeof define>) =>
      (await tool.describe()).callables.map(({ name }) => name);

    it('in a file follow its changes, and stay where it breaks', async () => {
      write(small('one', 'two'));
      const tool = bench.define({ openapi: { document: 'small.json' } });
      let changes = 0;
      tool.onDidChange(() => changes++);
      assert.equal(tool.known, undefined);
      assert.deepEqual(await names(tool), ['one', 'two']);
      assert.deepEqual(await names(tool), ['one', 'two']);
      assert.equal(changes, 1);
      write(small('one', 'two', 'three'));
      assert.deepEqual(await names(tool), ['one', 'two', 'three']);
      write('{"openapi": "3.0.0", "paths": ');
      assert.deepEqual(await names(tool), ['one', 'two', 'three']);
      assert.equal(tool.health.state, 'failed');
      assert.match(tool.health.detail, /small\.json can't be read/);
      await names(tool);
      assert.equal(tool.health.state, 'failed');
      write(small('four'));
      assert.deepEqual(await names(tool), ['four']);
      assert.equal(tool.health.state, 'ready');
      assert.equal(changes, 4);
    });

    it('are called as they were described, also where the document has changed since', async () => {
      const server = await bench.serve(({ url }, response) => response.end(url));
      write(small('one'));
      const tool = bench.define({ openapi: { document: 'small.json' }, base_url: server.url });
      const [callable] = (await tool.describe()).callables;
      assert.ok(callable);
      const request = { callable, arguments: {}, signal: new AbortController().signal, onProgress: () => {} };
      write(small('two'));
      assert.deepEqual(await tool.call(request), { type: 'utf8', bytes: Buffer.from('/one') });
      await until('the change is noticed', () => tool.known?.callables[0]?.name === 'two');
      assert.equal(tool.commandLine(request), `GET ${server.url}/one`);
      assert.deepEqual(await tool.call(request), { type: 'utf8', bytes: Buffer.from('/one') });
      const other = { ...request, callable: { ...callable } };
      assert.match(await failureOf(tool.call(other)), /has no one any more/);
    });

    it('that is not there are named with it', async () => {
      const failure = await failureOf(define().describe());
      assert.match(failure, /The OpenAPI document .*small\.json is not there/);
    });

    it('from the network send their secrets to the host of base_url alone', async () => {
      bench.environment = { TOKEN: 's3cr3t' };
      const server = await bench.serve((_, response) => response.setHeader('etag', '"1"').end(small('one')));
      const openapi = { document: `${server.url}/openapi.json` };
      const headers = { 'X-Token': variable('TOKEN') };
      await bench.define({ openapi, headers, base_url: server.url }).describe();
      await bench.define({ openapi, headers, base_url: 'https://api.example' }).describe();
      assert.deepEqual(
        server.seen.map((seen) => seen.headers['x-token']),
        ['s3cr3t', undefined],
      );
      const tool = bench.define({ openapi, headers });
      const failure = await failureOf(tool.describe());
      assert.match(
        failure,
        /not sent there only because a document from elsewhere says so.* base_url: https:\/\/api\.example/,
      );
    });

    it('from the network that cannot be had say so', async () => {
      const server = await bench.serve((_, response) => response.writeHead(404).end());
      const tool = bench.define({ openapi: { document: `${server.url}/openapi.json` } });
      assert.match(await failureOf(tool.describe()), /openapi\.json: the server answered 404/);
      assert.equal(tool.health.state, 'failed');
      await assert.rejects(call(tool));
    });
  });
}
