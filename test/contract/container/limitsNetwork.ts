import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Capability } from '../../../src/core/contract/capability.ts';
import { assertUsable } from '../support/subject.ts';
import type { ContainerBench } from './bench.ts';
import { detail } from './limits.ts';

const FETCH = `
import urllib.error, urllib.request
def fetch(url):
    try:
        return urllib.request.urlopen(url, timeout=10).read().decode()
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return type(error).__name__
`;

/** What code in a container reaches. */
export function describeContainerNetwork(bench: ContainerBench): void {
  describe('the network', () => {
    it('is not there by default', async () => {
      const executor = await bench.start();
      assert.ok(executor.supports(Capability.NETWORK_ISOLATION), detail(executor.capabilityReport()));
      assert.ok(executor.supports(Capability.NETWORK_FILTERING));
      const seen = await bench.value(
        executor,
        `
import os, socket
def attempt(kind, address):
    try:
        socket.socket(kind, socket.SOCK_DGRAM).connect(address)
        return "there is a way"
    except OSError as error:
        return error.strerror
[attempt(socket.AF_INET, ("192.0.2.1", 9)), [name for name in os.environ if "proxy" in name.lower()]]`,
      );
      assert.deepEqual(seen, ['Network is unreachable', []]);
    });

    it('leads to domains that are allowed alone, through a proxy', async () => {
      await using server = await serve();
      // A name of this machine, which the list may name.
      const executor = await bench.start({ network: 'allowedDomains', allowedDomains: ['localhost'] });
      assert.equal(executor.supports(Capability.NETWORK_ISOLATION), false);
      assert.ok(executor.supports(Capability.NETWORK_FILTERING));
      const url = `http://localhost:${server.port}/`;
      const seen = await bench.value(
        executor,
        `${FETCH}
import os, socket
def raw(host):
    connection = socket.create_connection(("127.0.0.1", 3128), timeout=10)
    connection.sendall(f"CONNECT {host}:${server.port} HTTP/1.1\\r\\nHost: {host}\\r\\n\\r\\n".encode())
    answer = connection.makefile("rb").readline().decode().split(" ")[1]
    connection.close()
    return answer
def direct():
    try:
        socket.create_connection(("127.0.0.1", ${server.port}), timeout=3)
        return "connected"
    except OSError as error:
        return type(error).__name__
os.environ["NO_PROXY"] = os.environ["no_proxy"] = ""
[raw("localhost"), fetch("${url}"), fetch("http://example.invalid/"), raw("example.invalid"), raw("127.0.0.1"), direct()]`,
      );
      assert.deepEqual(seen, ['200', 'hello', 403, '403', '403', 'ConnectionRefusedError']);
    });

    it('carries large bodies in both directions, many at once', async () => {
      await using server = await serve();
      const executor = await bench.start({ network: 'allowedDomains', allowedDomains: ['localhost'] });
      const seen = await bench.value(
        executor,
        `
import concurrent.futures, os, urllib.request
os.environ["NO_PROXY"] = os.environ["no_proxy"] = ""
def echo(number):
    body = bytes([number]) * (3 << 20)
    return urllib.request.urlopen("http://localhost:${server.port}/echo", body, timeout=30).read() == body
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(echo, range(16)))
answers.count(True)`,
      );
      assert.equal(seen, 16);
      await assertUsable(executor);
    });

    it('is not limited to what is no domain: the start is refused', async () => {
      await assert.rejects(
        bench.start({ network: 'allowedDomains', allowedDomains: ['https://a.example/x'] }),
        {
          code: 'settings',
          message: /is not the name of a domain/,
        },
      );
    });

    it('is claimed by what the container has, whatever was asked for', async () => {
      // The engine's own default network may not be there on this machine; the machine's own is.
      const executor = await bench.start(await withArguments({ network: 'on' }, '--network=host'));
      assert.equal(executor.supports(Capability.NETWORK_ISOLATION), false);
      assert.equal(executor.supports(Capability.NETWORK_FILTERING), false);
      await using server = await serve();
      const url = `http://127.0.0.1:${server.port}/`;
      assert.equal(await bench.value(executor, `${FETCH}\nfetch("${url}")`), 'hello');
    });
  });
}

/** The settings of this machine with further arguments of `run`. */
export async function withArguments(
  settings: Record<string, unknown>,
  ...more: string[]
): Promise<Record<string, unknown>> {
  const { parsedContainerSettings } = await import('../../support/containers.ts');
  return { ...settings, runArguments: [...parsedContainerSettings().runArguments, ...more] };
}

/** A server of this machine: `hello`, and what it is sent at `/echo`. */
async function serve(): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((request, response) => {
    if (request.url?.endsWith('/echo')) request.pipe(response);
    else response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
