import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClosedError, CodeModeError, ToolFailedError } from '../../../../contract/errors.ts';
import type { Connections } from '../../../../http/connections.ts';
import { exchange, type HttpAnswer, headerOf } from '../../../../http/exchange.ts';
import { proxyFor } from '../../../../http/proxies.ts';
import { readBody } from '../../../../http/reading.ts';
import type { ToolServices } from '../../../tool.ts';
import type { HttpConfig } from '../config.ts';
import { fillConfig } from '../filling.ts';
import { headersOf } from '../headers.ts';
import { OpenCalls } from '../openCalls.ts';
import { TOOL_CALLER } from '../toolCaller.ts';

/** Those of the largest APIs have some ten of them. */
const MAX_BYTES = 100_000_000;
/** A document from the network is looked at again after so long, or after so long where it could not be had. */
const FRESH_MS = 5 * 60_000;
const RETRY_MS = 60_000;
const DOWNLOAD_MS = 60_000;

/** What a {@link DocumentSource} reads. */
export interface DocumentSourceOptions {
  /** A file, from the folder of {@link file}, or a URL. */
  readonly document: string;
  /** Absolute path of the file of the tool. */
  readonly file: string | undefined;
  readonly config: HttpConfig;
  readonly services: ToolServices;
  readonly connections: Connections;
}

/** A document as text. */
export interface LoadedDocument {
  readonly text: string;
  /** For people. */
  readonly name: string;
  /** After redirects; undefined: a file. */
  readonly url: URL | undefined;
}

/** Reads a document, and reads it again when it has changed. */
export class DocumentSource {
  readonly #options: DocumentSourceOptions;
  readonly #downloads = new OpenCalls();
  /** What the file was when it was read: another time or size is another content. */
  #stamp = '';
  #etag: string | undefined;
  #lastModified: string | undefined;
  #lookAgainAt = 0;

  constructor(options: DocumentSourceOptions) {
    this.#options = options;
  }

  /**
   * @param isKnown - whether what was read before is still there
   * @returns undefined where it has not changed since
   * @throws ToolFailedError that names it
   */
  async read(isKnown: boolean): Promise<LoadedDocument | undefined> {
    const { document } = this.#options;
    return /^https?:\/\//i.test(document) || document.startsWith('${')
      ? await this.#download(isKnown)
      : await this.#readFile(isKnown);
  }

  dispose(): void {
    this.#downloads.end(new ClosedError(`The tool "${this.#options.config.name}"`));
  }

  async #readFile(isKnown: boolean): Promise<LoadedDocument | undefined> {
    const place = this.#path();
    try {
      const { mtimeMs, size, ino } = await stat(place);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (isKnown && stamp === this.#stamp) return undefined;
      if (size > MAX_BYTES) throw tooLarge(place);
      const text = await readFile(place, 'utf8');
      this.#stamp = stamp;
      return { text: text.replace(/^\uFEFF/, ''), name: place, url: undefined };
    } catch (error) {
      if (CodeModeError.is(error)) throw error;
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      const what = isMissing
        ? 'is not there'
        : `can't be read: ${error instanceof Error ? error.message : error}`;
      throw new ToolFailedError(`The OpenAPI document ${place} ${what}.`, {
        hint: 'Check openapi: document in the file of the tool.',
        cause: error,
      });
    }
  }

  #path(): string {
    const { document, file } = this.#options;
    if (/^file:/i.test(document)) return fileURLToPath(document);
    if (path.isAbsolute(document)) return document;
    if (file !== undefined) return path.resolve(path.dirname(file), document);
    throw new ToolFailedError(
      `The OpenAPI document ${document} can't be found: this tool is not kept in a folder.`,
      {
        hint: 'Give a URL or an absolute path.',
      },
    );
  }

  async #download(isKnown: boolean): Promise<LoadedDocument | undefined> {
    if (isKnown && Date.now() < this.#lookAgainAt) return undefined;
    this.#lookAgainAt = Date.now() + RETRY_MS;
    const { document, config, services, connections } = this.#options;
    const address = await services.fill(document);
    if (!URL.canParse(address)) throw new ToolFailedError(`${document} is no URL once it is filled.`);
    const url = new URL(address);
    const name = services.mask(document);
    const label = `The OpenAPI document ${name}`;
    const { headers, hide } = await this.#credentialsFor(url);
    if (isKnown && this.#etag !== undefined) headers.set('if-none-match', this.#etag);
    else if (isKnown && this.#lastModified !== undefined)
      headers.set('if-modified-since', this.#lastModified);
    const choice = { ofTool: config.proxy, ofSettings: services.proxy, environment: process.env };
    const ended = () => new ToolFailedError(`${label} has not come within ${DOWNLOAD_MS / 1000} seconds.`);
    return await this.#downloads.run(
      { signal: undefined, timeoutMs: DOWNLOAD_MS, onTimeout: ended, onCancel: ended },
      async (signal) => {
        const answer = await exchange(
          { method: 'GET', url, headers, body: undefined },
          {
            caller: TOOL_CALLER,
            connections,
            proxyOf: (target) => proxyFor(target, choice),
            signal,
            deadline: Date.now() + DOWNLOAD_MS,
            label,
            onDelay: (message) => services.log(`${config.name}: ${hide(message)}`),
          },
        );
        return await this.#loaded(answer, name, label);
      },
    );
  }

  async #loaded(answer: HttpAnswer, name: string, label: string): Promise<LoadedDocument | undefined> {
    if (answer.status === 304) {
      answer.body.destroy();
      this.#lookAgainAt = Date.now() + FRESH_MS;
      return undefined;
    }
    if (answer.status !== 200) {
      answer.body.destroy();
      throw new ToolFailedError(`${label}: the server answered ${answer.status}.`, {
        hint: 'Check openapi: document in the file of the tool. Headers and query go to the host of base_url alone.',
      });
    }
    const { bytes, isCut } = await readBody(answer, MAX_BYTES, TOOL_CALLER);
    if (isCut) throw tooLarge(name);
    this.#etag = headerOf(answer, 'etag');
    this.#lastModified = headerOf(answer, 'last-modified');
    this.#lookAgainAt = Date.now() + FRESH_MS;
    return { text: bytes.toString('utf8').replace(/^\uFEFF/, ''), name, url: answer.url };
  }

  /** What logs in goes to the host that the file of the tool names for it, and to no other. */
  async #credentialsFor(url: URL) {
    const { config, services } = this.#options;
    const isOwn =
      config.base_url !== undefined && originOf(await services.fill(config.base_url)) === url.origin;
    const { basic_auth: _, ...rest } = config;
    const sent = isOwn ? config : { ...rest, headers: {}, query: {} };
    const { headers: own, fixed, hide } = await fillConfig(sent, '', services);
    const headers = headersOf({ inputs: [], response: 'auto' }, {}, own, services.version);
    for (const [name, value] of fixed.query) url.searchParams.append(name, value);
    return { headers, hide };
  }
}

function tooLarge(name: string): ToolFailedError {
  return new ToolFailedError(`The OpenAPI document ${name} has more than ${MAX_BYTES / 1e6} MB.`, {
    hint: 'Keep a part of it in a file.',
  });
}

function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined;
}
