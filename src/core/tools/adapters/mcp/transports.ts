import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { Connections } from '../../../http/connections.ts';
import { TOOL_CALLER } from '../http/toolCaller.ts';
import { type Endpoint, type HttpEndpoint, startFolder } from './endpoint.ts';
import { fetchOver } from './httpFetch.ts';
import { StdioTransport } from './stdioTransport.ts';

type ClientModule = typeof import('./mcpClient.ts');

/** The most that a string can hold in JavaScript, a little less. */
const MAX_MESSAGE_BYTES = 500_000_000;
/** Milliseconds that a server has to hear that a session is over. */
const GOODBYE_MS = 1_000;

/** A way to a server. */
export interface OpenTransport {
  readonly transport: Transport;
  /** Tells the server that the session is over. Never rejects. */
  goodbye(): Promise<void>;
  /** Lets go of what the transport was made of, once it is closed. */
  release(): Promise<void>;
  /** How the server ended, to follow "the server". */
  end(): string;
}

/** How a server is reached. */
export interface TransportOptions {
  /** Filled. */
  readonly endpoint: Endpoint;
  /** Absolute path where programs start; undefined: the home folder. */
  readonly workingFolder: string | undefined;
  readonly proxy: string | undefined;
  /** Gets each line that a program says beside its answers. */
  readonly onLine: (line: string) => void;
}

/** Starts and reaches nothing yet. @throws TypeError where a URL is none */
export function openTransport(sdk: ClientModule, options: TransportOptions): OpenTransport {
  const { endpoint, workingFolder, proxy, onLine } = options;
  if (endpoint.kind !== 'stdio') return openHttp(sdk, endpoint, proxy);
  const transport = new StdioTransport({
    endpoint,
    folder: startFolder(endpoint, workingFolder),
    maxMessageBytes: MAX_MESSAGE_BYTES,
    parse: (value) => sdk.JSONRPCMessageSchema.parse(value),
    onLine,
  });
  return { transport, goodbye: nothing, release: nothing, end: () => transport.end ?? 'ended' };
}

/** Redirects are followed within the server's own origin alone, so that no header reaches another. */
function openHttp(sdk: ClientModule, endpoint: HttpEndpoint, proxy: string | undefined): OpenTransport {
  const url = new URL(endpoint.url);
  const connections = new Connections(TOOL_CALLER);
  const fetch = fetchOver(connections, proxy);
  const options = { requestInit: { headers: { ...endpoint.headers } }, fetch };
  const release = () => connections[Symbol.asyncDispose]();
  const end = () => 'closed the connection';
  if (endpoint.kind === 'sse') {
    return { transport: new sdk.SSEClientTransport(url, options), goodbye: nothing, release, end };
  }
  const transport = new sdk.StreamableHTTPClientTransport(url, options);
  const goodbye = async () => {
    let patience: NodeJS.Timeout | undefined;
    const silence = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, GOODBYE_MS);
    });
    await Promise.race([transport.terminateSession().catch(() => undefined), silence]);
    clearTimeout(patience);
  };
  // Its optional members are declared otherwise than the interface has them.
  return { transport: transport as Transport, goodbye, release, end };
}

async function nothing(): Promise<void> {}
