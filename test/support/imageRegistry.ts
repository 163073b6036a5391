import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

const IndexSchema = z.object({
  manifests: z.tuple([z.object({ mediaType: z.string(), digest: z.string() })]),
});

/** A registry on this machine with one image, which it reads from an OCI layout (`podman save --format oci-dir`). */
export class ImageRegistry implements AsyncDisposable {
  /** What the image is fetched as. */
  readonly image: string;
  /** As `registries.conf` has to have it, since it speaks HTTP. */
  readonly configuration: string;
  /** Requests of blobs that are not answered until this is called; undefined: they are at once. */
  hold: Promise<void> | undefined;
  /** How often the image was asked for. */
  manifestRequests = 0;
  /** How many blobs were asked for. */
  blobRequests = 0;
  readonly #layout: string;
  readonly #server: Server;

  private constructor(layout: string, server: Server) {
    const { port } = server.address() as AddressInfo;
    this.image = `127.0.0.1:${port}/team/python:1`;
    this.configuration = `[[registry]]\nlocation = "127.0.0.1:${port}"\ninsecure = true\n`;
    this.#layout = layout;
    this.#server = server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(layout: string): Promise<ImageRegistry> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ImageRegistry(layout, server);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = request.url ?? '';
    if (address === '/v2/') return void response.end('{}');
    const [, kind, reference = ''] = /^\/v2\/team\/python\/(manifests|blobs)\/([\w:]+)$/.exec(address) ?? [];
    if (kind === 'manifests') this.manifestRequests++;
    if (kind === 'blobs') {
      this.blobRequests++;
      await this.hold;
    }
    const index = IndexSchema.parse(
      JSON.parse(await readFile(path.join(this.#layout, 'index.json'), 'utf8')),
    );
    const { digest, mediaType } = index.manifests[0];
    const wanted = kind === 'manifests' && reference === '1' ? digest : reference;
    const file = path.join(this.#layout, 'blobs', wanted.replace(':', '/'));
    if (!wanted.includes(':') || !existsSync(file)) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      return;
    }
    response.setHeader('content-type', kind === 'manifests' ? mediaType : 'application/octet-stream');
    response.setHeader('docker-content-digest', wanted);
    createReadStream(file).pipe(response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
