import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { Agent, fetch, ProxyAgent } from 'undici';
import { proxyFor } from '../http/proxies.ts';

/** Milliseconds for a connection to be made. */
const CONNECT_MS = 30_000;

/** A `fetch` with connections of its own. */
export interface PatientFetch {
  readonly fetch: FetchLike;
  /** Ends its connections. */
  release(): Promise<void>;
}

/**
 * A `fetch` for a server that may say nothing for as long as it likes: a stream of events has no end, and whoever waits
 * for an answer has a timeout of their own.
 * @param ofSettings the proxy that the person has set; undefined: what the environment says
 */
export function patientFetch(url: URL, ofSettings: string | undefined): PatientFetch {
  const options = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: CONNECT_MS } };
  const proxy = proxyFor(url, { ofTool: undefined, ofSettings, environment: process.env });
  const dispatcher = proxy === undefined ? new Agent(options) : new ProxyAgent({ ...options, uri: proxy });
  return {
    // The types of undici and those of Node's own copy of it name the same things.
    fetch: ((address: string | URL, init?: object) =>
      fetch(address, { ...init, dispatcher })) as unknown as FetchLike,
    release: () => dispatcher.destroy(),
  };
}
