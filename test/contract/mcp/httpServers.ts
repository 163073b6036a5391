import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EVERYTHING, ownServers } from './bench.ts';

/** The public server over HTTP on this machine, as a process of its own. */
export class EverythingServer implements AsyncDisposable {
  readonly port: number;
  #process: ChildProcess;

  private constructor(port: number, process: ChildProcess) {
    this.port = port;
    this.#process = process;
  }

  static async start(mode: 'sse' | 'streamableHttp', port?: number): Promise<EverythingServer> {
    const chosen = port ?? (await freePort());
    const server = spawn(process.execPath, [EVERYTHING, mode], {
      env: { ...process.env, PORT: String(chosen) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    ownServers.add(server.pid ?? 0);
    // Read to its end: a server that can't print ends.
    await new Promise<void>((resolve) => {
      server.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (/on port/.test(text)) resolve();
      });
    });
    return new EverythingServer(chosen, server);
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** A server of the tests' own on this machine. */
export class LoopbackServer implements AsyncDisposable {
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: Record<string, unknown>;
  }[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(answer: RequestListener): Promise<LoopbackServer> {
    const loopback: LoopbackServer = new LoopbackServer(
      createServer((request, response) => {
        const { method = '', url = '', headers } = request;
        loopback.requests.push({ method, url, headers });
        answer(request, response);
      }),
    );
    loopback.#server.listen(0, '127.0.0.1');
    await once(loopback.#server, 'listening');
    return loopback;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
