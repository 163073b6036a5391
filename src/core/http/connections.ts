import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { HttpCaller } from './caller.ts';

/** Connections to one host at the same time; more requests wait. */
const CONNECTIONS_PER_HOST = 64;

/** What {@link Connections} are made with. */
export interface ConnectionOptions {
  /** Milliseconds without a sign of the server after which a request fails; by default each request has a limit of its own. */
  readonly silenceMs?: number;
  /** Certificates of the authorities that are trusted; by default those that the process trusts. */
  readonly secureContext?: SecureContext | undefined;
}

/** The connections of one caller, kept open between its requests. Whoever makes it disposes of it. */
export class Connections implements AsyncDisposable {
  readonly #caller: HttpCaller;
  readonly #options: ConnectionOptions;
  /** By the address of the proxy; empty: none. */
  readonly #dispatchers = new Map<string, Dispatcher>();

  constructor(caller: HttpCaller, options: ConnectionOptions = {}) {
    this.#caller = caller;
    this.#options = options;
  }

  /** @throws the caller's failure for an address that is no proxy's */
  async through(proxy: string | undefined): Promise<Dispatcher> {
    const { Agent, ProxyAgent } = await import('./httpClient.ts');
    const key = proxy ?? '';
    let dispatcher = this.#dispatchers.get(key);
    if (!dispatcher) {
      const { silenceMs = 0, secureContext } = this.#options;
      const trust = secureContext ? { secureContext } : {};
      const options = {
        connections: CONNECTIONS_PER_HOST,
        headersTimeout: silenceMs,
        bodyTimeout: silenceMs,
        connect: trust,
      };
      dispatcher =
        proxy === undefined
          ? new Agent(options)
          : // Unencrypted requests are handed to the proxy; only for the others it is told to let them through.
            new ProxyAgent({
              ...options,
              uri: proxyUri(proxy, this.#caller),
              proxyTunnel: false,
              requestTls: trust,
              proxyTls: trust,
            });
      this.#dispatchers.set(key, dispatcher);
    }
    return dispatcher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const dispatchers = [...this.#dispatchers.values()];
    this.#dispatchers.clear();
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()));
  }
}

function proxyUri(proxy: string, caller: HttpCaller): string {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return proxy;
  throw caller.failure(
    'The proxy for HTTP has an address that cannot be used.',
    `It has to begin with http:// or https://. See ${caller.proxy}.`,
  );
}
