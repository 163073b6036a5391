import { createServer } from 'node:net';
import type { Executor } from '../../contract/executor.ts';
import { failed, HANG_S, oneLine, type ProbeResult, passed } from './outcome.ts';

/** No packet of Python leaves: none reaches even this machine. */
export async function probeNetworkIsolation(executor: Executor): Promise<ProbeResult> {
  await using server = await listenLocally();
  const result = await executor.run(networkAttempts('127.0.0.1', server.port), { timeoutS: HANG_S / 2 });
  if (result.status !== 'ok') return failed(`the attempts to connect ended as "${result.status}"`);
  return server.connections === 0
    ? passed(`no connection arrived at a local server; Python saw ${oneLine(result.value)}`)
    : failed(`${server.connections} connection(s) reached a local server`);
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
  return server.connections === 0
    ? passed('neither a domain that is not on the list was reached nor an address')
    : failed(`${server.connections} connection(s) reached a local server past the list`);
}

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
