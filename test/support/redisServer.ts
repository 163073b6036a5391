import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';

/** Whether there is a Redis server on this machine. With CI=true there must be. */
export function hasRedis(): boolean {
  const there = spawnSync('redis-server', ['--version']).status === 0;
  if (!there && process.env.CI === 'true') throw new Error('redis-server is not installed.');
  return there;
}

/** A Redis server of the tests' own, on a Unix socket in a folder of its own. */
export class RedisServer implements AsyncDisposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'redis-'));
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;
  #client: ReturnType<typeof makeClient> | undefined;

  private constructor(settings: readonly string[]) {
    this.#settings = settings;
  }

  /** @param settings such as `--requirepass secret` in words */
  static async start(...settings: string[]): Promise<RedisServer> {
    const server = new RedisServer(settings);
    await server.start();
    return server;
  }

  /** Without a user or password. */
  get url(): string {
    return `unix://${this.#socket}`;
  }

  get #socket(): string {
    return path.join(this.#folder, 's');
  }

  /** Starts it anew, with what it has kept. @param settings beside those that it had at first */
  async start(...settings: string[]): Promise<void> {
    const args = ['--port', '0', '--unixsocket', this.#socket, '--dir', this.#folder, '--save', ''];
    const server = spawn('redis-server', [...args, ...this.#settings, ...settings], { stdio: 'ignore' });
    this.#process = server;
    for (let attempt = 0; ; attempt += 1) {
      const client = makeClient(this.#socket);
      if (await client.connect().then(Boolean, () => false)) {
        client.destroy();
        return;
      }
      if (attempt > 200 || server.exitCode !== null) throw new Error('redis-server does not start.');
      await delay(25);
    }
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGCONT');
    server.kill('SIGKILL');
    await ended;
  }

  /** Stops it from answering until {@link resume}. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Sends a command on a connection of its own. */
  async send(...words: (string | Buffer)[]): Promise<unknown> {
    if (this.#client === undefined || !this.#client.isReady) {
      this.#client = makeClient(this.#socket);
      await this.#client.connect();
    }
    return await this.#client.sendCommand<unknown>(words);
  }

  /** As {@link send}, where the server has a password. */
  async sendAs(password: string, ...words: string[]): Promise<unknown> {
    const client = makeClient(this.#socket, password);
    await client.connect();
    try {
      return await client.sendCommand<unknown>(words);
    } finally {
      client.destroy();
    }
  }

  /** Clients that are connected, but for the one that asks: lines of `CLIENT LIST`. */
  async clients(): Promise<string[]> {
    const [own, list] = [await this.send('CLIENT', 'ID'), String(await this.send('CLIENT', 'LIST'))];
    return list.split('\n').filter((line) => line !== '' && !line.startsWith(`id=${own} `));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.destroy();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function makeClient(socket: string, password?: string) {
  const client = createClient({
    RESP: 2,
    socket: { path: socket, tls: false, reconnectStrategy: false },
    ...(password !== undefined && { password }),
  });
  client.on('error', () => undefined);
  return client;
}
