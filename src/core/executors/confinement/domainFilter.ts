import { lookup } from 'node:dns';
import { rm } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, isIP, type Socket } from 'node:net';
import path from 'node:path';
import { makeSocketFolder } from './socketFolder.ts';

/** An HTTP proxy that leads to some domains alone; everything else gets status 403. */
export interface DomainFilter {
  close(): Promise<void>;
}

/** A {@link DomainFilter} at a Unix domain socket that nobody else can reach. */
export interface SocketFilter extends DomainFilter {
  readonly socket: string;
}

/** A {@link DomainFilter} at a port of this machine's loopback interface, for those who know the token. */
export interface PortFilter extends DomainFilter {
  readonly port: number;
}

/** All that this machine reaches but itself, what is next to it, and what has an address and no name. */
export interface Outside {
  /** Places that are reached all the same, wherever they are: `127.0.0.1:8080`, `packages.example.org:443`. */
  readonly named: ReadonlySet<string>;
}

const SOCKET = 'proxy.sock';

/** Starts a filter for processes that have no network of their own. */
export async function startSocketFilter(domains: readonly string[]): Promise<SocketFilter> {
  const folder = await makeSocketFolder(SOCKET);
  const socket = path.join(folder, SOCKET);
  try {
    const { close } = await listen(domains, { path: socket });
    return {
      socket,
      close: async () => {
        await close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Starts a filter for processes whose sandbox leaves them one port. */
export async function startPortFilter(domains: readonly string[], token: string): Promise<PortFilter> {
  const { address, close } = await listen(domains, { host: '127.0.0.1', port: 0 }, token);
  return { port: (address as AddressInfo).port, close };
}

interface Listening extends DomainFilter {
  readonly address: AddressInfo | string | null;
}

async function listen(
  domains: readonly string[],
  where: { path: string } | { host: string; port: number },
  token?: string,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  let proxy: Promise<HttpServer> | undefined;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    // Made at the first connection: until then a start has no part in its cost.
    proxy ??= createProxy(domains, token);
    proxy.then(
      (http) => {
        http.emit('connection', socket);
        socket.resume();
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, resolve);
  });
  return {
    address: server.address(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * An HTTP proxy that listens nowhere: it is handed its connections.
 *
 * @param reach what it leads to: some domains, or {@link Outside}
 */
export async function createProxy(reach: readonly string[] | Outside, token?: string): Promise<HttpServer> {
  const runtime = await import('./sandboxRuntime.ts');
  const parentProxy = runtime.resolveParentProxy();
  const named: ReadonlySet<string> = 'named' in reach ? reach.named : new Set();
  const isReached = (name: string, port: number) =>
    'named' in reach
      ? named.has(`${name}:${port}`) || (isIP(name) === 0 && !/(?:^|\.)localhost$/.test(name))
      : reach.some((domain) => runtime.matchesDomainPattern(name, domain));
  // A name that is allowed must not lead to this machine or its neighbourhood.
  const guard = runtime.createResolvedAddressGuard('named' in reach ? {} : { allowedDomains: reach });
  return runtime.createHttpProxyServer({
    filter: (port, host) => {
      const name = runtime.isValidHost(host) ? runtime.canonicalizeHost(host) : undefined;
      return name !== undefined && isReached(name, port);
    },
    lookupFor: (port) => {
      const guarded = guard.lookupFor(port);
      return (hostname, options, callback) => {
        if (named.has(`${hostname}:${port}`)) lookup(hostname, options, callback);
        else guarded(hostname, options, callback);
      };
    },
    ...(parentProxy && { parentProxy }),
    ...(token !== undefined && { proxyAuthToken: token }),
  });
}
