import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';

/** A Redis server of its own that keeps nothing on the disk. */
export interface RedisServer {
  readonly url: string;
  end(): Promise<void>;
}

/** How long it may take to start, in milliseconds. */
const START_MS = 10_000;

/** Starts a server on loopback. @param folder - where it runs */
export async function startRedis(folder: string): Promise<RedisServer> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', [...args, '--dir', folder], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const url = `redis://127.0.0.1:${port}/0`;
  const giveUpAt = performance.now() + START_MS;
  for (;;) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    const isThere = await client.connect().then(
      () => true,
      () => false,
    );
    if (isThere) {
      client.destroy();
      break;
    }
    if (performance.now() > giveUpAt) throw new Error('redis-server does not start. Is it installed?');
    await sleep(20);
  }
  return {
    url,
    end: async () => {
      server.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
