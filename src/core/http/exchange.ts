import { setTimeout as wait } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { HttpCaller } from './caller.ts';
import type { Connections } from './connections.ts';
import { codeOf, connectionFailure } from './failures.ts';
import { type HttpRequest, isRedirect, redirected } from './redirects.ts';
import { waitAfterError, waitAfterStatus } from './retries.ts';

const MAX_REDIRECTS = 10;
/** What is read of an answer that nobody wants, so that its connection can be used again. */
const MAX_DUMPED_BYTES = 64 * 1024;

/** What an {@link exchange} needs. */
export interface ExchangeOptions {
  readonly caller: HttpCaller;
  readonly connections: Connections;
  /** The address of the proxy for a URL; undefined: none. */
  readonly proxyOf: (url: URL) => string | undefined;
  /** Aborted with the error that is to be thrown. */
  readonly signal: AbortSignal;
  /** When that will be at the latest, in milliseconds since 1970: what would wait longer does not wait. */
  readonly deadline: number;
  /** Method and address for people, without secrets. */
  readonly label: string;
  /** Told why it takes longer, without secrets. */
  readonly onDelay: (message: string) => void;
}

/** An answer whose body is not read yet. Whoever gets it reads the body, or destroys it. */
export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Dispatcher.ResponseData['body'];
  /** Whose answer it is, after redirects. */
  readonly url: URL;
}

/**
 * Sends a request, follows its redirects, and makes it again where that is safe and of use.
 * @throws the caller's failure in words for a person, or why the signal was aborted
 */
export async function exchange(first: HttpRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  let request = first;
  for (let redirects = 0; ; redirects++) {
    const answer = await sent(request, options);
    const location = headerOf(answer, 'location');
    if (!isRedirect(answer.status) || location === undefined) return answer;
    await dump(answer);
    if (redirects === MAX_REDIRECTS) {
      throw options.caller.failure(
        `${options.label}: the server redirects more than ${MAX_REDIRECTS} times.`,
        `Check ${options.caller.address}: is it the address that the server has now?`,
      );
    }
    request = redirected(request, answer.status, location, options.caller);
  }
}

/** The first value of a header. */
export function headerOf({ headers }: Pick<HttpAnswer, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value[0] : value;
}

async function sent(request: HttpRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  const { signal, deadline, onDelay } = options;
  for (let attempt = 1; ; attempt++) {
    const answer = await sentOnce(request, attempt, options);
    if (typeof answer === 'number') {
      await pause(answer, signal);
      continue;
    }
    const delay = waitAfterStatus(request.method, answer.status, attempt, headerOf(answer, 'retry-after'));
    if (delay === undefined || Date.now() + delay >= deadline) return answer;
    onDelay(`${options.label} answered ${answer.status}: asked again in ${(delay / 1000).toFixed(1)} s`);
    await dump(answer);
    await pause(delay, signal);
  }
}

/** The answer, or milliseconds after which it is to be tried again. */
async function sentOnce(
  request: HttpRequest,
  attempt: number,
  options: ExchangeOptions,
): Promise<HttpAnswer | number> {
  const { method, url, headers, body } = request;
  const { caller, connections, proxyOf, signal, deadline, label, onDelay } = options;
  const proxy = proxyOf(url);
  const dispatcher = await connections.through(proxy);
  signal.throwIfAborted();
  try {
    const response = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: method as Dispatcher.HttpMethod,
      headers: Object.fromEntries(headers),
      body: body ?? null,
      signal,
    });
    // Whoever reads it hears of an error there; whoever does not read it to its end does not care.
    response.body.on('error', () => undefined);
    return { status: response.statusCode, headers: response.headers, body: response.body, url };
  } catch (error) {
    signal.throwIfAborted();
    const delay = waitAfterError(method, codeOf(error), attempt);
    const failure = connectionFailure(
      caller,
      { label, host: url.host, proxy: proxy && new URL(proxy).host },
      error,
    );
    if (delay === undefined || Date.now() + delay >= deadline) throw failure;
    onDelay(`${failure.message} It is tried again in ${(delay / 1000).toFixed(1)} s`);
    return delay;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}

async function dump({ body }: HttpAnswer): Promise<void> {
  // What can't be read to its end is not wanted either.
  await body.dump({ limit: MAX_DUMPED_BYTES }).catch(() => undefined);
}
