import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { call, failureOf, type HttpBench, jsonOf, textOf } from './bench.ts';

/** Redirects, retries and proxies. */
export function describeNetwork(bench: HttpBench): void {
  describe('that are redirected', () => {
    it('follow, with the method where the status says so', async () => {
      const server = await bench.serve(({ method, url, body }, response) => {
        const status = /^\/(30\d)$/.exec(url)?.[1];
        if (status) response.writeHead(Number(status), { location: '/end?x=1' }).end('moved');
        else
          response
            .setHeader('content-type', 'application/json')
            .end(JSON.stringify([method, url, String(body)]));
      });
      const body = { a: { type: 'integer' } };
      const tool = bench.endpoint(server.url, { method: 'POST', path: '/{status}', body });
      for (const status of [307, 308]) {
        assert.deepEqual(await jsonOf(tool, { status, a: 1 }), ['POST', '/end?x=1', '{"a":1}']);
      }
      for (const status of [301, 302, 303]) {
        assert.deepEqual(await jsonOf(tool, { status, a: 1 }), ['GET', '/end?x=1', '']);
      }
    });

    it('take nothing to another origin that says who asks', async () => {
      const other = await bench.serve((_, response) => response.end('there'));
      const server = await bench.serve(({ url }, response) => {
        response.writeHead(307, { location: url.startsWith('/a') ? '/b' : `${other.url}/c` }).end();
      });
      const tool = bench.endpoint(
        server.url,
        { path: '/a', headers: { 'X-Mine': null } },
        { headers: { Authorization: 'Bearer abc', Cookie: 'a=b', 'X-Key': 'k' }, query: { key: 'q' } },
      );
      assert.equal(await textOf(tool, { 'X-Mine': 'm' }), 'there');
      assert.equal(server.seen[1]?.headers.authorization, 'Bearer abc');
      const [seen] = other.seen;
      assert.equal(seen?.url, '/c');
      assert.deepEqual(Object.keys(seen?.headers ?? {}).sort(), [
        'accept',
        'accept-encoding',
        'connection',
        'host',
        'user-agent',
      ]);
    });

    it('stop where it goes round in circles', async () => {
      const server = await bench.serve((_, response) => response.writeHead(302, { location: '/' }).end());
      assert.match(await failureOf(call(bench.endpoint(server.url))), /redirects more than 10 times/);
      assert.equal(server.seen.length, 11);
    });

    it('do not follow to a file', async () => {
      const server = await bench.serve((_, response) =>
        response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      );
      assert.match(
        await failureOf(call(bench.endpoint(server.url))),
        /redirects to file:: that is not followed/,
      );
    });
  });

  describe('that are tried again', () => {
    const busyTwice = () => {
      let times = 0;
      return bench.serve((_, response) => {
        times++;
        if (times < 3) response.writeHead(503, { 'retry-after': '0' }).end('busy');
        else response.end('done');
      });
    };

    for (const method of ['GET', 'PUT', 'DELETE']) {
      it(`are ${method}`, async () => {
        const server = await busyTwice();
        const messages: string[] = [];
        const tool = bench.endpoint(server.url, { method });
        assert.equal(await textOf(tool, {}, { onProgress: (message) => messages.push(message) }), 'done');
        assert.equal(server.seen.length, 3);
        assert.match(messages[0] ?? '', /answered 503: asked again in 0\.0 s/);
      });
    }

    for (const method of ['POST', 'PATCH']) {
      it(`are not ${method}`, async () => {
        const server = await busyTwice();
        assert.match(
          await failureOf(call(bench.endpoint(server.url, { method }))),
          /503 Service Unavailable: busy/,
        );
        assert.equal(server.seen.length, 1);
      });
    }

    it('are those whose connection was lost, but for POST', async () => {
      const lost = await bench.serve((_, response) => response.socket?.destroy());
      for (const [method, times] of [
        ['GET', 3],
        ['POST', 4],
      ] as const) {
        const failure = await failureOf(call(bench.endpoint(lost.url, { method })));
        assert.match(failure, /ended the connection before it had answered/);
        assert.equal(lost.seen.length, times);
      }
    });

    it('are not those that would wait beyond the timeout', async () => {
      const server = await bench.serve((_, response) =>
        response.writeHead(503, { 'retry-after': '15' }).end(),
      );
      const failure = await failureOf(call(bench.endpoint(server.url, {}, { timeout: 5 })));
      assert.match(failure, /503 Service Unavailable\.\n.*Retry-After: 15/);
      assert.equal(server.seen.length, 1);
    });
  });

  describe('through a proxy', () => {
    /** A proxy that knows one host, whatever its name. */
    async function proxyTo(port: number, password?: string) {
      const seen: string[] = [];
      const refuses = (given: string | undefined) =>
        password !== undefined && given !== `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`;
      const server = http.createServer((request, response) => {
        seen.push(`${request.method} ${request.url}`);
        if (refuses(request.headers['proxy-authorization'])) {
          response.writeHead(407).end();
          return;
        }
        const { pathname, search } = new URL(request.url ?? '');
        const path = `${pathname}${search}`;
        const onward = http.request(
          { agent: false, port, path, method: request.method ?? 'GET' },
          (answer) => {
            response.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(response);
          },
        );
        request.pipe(onward);
      });
      server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
        seen.push(`CONNECT ${request.url}`);
        if (refuses(request.headers['proxy-authorization'])) {
          socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
          return;
        }
        const onward = net.connect(port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          onward.pipe(socket).pipe(onward);
        });
        onward.on('error', () => socket.destroy());
        socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
      });
      const { port: own } = await bench.listen(server);
      return { host: `127.0.0.1:${own}`, seen };
    }

    it('go what the setting sends there, unencrypted ones without a tunnel', async () => {
      const api = await bench.serve(({ url }, response) => response.end(url));
      const proxy = await proxyTo(api.port);
      const tool = bench.endpoint(
        'http://api.example',
        { path: '/a' },
        {},
        { proxy: `http://${proxy.host}` },
      );
      assert.equal(await textOf(tool), '/a');
      assert.deepEqual(proxy.seen, ['GET http://api.example/a']);
    });

    it('go encrypted ones in a tunnel', async () => {
      const api = await bench.serve((_, response) => response.end(), { tls: true });
      const proxy = await proxyTo(api.port);
      const tool = bench.endpoint('https://api.example', {}, {}, { proxy: `http://${proxy.host}` });
      const failure = await failureOf(call(tool));
      // Only this certificate is in the way.
      assert.match(failure, /certificate of api\.example is of an authority that is not trusted/);
      assert.deepEqual(proxy.seen, ['CONNECT api.example:443']);
    });

    it('goes nothing to this machine, unless the file of the tool says so', async () => {
      const api = await bench.serve(({ url }, response) => response.end(url));
      const proxy = await proxyTo(api.port);
      const set = { proxy: `http://${proxy.host}` };
      assert.equal(await textOf(bench.endpoint(api.url, { path: '/a' }, {}, set)), '/a');
      assert.deepEqual(proxy.seen, []);
      assert.equal(await textOf(bench.endpoint(api.url, { path: '/b' }, set)), '/b');
      assert.deepEqual(proxy.seen, [`GET ${api.url}/b`]);
    });

    it('go what the environment sends there', async () => {
      const api = await bench.serve(({ url }, response) => response.end(url));
      const proxy = await proxyTo(api.port);
      const kept = { ...process.env };
      process.env.http_proxy = `http://${proxy.host}`;
      process.env.no_proxy = 'other.example';
      try {
        assert.equal(await textOf(bench.endpoint('http://api.example', { path: '/a' })), '/a');
      } finally {
        for (const name of ['http_proxy', 'no_proxy']) {
          if (kept[name] === undefined) delete process.env[name];
          else process.env[name] = kept[name];
        }
      }
      assert.equal(proxy.seen.length, 1);
    });

    it('with a password, which no error shows', async () => {
      const api = await bench.serve((_, response) => response.end('here'));
      const proxy = await proxyTo(api.port, 's3cr3t');
      const through = (login: string) => ({ proxy: `http://${login}@${proxy.host}` });
      assert.equal(await textOf(bench.endpoint('http://api.example', {}, through('ann:s3cr3t'))), 'here');
      for (const url of ['http://api.example', 'https://api.example']) {
        const failure = await failureOf(call(bench.endpoint(url, {}, through('ann:wr0ng'))));
        assert.match(
          failure,
          /the proxy does not let the request through \(407 Proxy Authentication Required\)/,
        );
        assert.ok(failure.includes(proxy.host));
        assert.ok(!failure.includes('wr0ng'));
      }
    });

    it('say that the proxy is not there', async () => {
      const tool = bench.endpoint('http://api.example', {}, { proxy: 'http://ann:s3cr3t@127.0.0.1:1' });
      const failure = await failureOf(call(tool));
      assert.match(failure, /nothing listens at the proxy 127\.0\.0\.1:1\./);
      assert.ok(!failure.includes('s3cr3t'));
      const socks = bench.endpoint('http://api.example', {}, {}, { proxy: 'socks5://127.0.0.1:1' });
      assert.match(await failureOf(call(socks)), /The proxy for HTTP has an address that cannot be used/);
    });
  });
}
