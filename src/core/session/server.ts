import { createServer, type Server, type Socket } from 'node:net';
import { ClientConnection } from './remote/clientConnection.ts';
import {
  canonical,
  type Endpoint,
  type EndpointOptions,
  newAddress,
  newToken,
  publish,
  withdraw,
} from './remote/endpoint.ts';
import type { Session, SessionManager } from './session.ts';

/** How the sessions of a process are served to others on this machine. */
export interface ServeOptions extends EndpointOptions {
  /** Absolute path of the folder that clients look for. */
  readonly workspaceFolder: string;
  /** Absolute path of the base folder, where there is one. */
  readonly baseFolder?: string;
  readonly log: (line: string) => void;
  /**
   * Opens the session with the id `workspace` by the owner's own settings and trust. Without it, a client's
   * specification counts.
   */
  readonly openWorkspaceSession?: () => Promise<Session>;
}

/** Sessions that are being served. */
export interface ServedSessions {
  /** Stops serving: clients are disconnected, the announcement and the socket are removed. The sessions live on. */
  dispose(): Promise<void>;
}

/** How often to look whether the process that serves the same folder has gone, in milliseconds. */
const STANDBY_MS = 5000;

/**
 * Serves a session manager on a local socket, so that other processes of the same user can attach to it
 * (`attachSessionManager`).
 *
 * Where another process serves the same workspace folder already, this one stands by and takes over when that
 * one has gone: a reloaded window starts before its predecessor has ended.
 */
export async function serveSessions(manager: SessionManager, options: ServeOptions): Promise<ServedSessions> {
  const endpoint: Endpoint = {
    workspaceFolder: await canonical(options.workspaceFolder),
    baseFolder: options.baseFolder === undefined ? null : await canonical(options.baseFolder),
    address: await newAddress(),
    token: newToken(),
    pid: process.pid,
  };
  const clients = new Set<ClientConnection>();
  const server = createServer((socket: Socket) => {
    const client = new ClientConnection(socket, manager, { ...options, token: endpoint.token });
    clients.add(client);
    void client.closed.then(() => clients.delete(client));
  });
  await listen(server, endpoint.address);
  const announcement = announce(endpoint, options);
  await announcement.attempted;
  return {
    async dispose() {
      await announcement.dispose();
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(server: Server, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Serving must not keep a process alive that has nothing else to do.
  server.unref();
}

function announce(
  endpoint: Endpoint,
  options: ServeOptions,
): { readonly attempted: Promise<void>; dispose(): Promise<void> } {
  let disposed = false;
  let waitingTold = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    try {
      if (await publish(endpoint, options)) return options.log('Sessions are served to other processes.');
      if (!waitingTold) options.log('Another process serves the sessions of this folder; standing by.');
      waitingTold = true;
    } catch (error) {
      options.log(`Sessions can't be announced: ${(error as Error).message}`);
    }
    if (disposed) return;
    timer = setTimeout(() => {
      pending = attempt();
    }, STANDBY_MS);
    timer.unref();
  };
  let pending = attempt();
  return {
    attempted: pending,
    async dispose() {
      disposed = true;
      clearTimeout(timer);
      await pending;
      clearTimeout(timer);
      await withdraw(endpoint, options);
    },
  };
}
