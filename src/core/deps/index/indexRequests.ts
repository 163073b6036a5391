import { readFile } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import { createSecureContext, rootCertificates } from 'node:tls';
import { reasonOf } from '../../common/files/systemErrors.ts';
import { Turns } from '../../common/turns.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { Connections } from '../../http/connections.ts';
import { exchange, type HttpAnswer } from '../../http/exchange.ts';
import { proxyFor } from '../../http/proxies.ts';
import type { Login } from '../sources/loginUrl.ts';
import type { PackageSources } from '../sources/packageSources.ts';
import { INDEX_CALLER } from './indexCaller.ts';

/** A server that says nothing for so long has failed. */
const SILENCE_MS = 30_000;
/** What an index that is busy asks to wait for is waited for so long altogether. */
const PATIENCE_MS = 60_000;
const MOST_AT_ONCE = 8;

/** What {@link IndexRequests} need of their surroundings. */
export interface IndexRequestOptions {
  /** For the log, without secrets. */
  readonly log: (line: string) => void;
  /** The proxy of the editor's settings; undefined: what the environment says. */
  readonly proxy?: string | undefined;
}

/** Asks indexes: with the login that each wants, over connections that are kept, some at a time. */
export class IndexRequests implements AsyncDisposable {
  readonly #sources: PackageSources;
  readonly #options: IndexRequestOptions;
  #connections: Promise<Connections> | undefined;
  readonly #ended = new AbortController();
  readonly #turns = new Turns(MOST_AT_ONCE);

  constructor(sources: PackageSources, options: IndexRequestOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  /**
   * @param use - reads the answer, whatever its status but 401 and 403; what it leaves is dropped
   * @throws InstallError; CodeModeError `cancelled`
   */
  async get<T>(
    address: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
    use: (answer: HttpAnswer) => Promise<T>,
  ): Promise<T> {
    const until = AbortSignal.any([this.#ended.signal, ...(signal ? [signal] : [])]);
    try {
      return await this.#turns.run(until, async () => {
        const answer = await this.#answer(address, headers, until);
        try {
          return await use(answer);
        } finally {
          answer.body.destroy();
        }
      });
    } catch (error) {
      if (until.aborted) throw new CodeModeError('cancelled', 'The package index was not waited for.');
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await (await this.#connections)?.[Symbol.asyncDispose]();
  }

  async #answer(
    address: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { credentials } = this.#sources;
    let login = await credentials.loginFor(address);
    for (;;) {
      const answer = await this.#sent(address, headers, login, signal);
      if (answer.status !== 401 && answer.status !== 403) return answer;
      answer.body.destroy();
      // Who is known and may not do it, or nobody may, is a 403: another password does not help.
      const other = await credentials.otherLoginFor(address, login, answer.status === 401);
      if (!other) throw refusal(address, answer.status, login);
      login = other;
    }
  }

  async #sent(
    address: string,
    headers: Readonly<Record<string, string>>,
    login: Login | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { log, proxy } = this.#options;
    const url = new URL(address);
    const all = new Map(Object.entries(headers));
    if (login)
      all.set('authorization', `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`);
    const choice = {
      ofTool: undefined,
      ofSettings: this.#sources.proxy ?? proxy,
      environment: process.env,
    };
    this.#connections ??= connectionsFor(this.#sources.certificateFiles, log);
    return await exchange(
      { method: 'GET', url, headers: all, body: undefined },
      {
        caller: INDEX_CALLER,
        connections: await this.#connections,
        proxyOf: (target) => proxyFor(target, choice),
        signal,
        deadline: Date.now() + PATIENCE_MS,
        label: `The package index at ${url.host}`,
        onDelay: log,
      },
    );
  }
}

async function connectionsFor(files: readonly string[], log: (line: string) => void): Promise<Connections> {
  const read = files.map((file) =>
    readFile(file, 'utf8').catch((error: unknown) => {
      log(`The certificates of ${file} are left out: ${reasonOf(error)}`);
      return '';
    }),
  );
  const named = (await Promise.all(read)).filter((text) => text !== '');
  const secureContext =
    named.length > 0 ? createSecureContext({ ca: [...rootCertificates, ...named] }) : undefined;
  return new Connections(INDEX_CALLER, { silenceMs: SILENCE_MS, secureContext });
}

function refusal(address: string, status: number, login: Login | undefined): CodeModeError {
  const { host } = new URL(address);
  const who = login ? 'this user and password' : 'whoever does not say who they are';
  return INDEX_CALLER.failure(
    `The package index at ${host} refuses ${who} (${status} ${STATUS_CODES[status] ?? ''}).`,
    'Put user and password into ~/.netrc, or give them when you are asked; they do not belong into a setting.',
  );
}
