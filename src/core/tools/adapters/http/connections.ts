import type { Dispatcher } from 'undici';
import { ToolFailedError } from '../../../contract/errors.ts';

/** Connections to one host at the same time; more requests wait. */
const CONNECTIONS_PER_HOST = 64;

/** The connections of a tool, kept open between its calls. Whoever makes it disposes of it. */
export class Connections implements AsyncDisposable {
  /** By the address of the proxy; empty: none. */
  readonly #dispatchers = new Map<string, Dispatcher>();

  /** @throws ToolFailedError for an address that is no proxy's */
  async through(proxy: string | undefined): Promise<Dispatcher> {
    const { Agent, ProxyAgent } = await import('./httpClient.ts');
    const key = proxy ?? '';
    let dispatcher = this.#dispatchers.get(key);
    if (!dispatcher) {
      // Each call has a time limit of its own.
      const options = { connections: CONNECTIONS_PER_HOST, headersTimeout: 0, bodyTimeout: 0 };
      dispatcher =
        proxy === undefined
          ? new Agent(options)
          : // Unencrypted requests are handed to the proxy; only for the others it is told to let them through.
            new ProxyAgent({ ...options, uri: proxyUri(proxy), proxyTunnel: false });
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

function proxyUri(proxy: string): string {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return proxy;
  throw new ToolFailedError('The proxy for HTTP has an address that cannot be used.', {
    hint: 'It has to begin with http:// or https://. See the settings, HTTPS_PROXY and HTTP_PROXY, and the file of the tool.',
  });
}
