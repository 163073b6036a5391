import { createServer } from 'node:net';
import type { Executor } from '../../contract/executor.ts';
import { failed, HANG_S, oneLine, type ProbeResult, passed } from './outcome.ts';

/** No packet of Python leaves: none reaches even this machine. */
export async function probeNetworkIsolation(executor: Executor): Promise<ProbeResult> {
  await using server = await listenLocally();
  const result = await executor.run(networkAttempts('127.0.0.1', server.port), { timeoutS: HANG_S / 2 });
  if (result.status !== 'ok') return failed(`the attempts to connect ended as "${result.status}"`);
  if (server.connections > 0) return failed(`${server.connections} connection(s) reached a local server`);
  const route = await findRoute(executor);
  return route === undefined
    ? passed(
        `no connection arrived at a local server, and no route leads out; Python saw ${oneLine(result.value)}`,
      )
    : failed(`there is a route to ${route}`);
}

/** What is not on the list of domains is out of reach, by whatever way. */
export async function probeNetworkFiltering(executor: Executor): Promise<ProbeResult> {
  await using server = await listenLocally();
  // A name that is reserved, so that it is on nobody's list, and an address in place of a name.
  for (const [host, port] of [
    ['example.invalid', 80],
    ['127.0.0.1', server.port],
  ] as const) {
    const result = await executor.run(networkAttempts(host, port), { timeoutS: HANG_S / 2 });
    if (result.status !== 'ok') return failed(`the attempts to connect ended as "${result.status}"`);
    if (JSON.stringify(result.value).includes('connected')) return failed(`${host} was reached`);
  }
  if (server.connections > 0) {
    return failed(`${server.connections} connection(s) reached a local server past the list`);
  }
  const route = await findRoute(executor);
  return route === undefined
    ? passed('neither a domain that is not on the list was reached nor an address, and no route leads out')
    : failed(`there is a route to ${route} past the list`);
}

/**
 * An address of other machines that Python could send to: what has a network of its own does not reach this one's local
 * servers, whatever else it reaches. Nothing is sent.
 */
async function findRoute(executor: Executor): Promise<string | undefined> {
  const { value } = await executor.run(ROUTE, { timeoutS: HANG_S / 2 });
  return typeof value === 'string' ? value : undefined;
}

/** Of the addresses that are kept for documentation the one to which there is a route. Pyodide's sockets are none. */
const ROUTE = `
def _probe():
    import socket, sys
    if sys.platform == "emscripten":
        return None
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address, 9))
            return address
        except OSError:
            pass
    return None
_probe()`;

/** A server on this machine that counts who comes. */
async function listenLocally(): Promise<AsyncDisposable & { readonly port: number; connections: number }> {
  const server = createServer((socket) => {
    local.connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const local = {
    port: typeof address === 'object' && address ? address.port : 0,
    connections: 0,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
  return local;
}

/** Every way to a connection that Python has here, by the error that it ends with. */
function networkAttempts(host: string, port: number): string {
  return `
def _probe():
    import asyncio, socket, urllib.request
    seen = {}
    def attempt(name, action):
        try:
            action()
            seen[name] = "connected"
        except BaseException as error:
            seen[name] = type(error).__name__
    def plain():
        connection = socket.create_connection((${JSON.stringify(host)}, ${port}), timeout=3)
        connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        connection.recv(1)
    attempt("socket", plain)
    attempt("urllib", lambda: urllib.request.urlopen("http://${host}:${port}/", timeout=3).read())
    async def fetch():
        from pyodide.http import pyfetch
        await pyfetch("http://${host}:${port}/")
    return seen, fetch
_seen, _fetch = _probe()
try:
    await _fetch()
    _seen["fetch"] = "connected"
except BaseException as error:
    _seen["fetch"] = type(error).__name__
_seen`;
}
