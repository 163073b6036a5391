import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Dispatcher } from 'undici';
import type { Connections } from '../../../http/connections.ts';
import { proxyFor } from '../../../http/proxies.ts';

/** Statuses of which there can be no body. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * A `fetch` as the client of the protocol needs it: over connections of its own and the proxy that is set, and with no
 * limit for a server that says nothing, since a stream of events has no end and each call has a timeout of its own.
 * Redirects are handed back.
 *
 * @param proxy as the person has set it; undefined: what the environment says
 */
export function fetchOver(connections: Connections, proxy: string | undefined): FetchLike {
  return async (address, { method = 'GET', headers, body, signal } = {}) => {
    const url = new URL(address);
    // One signal is that of all requests of a connection.
    if (signal) setMaxListeners(0, signal);
    const { env: environment } = process;
    const through = await connections.through(
      proxyFor(url, { ofTool: undefined, ofSettings: proxy, environment }),
    );
    try {
      return responseOf(
        await through.request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: method as Dispatcher.HttpMethod,
          headers: Object.fromEntries(new Headers(headers)),
          body: typeof body === 'string' ? body : null,
          signal: signal ?? null,
        }),
      );
    } catch (cause) {
      // As `fetch` has it.
      throw signal?.aborted ? cause : new TypeError('fetch failed', { cause });
    }
  };
}

function responseOf({ statusCode: status, headers: given, body }: Dispatcher.ResponseData): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  // Whoever reads it hears of a connection that broke; nobody may be reading.
  body.on('error', () => undefined);
  if (WITHOUT_BODY.has(status)) {
    body.resume();
    return new Response(null, { status, headers });
  }
  return new Response(streamOf(body), { status, headers });
}

/** Node's own `Readable.toWeb` throws where nobody can catch it when a stream is cancelled that has data. */
function streamOf(body: Readable): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void body.destroy(),
    },
    { highWaterMark: 0 },
  );
}
