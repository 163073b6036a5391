import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import type { McpTool } from '../../../src/core/tools/adapters/mcp/mcpTool.ts';
import { until } from '../../support/until.ts';
import { call, failed, type McpBench, textOf, untilState, variable } from './bench.ts';
import { EverythingServer, freePort, LoopbackServer } from './httpServers.ts';

const TRANSPORTS = [
  { mode: 'streamableHttp', transport: 'streamable_http', path: 'mcp' },
  { mode: 'sse', transport: 'sse', path: 'sse' },
] as const;

export function describeHttp(bench: McpBench): void {
  const define = (url: string, more: object = {}): McpTool =>
    bench.define(stringify({ name: 'remote', type: 'mcp', transport: 'http', url, ...more }));

  for (const { mode, transport, path } of TRANSPORTS) {
    describe(`a server over HTTP: ${transport}`, () => {
      let server: EverythingServer;
      before(async () => {
        server = await EverythingServer.start(mode);
      });
      after(() => server.kill());
      const tool = (more?: object) =>
        define(`http://127.0.0.1:${server.port}/${path}`, { transport, ...more });

      it('is called as one that is a program', async () => {
        const remote = tool();
        assert.equal(await textOf(remote, 'echo', { message: 'Ἑλλάς 😀' }), 'Echo: Ἑλλάς 😀');
        assert.match(remote.health.detail, /everything/);
        assert.equal(remote.health.state, 'running');
        const [first, ...others] = await Promise.all(
          Array.from({ length: 20 }, (_, count) => textOf(remote, 'get_sum', { a: count, b: 1 })),
        );
        assert.equal(first, 'The sum of 0 and 1 is 1.');
        assert.equal(others.length, 19);
        const callable = (await remote.describe()).callables[0]!;
        assert.equal(remote.commandLine({ callable }), `http://127.0.0.1:${server.port}/${path}: echo`);
      });

      it('says how far it is, and can be cancelled', async () => {
        const remote = tool({ timeout: 5 });
        const abort = new AbortController();
        const progress: string[] = [];
        const slow = call(
          remote,
          'trigger_long_running_operation',
          { duration: 100, steps: 200 },
          {
            signal: abort.signal,
            onProgress: (message) => {
              progress.push(message);
              if (progress.length === 2) abort.abort();
            },
          },
        );
        await assert.rejects(slow, failed(/was cancelled/, 'cancelled'));
        assert.deepEqual(progress, ['1 of 200', '2 of 200']);
      });

      it('is reached again after it was started anew', async () => {
        const remote = tool();
        assert.equal(await textOf(remote, 'echo', { message: '1' }), 'Echo: 1');
        await server.kill();
        server = await EverythingServer.start(mode, server.port);
        if (transport === 'sse') await untilState(remote, 'failed');
        assert.equal(await textOf(remote, 'echo', { message: '2' }), 'Echo: 2');
        assert.equal(remote.health.state, 'running');
      });

      it('fails the call that is under way when it dies', async () => {
        const remote = tool();
        await remote.describe();
        const slow = call(
          remote,
          'trigger_long_running_operation',
          { duration: 100, steps: 200 },
          { onProgress: () => void server.kill() },
        );
        await assert.rejects(slow, failed(/its MCP server can no longer be reached while it was under way/));
        await untilState(remote, 'failed');
        await assert.rejects(call(remote, 'echo', { message: '' }), failed(/can't be reached.*ECONN/));
        server = await EverythingServer.start(mode, server.port);
        assert.equal(await textOf(remote, 'echo', { message: '3' }), 'Echo: 3');
      });
    });

    describe(`what goes wrong over HTTP: ${transport}`, () => {
      it('is that nobody is there', async () => {
        const tool = define(`http://127.0.0.1:${await freePort()}/${path}`, { transport });
        await assert.rejects(tool.describe(), failed(/can't be reached: .*ECONNREFUSED.*\nStart it/));
        assert.equal(tool.health.state, 'failed');
      });

      for (const status of [401, 403]) {
        it(`is that it refuses us: ${status}`, async () => {
          await using server = await LoopbackServer.start((_request, response) => {
            response.writeHead(status, { 'content-type': 'text/plain' }).end('You said: wrong-token-value');
          });
          bench.environment.REMOTE_KEY = 'wrong-token-value';
          const headers = { Authorization: `Bearer ${variable('REMOTE_KEY')}` };
          const tool = define(`${server.origin}/${path}`, { transport, headers });
          await assert.rejects(
            tool.describe(),
            failed(
              new RegExp(
                `refuses us \\(HTTP ${status}\\)\\.\nIt is asked with \\$\\{REMOTE_KEY\\} \\(in its Authorization\\)`,
              ),
            ),
          );
          assert.equal(server.requests[0]?.headers.authorization, 'Bearer wrong-token-value');
          const said = [tool.server.log(), tool.health.detail, ...bench.lines].join('\n');
          assert.doesNotMatch(said, /wrong-token-value/);
        });
      }

      it('is a redirect to another place, which gets no header', async () => {
        await using other = await LoopbackServer.start((_request, response) => response.writeHead(200).end());
        await using server = await LoopbackServer.start((_request, response) => {
          response.writeHead(307, { location: `${other.origin}/${path}` }).end();
        });
        const tool = define(`${server.origin}/${path}`, { transport, headers: { 'X-Key': 'kept' } });
        await assert.rejects(tool.describe(), failed(/[Rr]edirect to .* not followed/));
        assert.equal(server.requests[0]?.headers['x-key'], 'kept');
        assert.deepEqual(other.requests, []);
      });

      it('is that it is no such server', async () => {
        await using server = await LoopbackServer.start((_request, response) => {
          response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>');
        });
        const tool = define(`${server.origin}/${path}`, { transport });
        await assert.rejects(tool.describe(), failed(/the transport in the definition of remote/));
      });

      it('is that it never answers', async () => {
        await using server = await LoopbackServer.start(() => undefined);
        const definition = stringify({
          name: 'mute',
          type: 'mcp',
          transport,
          url: `${server.origin}/${path}`,
        });
        const tool = bench.define(definition, {}, 500);
        await assert.rejects(tool.describe(), failed(/can't be reached: it was not ready within 0\.5 s/));
        await until('it is asked', () => server.requests.length > 0);
      });
    });
  }

  it('an address that is none is said to be none', async () => {
    await assert.rejects(define('not an address').describe(), failed(/Invalid URL/));
  });
}
