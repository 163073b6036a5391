import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const ARCHIVE = /\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)$/i;

/**
 * Files of this machine for one installer in a container, which fetches those that it needs through the tunnel: at a port
 * of the loopback interface, by an address that nobody else knows. So they need not be copied or mounted, wherever the
 * engine is.
 */
export class OfferedFiles implements AsyncDisposable {
  readonly #secret = randomBytes(16).toString('hex');
  /** Absolute paths of folders and files. */
  readonly #places: string[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  private constructor() {}

  static async start(): Promise<OfferedFiles> {
    const offered = new OfferedFiles();
    offered.#server.listen(0, '127.0.0.1');
    await once(offered.#server, 'listening');
    return offered;
  }

  /** Offers the archives in a folder. @returns the URL of a page with links to them */
  addFolder(folder: string): string {
    return `${this.#address}/${this.#places.push(folder) - 1}/`;
  }

  /** Offers one archive. @returns its URL */
  addFile(file: string): string {
    return `${this.#address}/${this.#places.push(file) - 1}/${encodeURIComponent(path.basename(file))}`;
  }

  /** Puts the places themselves where a text has their addresses. */
  inWords(text: string): string {
    const pattern = new RegExp(`${this.#address}/(\\d+)/`, 'g');
    return text.replace(pattern, (_whole, index: string) => {
      const place = this.#places[Number(index)] ?? '';
      return ARCHIVE.test(place) ? path.join(path.dirname(place), '/') : path.join(place, '/');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  get #address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${this.#secret}`;
  }

  async #answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const [, secret, index, name = ''] = url.split('/').map(decodeURIComponent);
      const place = secret === this.#secret ? this.#places[Number(index)] : undefined;
      if (place === undefined) throw new Error('Nobody else is told of it.');
      const isFolder = (await stat(place)).isDirectory();
      if (isFolder && name === '') {
        const links = (await readdir(place))
          .filter((each) => ARCHIVE.test(each))
          .map((each) => `<a href="${encodeURIComponent(each)}">${escaped(each)}</a>`);
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        response.end(`<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`);
        return;
      }
      if (name !== path.basename(name) || !ARCHIVE.test(name)) throw new Error('Nothing else is offered.');
      const file = isFolder ? path.join(place, name) : place;
      response.writeHead(200, { 'content-length': (await stat(file)).size });
      createReadStream(file)
        .once('error', () => response.destroy())
        .pipe(response);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
