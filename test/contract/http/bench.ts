import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import type { Json } from '../../../src/core/contract/execution.ts';
import type { HttpConfig } from '../../../src/core/tools/adapters/http/config.ts';
import { httpAdapter } from '../../../src/core/tools/adapters/http/index.ts';
import { parseToolDefinition } from '../../../src/core/tools/definition/index.ts';
import type {
  Tool,
  ToolArgument,
  ToolDefinition,
  ToolOutcome,
  ToolServices,
} from '../../../src/core/tools/tool.ts';
import { Variables } from '../../../src/core/tools/variables.ts';
import { until } from '../../support/until.ts';
import { PROJECT_FOLDER } from '../support/subject.ts';

const TLS_FOLDER = path.join(PROJECT_FOLDER, 'test/fixtures/tls');

/** A request that arrived. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Answers a request, of which everything has arrived. */
export type Answerer = (seen: Seen, response: ServerResponse) => void;

/** A server on loopback. */
export interface TestServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly seen: readonly Seen[];
  /** Connections that were opened. */
  readonly connections: () => number;
  readonly server: http.Server;
}

/** HTTP tools, and real servers for them. */
export class HttpBench {
  folder = '';
  environment: Record<string, string> = {};
  lines: string[] = [];
  readonly #tools: Tool[] = [];
  readonly #servers: Server[] = [];

  /** To be called within a `describe`. */
  install(): this {
    beforeEach(() => {
      this.folder = mkdtempSync(path.join(tmpdir(), 'code-mode-http-'));
      this.environment = {};
      this.lines = [];
    });
    afterEach(async () => {
      await Promise.all(this.#tools.splice(0).map((tool) => tool[Symbol.asyncDispose]()));
      const servers = this.#servers.splice(0);
      // A tool that is disposed of leaves no connection open.
      for (const server of servers) await untilUnused(server);
      for (const server of servers) server.close();
      rmSync(this.folder, { recursive: true, force: true });
    });
    return this;
  }

  async serve(answer: Answerer, { tls = false } = {}): Promise<TestServer> {
    const seen: Seen[] = [];
    const listener = async (request: IncomingMessage, response: ServerResponse) => {
      const { method = '', url = '', headers } = request;
      const arrived = { method, url, headers, body: await buffer(request) };
      seen.push(arrived);
      answer(arrived, response);
    };
    const server = tls
      ? https.createServer(tlsOptions(), (...args) => void listener(...args))
      : http.createServer((...args) => void listener(...args));
    const { port, connections } = await this.listen(server);
    return { url: `http${tls ? 's' : ''}://127.0.0.1:${port}`, port, seen, connections, server };
  }

  /** Starts a server that the tests end. */
  async listen(server: Server): Promise<{ port: number; connections: () => number }> {
    this.#servers.push(server);
    let count = 0;
    server.on('connection', () => count++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, connections: () => count };
  }

  /** A tool with these keys in its file. */
  define(keys: object, services: Partial<ToolServices> = {}): Tool {
    const file = path.join(this.folder, 'api.yaml');
    const { definition, problems } = parseToolDefinition(
      stringify({ name: 'api', type: 'http', ...keys }),
      file,
    );
    assert.ok(definition, JSON.stringify(problems));
    const tool = httpAdapter.create(definition as ToolDefinition<HttpConfig>, {
      ...this.#services(),
      ...services,
    });
    this.#tools.push(tool);
    return tool;
  }

  /** A tool with one endpoint, `call`. */
  endpoint(
    baseUrl: string,
    endpoint: object = {},
    keys: object = {},
    services?: Partial<ToolServices>,
  ): Tool {
    const endpoints = [{ name: 'call', path: '', ...endpoint }];
    return this.define({ base_url: baseUrl, endpoints, ...keys }, services);
  }

  #services(): ToolServices {
    const variables = new Variables({
      workspaceFolder: this.folder,
      baseFolder: undefined,
      environment: this.environment,
    });
    return {
      workingFolder: this.folder,
      log: (line) => this.lines.push(line),
      fill: variables.fill,
      mask: variables.mask,
      maxResultBytes: 64 * 1024 * 1024,
      descriptions: { get: () => undefined, set: () => undefined },
      proxy: undefined,
      version: '0.0.0',
    };
  }
}

/** A certificate that nobody trusts. */
export function tlsOptions(): https.ServerOptions {
  return {
    key: readFileSync(path.join(TLS_FOLDER, 'key.pem')),
    cert: readFileSync(path.join(TLS_FOLDER, 'certificate.pem')),
  };
}

/** Calls a callable, by default the only one. */
export async function call(
  tool: Tool,
  given: Readonly<Record<string, ToolArgument>> = {},
  { name = 'call', signal = new AbortController().signal, onProgress = (_: string) => {} } = {},
): Promise<ToolOutcome> {
  const { callables, direct } = await tool.describe();
  const callable = [...callables, ...(direct ? [direct] : [])].find((one) => one.name === name);
  assert.ok(callable, `no callable ${name}`);
  return await tool.call({ callable, arguments: given, signal, onProgress });
}

/** As {@link call}, of what gives JSON. */
export async function jsonOf(...args: Parameters<typeof call>): Promise<Json> {
  const outcome = await call(...args);
  if ('type' in outcome && outcome.type === 'jsonUtf8')
    return JSON.parse(Buffer.from(outcome.bytes).toString()) as Json;
  assert.ok('type' in outcome && outcome.type === 'json', JSON.stringify(outcome));
  return outcome.value;
}

/** As {@link call}, of what gives text. */
export async function textOf(...args: Parameters<typeof call>): Promise<string> {
  const outcome = await call(...args);
  if ('type' in outcome && outcome.type === 'utf8') return Buffer.from(outcome.bytes).toString();
  assert.ok('type' in outcome && outcome.type === 'text', JSON.stringify(outcome));
  return outcome.text;
}

/** The error of a call that has to fail: its message and hint. */
export async function failureOf(promise: Promise<unknown>, code = 'tool-failed'): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(CodeModeError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    return CodeModeError.describe(error);
  }
  return assert.fail('It did not fail.');
}

/** How a definition names what is to be filled. */
export function variable(name: string): string {
  return `\${${name}}`;
}

async function untilUnused(server: Server): Promise<void> {
  const count = () => new Promise<number>((resolve) => server.getConnections((_, found) => resolve(found)));
  await until('all connections are closed', async () => (await count()) === 0);
}
