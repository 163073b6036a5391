import assert from 'node:assert/strict';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { until } from '../../support/until.ts';
import { call, failureOf, type HttpBench, textOf, variable } from './bench.ts';

/** What goes wrong, and what is said of it. */
export function describeFailures(bench: HttpBench): void {
  describe('that fail', () => {
    it('say status and reason, the beginning of the body and what to do, without secrets', async () => {
      bench.environment = { TOKEN: 's3cr/et "token"', KEY: 'k3y va/lue' };
      const server = await bench.serve(({ url, headers }, response) => {
        const echo = { url, headers, again: [headers.authorization, 's3cr%2Fet%20%22token%22'] };
        response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(echo));
      });
      const tool = bench.endpoint(
        server.url,
        { path: '/a' },
        {
          headers: { Authorization: `Bearer ${variable('TOKEN')}`, 'X-Api-Key': 'written-down' },
          query: { key: variable('KEY') },
        },
      );
      const failure = await failureOf(call(tool));
      assert.match(
        failure,
        /^GET http:\/\/127\.0\.0\.1:\d+\/a\?key=\$\{KEY\} answered 403 Forbidden: \{"url":/,
      );
      assert.match(failure, /Check TOKEN, KEY/);
      for (const secret of ['s3cr', 'token"', 'k3y', 'written-down']) {
        assert.ok(!failure.includes(secret), `${secret} in ${failure}`);
      }
      assert.ok(!bench.lines.join('\n').includes('s3cr'));
    });

    it('never show user and password', async () => {
      bench.environment = { PASSWORD: 'pass word' };
      const server = await bench.serve(({ headers }, response) => {
        const sent = headers.authorization ?? '';
        response.writeHead(401).end(`${sent} is ${Buffer.from(sent.slice(6), 'base64')}`);
      });
      const tool = bench.endpoint(
        server.url,
        {},
        { basic_auth: { username: 'ann', password: variable('PASSWORD') } },
      );
      const failure = await failureOf(call(tool));
      assert.match(failure, /answered 401 Unauthorized: /);
      assert.ok(!/pass word|YW5u/.test(failure), failure);
    });

    it('show a long body in part, and no bytes', async () => {
      const server = await bench.serve(({ url }, response) => {
        const type = url === '/text' ? 'text/plain' : 'image/png';
        response.writeHead(400, { 'content-type': type }).end('x'.repeat(5_000_000));
      });
      const tool = bench.endpoint(server.url, { path: '/{kind}' });
      const failure = await failureOf(call(tool, { kind: 'text' }));
      assert.match(failure, /answered 400 Bad Request: x{1000}…$/);
      assert.match(await failureOf(call(tool, { kind: 'bytes' })), /answered 400 Bad Request\.$/);
    });

    it('say how long to wait after too many calls', async () => {
      const server = await bench.serve((_, response) =>
        response.writeHead(429, { 'retry-after': '3600' }).end(),
      );
      assert.match(
        await failureOf(call(bench.endpoint(server.url))),
        /429 Too Many Requests\.\n.*Retry-After: 3600/,
      );
      assert.equal(server.seen.length, 1);
    });

    it('say that an answer is no JSON', async () => {
      const server = await bench.serve(({ url }, response) => {
        response
          .setHeader('content-type', url === '/page' ? 'text/html' : 'application/json')
          .end('<p>Hello</p>');
      });
      const tool = bench.endpoint(server.url, { path: '/{place}', response: 'json' });
      assert.match(
        await failureOf(call(tool, { place: 'page' })),
        /did not answer with JSON, but text\/html: <p>Hello/,
      );
      assert.match(await failureOf(call(tool, { place: 'json' })), /did not answer with JSON: <p>Hello/);
    });

    it('say that an answer is damaged, packed in an unknown way or ended too early', async () => {
      const packed = gzipSync('x'.repeat(100_000));
      const server = await bench.serve(({ url }, response) => {
        response.setHeader('content-type', 'text/plain');
        if (url === '/short') response.setHeader('content-encoding', 'gzip').end(packed.subarray(0, -20));
        else if (url === '/wrong') response.setHeader('content-encoding', 'gzip').end('no gzip at all');
        else if (url === '/unknown') response.setHeader('content-encoding', 'zstd').end('x');
        else {
          response.setHeader('content-length', 1000).write('x');
          setTimeout(() => response.destroy(), 20);
        }
      });
      const tool = bench.endpoint(server.url, { path: '/{what}' });
      const failure = (what: string) => failureOf(call(tool, { what }));
      assert.match(await failure('short'), /the answer is damaged/);
      assert.match(await failure('wrong'), /the answer is damaged/);
      assert.match(await failure('unknown'), /encoded as "zstd"/);
      assert.match(await failure('early'), /ended/);
    });
  });

  describe('that take too long', () => {
    it('end after the timeout, before an answer or within it, and their connection is closed', async () => {
      let closed = 0;
      const server = await bench.serve(({ url }, response) => {
        response.on('close', () => closed++);
        if (url === '/silent') return;
        response.writeHead(200, { 'content-type': 'text/plain' });
        const drip = setInterval(() => response.write('drop '), 10);
        response.on('close', () => clearInterval(drip));
      });
      const tool = bench.endpoint(server.url, { path: '/{what}' }, { timeout: 0.3 });
      for (const what of ['silent', 'slow']) {
        const failure = await failureOf(call(tool, { what }));
        assert.match(failure, /GET .*has not answered within 0\.3 seconds\.\n.*timeout/);
      }
      await until('the connections are closed', () => closed === 2);
    });

    it('end with their run, and their connection is closed', async () => {
      let closed = false;
      const server = await bench.serve((_, response) => {
        response.on('close', () => {
          closed = true;
        });
      });
      const run = new AbortController();
      const calling = failureOf(call(bench.endpoint(server.url), {}, { signal: run.signal }), 'cancelled');
      await until('the request has arrived', () => server.seen.length === 1);
      run.abort();
      assert.match(await calling, /was given up/);
      await until('the connection is closed', () => closed);
      assert.match(
        await failureOf(call(bench.endpoint(server.url), {}, { signal: run.signal }), 'cancelled'),
        /was given up/,
      );
      assert.equal(server.seen.length, 1);
    });

    it('end with their tool', async () => {
      const server = await bench.serve(() => undefined);
      const tool = bench.endpoint(server.url);
      const calling = failureOf(call(tool), 'closed');
      await until('the request has arrived', () => server.seen.length === 1);
      await tool[Symbol.asyncDispose]();
      await calling;
      await failureOf(call(tool), 'closed');
    });
  });

  describe('that give too much', () => {
    const limits = { maxResultBytes: 100_000 };
    const endless = (type: string, chunk: Uint8Array, encoding?: string) =>
      bench.serve((_, response) => {
        response.writeHead(200, { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) });
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more);
        more();
      });

    it('are cut with a mark where they are text, and the rest is not read', async () => {
      const server = await endless('text/plain', Buffer.from('ü'.repeat(5001)));
      const text = await textOf(bench.endpoint(server.url, {}, {}, limits));
      assert.match(
        text,
        /^ü{50000}\n\[… the answer ends here: it is longer than the 0\.1 MB that a call may give\]\n$/,
      );
    });

    for (const [type, chunk, encoding] of [
      ['application/json', Buffer.from('[1,'.repeat(10_000)), undefined],
      ['image/png', Buffer.alloc(50_000), undefined],
    ] as const) {
      it(`fail where they are ${type}`, async () => {
        const server = await endless(type, chunk, encoding);
        const failure = await failureOf(call(bench.endpoint(server.url, {}, {}, limits)));
        assert.match(failure, /answered with more than the 0\.1 MB that a call may give/);
      });
    }

    it('fail before anything is read where they say how long they are', async () => {
      const server = await bench.serve((_, response) => {
        response.writeHead(200, { 'content-type': 'image/png', 'content-length': 1e9 }).flushHeaders();
      });
      assert.match(
        await failureOf(call(bench.endpoint(server.url, {}, {}, limits))),
        /more than the 0\.1 MB/,
      );
    });

    it('are cut where a little becomes much', async () => {
      const packed = gzipSync(Buffer.alloc(50_000_000, 'a'));
      const server = await bench.serve((_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(packed);
      });
      const text = await textOf(bench.endpoint(server.url, {}, {}, limits));
      assert.equal(text.indexOf('\n'), 100_000);
    });
  });

  describe('that reach nobody', () => {
    it('say that nothing listens', async () => {
      const server = net.createServer();
      const { port } = await bench.listen(server);
      await new Promise((resolve) => server.close(resolve));
      const tool = bench.endpoint(`http://127.0.0.1:${port}`, { method: 'POST' });
      assert.match(
        await failureOf(call(tool)),
        new RegExp(`: nothing listens at 127\\.0\\.0\\.1:${port}\\.\\n`),
      );
      // Nothing was sent: it is tried again, POST too.
      assert.equal(bench.lines.length, 2);
    });

    it('say that a name is not known', async () => {
      const tool = bench.endpoint('http://nowhere.invalid/', {}, { proxy: 'none' });
      assert.match(
        await failureOf(call(tool)),
        /the name of nowhere\.invalid (?:is not known|could not be looked up)/,
      );
    });

    it('say that a certificate is not trusted', async () => {
      const server = await bench.serve((_, response) => response.end(), { tls: true });
      const failure = await failureOf(call(bench.endpoint(server.url)));
      assert.match(
        failure,
        /the certificate of 127\.0\.0\.1:\d+ is of an authority that is not trusted .*\n.*NODE_EXTRA_CA_CERTS/,
      );
      assert.equal(server.seen.length, 0);
    });

    it('say that a server speaks no TLS, and that one speaks no HTTP', async () => {
      const plain = await bench.serve((_, response) => response.end());
      const tls = bench.endpoint(plain.url.replace('http:', 'https:'));
      assert.match(await failureOf(call(tls)), /speaks no TLS that is understood here\.\n.*http:\/\//);
      const { port } = await bench.listen(net.createServer((socket) => socket.resume().end('SSH-2.0-x\r\n')));
      const failure = await failureOf(call(bench.endpoint(`http://127.0.0.1:${port}`, { method: 'POST' })));
      assert.match(failure, /does not answer in HTTP \(HPE_/);
    });

    it('say which header cannot be sent, not what is in it', async () => {
      bench.environment = { TOKEN: 'sec\r\nX-Evil: 1' };
      const server = await bench.serve((_, response) => response.end());
      const tool = bench.endpoint(server.url, {}, { headers: { 'X-Token': variable('TOKEN') } });
      const failure = await failureOf(call(tool));
      assert.match(failure, /The header X-Token has a line break/);
      assert.ok(!failure.includes('Evil'));
      assert.equal(server.seen.length, 0);
    });

    it('name what has no value', async () => {
      const server = await bench.serve((_, response) => response.end());
      const tool = bench.endpoint(server.url, {}, { headers: { 'X-Token': variable('NO_SUCH') } });
      assert.match(await failureOf(call(tool), 'settings'), /NO_SUCH/);
    });
  });
}
