import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { until } from '../../support/until.ts';
import { assertUsable, type Subject } from '../support/subject.ts';
import { ToolSessions } from '../support/toolSessions.ts';

/** HTTP APIs, called by Python. */
export function describeHttpTools(subject: Subject): void {
  describe('HTTP APIs', () => {
    const sessions = new ToolSessions(subject);
    sessions.install();
    let server: Server;
    /** Requests that are not answered, and how many of those were given up. */
    let waiting = 0;
    let givenUp = 0;

    before(async () => {
      server = createServer(async (request, response) => {
        const { method, url = '' } = request;
        const body = await buffer(request);
        const json = (text: string, status = 200) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(text);
        if (url === '/wait') {
          waiting++;
          response.on('close', () => givenUp++);
        } else if (url === '/number') json('{"id": 12345678901234567890, "share": 0.5}');
        else if (url === '/echo') response.setHeader('content-type', 'application/octet-stream').end(body);
        else if (url === '/text') response.setHeader('content-type', 'text/plain').end('Grüße');
        else if (url === '/none') response.writeHead(204).end();
        else if (url === '/teapot') json('{"error": "short and stout"}', 418);
        else json(JSON.stringify({ method, url, body: body.toString() }));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const body = { title: { required: true }, count: { type: 'integer' } };
      await sessions.define(
        'web',
        stringify({
          name: 'web',
          type: 'http',
          base_url: `http://127.0.0.1:${port}`,
          endpoints: [
            { name: 'item', path: '/items/{item-id}', path_params: { 'item-id': null }, query: { q: null } },
            { name: 'add', method: 'POST', path: '/items', body },
            { name: 'echo', method: 'POST', path: '/echo', whole_body: { type: 'bytes' } },
            ...['wait', 'number', 'text', 'none', 'teapot'].map((name) => ({ name, path: `/${name}` })),
          ],
        }),
      );
    });
    after(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it('give JSON, text, bytes and nothing', async () => {
      const code = `
data = bytes(range(256)) * 1000
[
    tools.web.item(item_id="a/ü", q="x y")["url"], tools.web.item(**{"item-id": "1"})["url"],
    tools.web.add(title="Grüße", count=3)["body"], tools.web.text(), tools.web.none(),
    str(tools.web.number()["id"]), tools.web.number()["share"], tools.web.echo(body=data) == data,
]`;
      assert.deepEqual(await sessions.value(code), [
        '/items/a%2F%C3%BC?q=x%20y',
        '/items/1',
        '{"title":"Grüße","count":3}',
        'Grüße',
        null,
        '12345678901234567890',
        0.5,
        true,
      ]);
    });

    it('answer many calls at once', async () => {
      const code = `
import asyncio
values = await asyncio.gather(*(tools.web.item.call_async(item_id=str(i)) for i in range(200)))
[value["url"] for value in values] == [f"/items/{i}" for i in range(200)]`;
      assert.equal(await sessions.value(code), true);
    });

    it('fail with what the server says', async () => {
      await sessions.failure(
        'tools.web.teapot()',
        'ToolError',
        /answered 418 I'm a Teapot: .*short and stout/,
      );
      await sessions.failure('tools.web.item(item_id="..")', 'ToolArgumentsError', /lead to another place/);
    });

    it('are given up with their run', async () => {
      const running = sessions.executor.run('tools.web.wait()');
      await until('the request has arrived', () => waiting === 1);
      await sessions.executor.interrupt();
      assert.equal((await running).status, 'interrupted');
      await until('its connection is closed', () => givenUp === 1);
      await assertUsable(sessions.executor);
    });
  });
}
