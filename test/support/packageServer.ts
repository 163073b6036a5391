import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { PackageFile } from './packages.ts';

/** Answers a request, or leaves it to the server: then it returns false. */
export type Intervention = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

/** What an index serves and how. */
export interface PackageServerOptions {
  /** A folder whose wheels and archives are served as well. */
  readonly folder?: string;
  /** What it speaks; by default both, as the client asks. */
  readonly speaks?: 'json' | 'html' | 'both';
  /** Who is let in; by default everybody. */
  readonly login?: { readonly user: string; readonly password: string };
}

const JSON_PAGE = 'application/vnd.pypi.simple.v1+json';

/** A package index on the loopback interface, until it is disposed of. */
export class PackageServer implements AsyncDisposable {
  /** `GET /simple/six/`, in their order. */
  readonly requests: string[] = [];
  /** Goes first with every request. */
  intervene: Intervention | undefined;
  readonly #files = new Map<string, PackageFile>();
  readonly #options: PackageServerOptions;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  private constructor(options: PackageServerOptions) {
    this.#options = options;
  }

  static async start(
    packages: readonly PackageFile[],
    options: PackageServerOptions = {},
  ): Promise<PackageServer> {
    const server = new PackageServer(options);
    server.add(...packages);
    const { folder } = options;
    for (const filename of folder === undefined ? [] : await readdir(folder)) {
      if (/\.(?:whl|tar\.gz)$/.test(filename))
        server.add({ filename, bytes: await readFile(path.join(folder ?? '', filename)) });
    }
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** Of the simple API. */
  get url(): string {
    return `${this.origin}/simple/`;
  }

  /** With user and password in it, where it has a {@link PackageServerOptions.login}. */
  get urlWithLogin(): string {
    const { login } = this.#options;
    return login ? this.url.replace('//', `//${login.user}:${login.password}@`) : this.url;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Serves more files, or others of the same names. */
  add(...packages: readonly PackageFile[]): void {
    for (const file of packages) this.#files.set(file.filename, file);
  }

  /** Serves a file no longer. */
  withdraw(filename: string): void {
    this.#files.delete(filename);
  }

  /** How many requests there were of which a part is this: `/files/`. */
  count(part: string): number {
    return this.requests.filter((request) => request.includes(part)).length;
  }

  /** An {@link intervene} that answers with a status. @param part - of the requests that it is for; by default all */
  answering(status: number, part = ''): Intervention {
    return matching(part, (response) =>
      response.writeHead(status, { 'content-type': 'text/plain' }).end('No.'),
    );
  }

  /** An {@link intervene} that never answers. */
  stalling(part = ''): Intervention {
    return matching(part, () => undefined);
  }

  /** An {@link intervene} that sends to the same path elsewhere. @param origin - `http://127.0.0.1:1234` */
  redirectingTo(origin: string, part = ''): Intervention {
    return (request, response) =>
      matching(part, () => response.writeHead(302, { location: `${origin}${request.url}` }).end())(
        request,
        response,
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    if (await this.intervene?.(request, response)) return;
    if (!this.#letsIn(request)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="packages"' }).end();
      return;
    }
    const [, kind, name = ''] = /^\/(simple|files)\/([^/?#]*)/.exec(request.url ?? '') ?? [];
    const file = kind === 'files' ? this.#files.get(decodeURIComponent(name)) : undefined;
    if (file) response.writeHead(200, { 'content-length': file.bytes.length }).end(file.bytes);
    else if (kind === 'simple' && name !== '') this.#page(name, request, response);
    else response.writeHead(404).end();
  }

  #letsIn({ headers }: IncomingMessage): boolean {
    const { login } = this.#options;
    if (!login) return true;
    const wanted = Buffer.from(`${login.user}:${login.password}`).toString('base64');
    return headers.authorization === `Basic ${wanted}`;
  }

  #page(project: string, request: IncomingMessage, response: ServerResponse): void {
    const files = [...this.#files.values()].filter((file) => projectOf(file.filename) === project);
    if (files.length === 0) {
      response.writeHead(404).end();
      return;
    }
    const { speaks = 'both' } = this.#options;
    const isJson =
      speaks === 'json' || (speaks === 'both' && `${request.headers.accept}`.includes(JSON_PAGE));
    const page = isJson ? jsonPage(project, files) : htmlPage(files);
    const etag = `"${sha256(page)}"`;
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
    response
      .writeHead(200, { 'content-type': isJson ? JSON_PAGE : 'text/html; charset=utf-8', etag })
      .end(page);
  }
}

/** Serves packages on the loopback interface. Whoever calls disposes of it. */
export function servePackages(
  packages: readonly PackageFile[],
  options?: PackageServerOptions,
): Promise<PackageServer> {
  return PackageServer.start(packages, options);
}

function matching(part: string, answer: (response: ServerResponse) => unknown): Intervention {
  return (request, response) => {
    if (!`${request.method} ${request.url}`.includes(part)) return false;
    answer(response);
    return true;
  };
}

function projectOf(filename: string): string {
  return (/^(.*?)-\d/.exec(filename)?.[1] ?? filename).toLowerCase().replace(/[-_.]+/g, '-');
}

function jsonPage(project: string, files: readonly PackageFile[]): string {
  return JSON.stringify({
    meta: { 'api-version': '1.1' },
    name: project,
    files: files.map(({ filename, bytes, requiresPython, yanked = false }) => ({
      filename,
      url: `../../files/${encodeURIComponent(filename)}`,
      hashes: { sha256: sha256(bytes) },
      'requires-python': requiresPython ?? null,
      size: bytes.length,
      yanked,
    })),
  });
}

function htmlPage(files: readonly PackageFile[]): string {
  const links = files.map(({ filename, bytes, requiresPython, yanked }) => {
    const href = `../../files/${encodeURIComponent(filename)}#sha256=${sha256(bytes)}`;
    const range =
      requiresPython &&
      ` data-requires-python="${requiresPython.replaceAll('>', '&gt;').replaceAll('<', '&lt;')}"`;
    return `<a href="${href}"${range ?? ''}${yanked ? ' data-yanked="broken"' : ''}>${filename}</a><br/>`;
  });
  return `<!DOCTYPE html>\n<html><body>\n${links.join('\n')}\n</body></html>\n`;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
