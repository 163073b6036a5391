import { UsageError } from '../../contract/errors.ts';

/** Where a Redis server is, and as whom it is spoken to. */
export interface RedisAddress {
  readonly socket:
    | { readonly host: string; readonly port: number; readonly tls: true }
    | { readonly host: string; readonly port: number; readonly tls: false }
    | { readonly path: string; readonly tls: false };
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const DEFAULT_PORT = 6379;
const HINT =
  'Use an address such as redis://localhost:6379/0, rediss://user@host:6380 or unix:///run/redis.sock?db=0.';
/** `unix://[user[:password]@]/path`, as Python's client has it; the URL parser wants a host there. */
const UNIX = /^unix:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(\/[^?#]+)(?:\?([^#]*))?$/i;

/**
 * What a `redis://`, `rediss://` or `unix://` URL says.
 * @throws UsageError for any other; its text never has the password in it
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = splitAddress(url);
  const query = new URLSearchParams(parts.query);
  const given = {
    username: parts.username || query.get('username'),
    password: parts.password || query.get('password'),
  };
  const database = parts.database || query.get('db') || '0';
  if (!/^\d{1,9}$/.test(database)) throw refuse('its database is not a number');
  return {
    socket: parts.socket,
    database: Number(database),
    username: given.username || undefined,
    password: given.password || undefined,
  };
}

/** Takes the password out of a URL, so that it can be shown and stored. */
export function splitRedisUrl(url: string): { url: string; password: string | undefined } {
  const address = parseRedisUrl(url);
  return { url: formatAddress(address, true), password: address.password };
}

/** The server as it is named to a person: without user and password. */
export function describeRedis(url: string): string {
  return describeAddress(parseRedisUrl(url));
}

/** As {@link describeRedis}. */
export function describeAddress(address: RedisAddress): string {
  return formatAddress(address, false);
}

function formatAddress({ socket, database, username }: RedisAddress, withUser: boolean): string {
  const user = withUser && username !== undefined ? `${encodeURIComponent(username)}@` : '';
  if ('path' in socket)
    return `unix://${user}${socket.path.split('/').map(encodeURIComponent).join('/')}?db=${database}`;
  const host = socket.host.includes(':') ? `[${socket.host}]` : socket.host;
  return `${socket.tls ? 'rediss' : 'redis'}://${user}${host}:${socket.port}/${database}`;
}

interface AddressParts {
  readonly socket: RedisAddress['socket'];
  readonly username: string;
  readonly password: string;
  readonly database: string;
  readonly query: string;
}

function splitAddress(url: string): AddressParts {
  const unix = UNIX.exec(url);
  if (unix) {
    const [, username = '', password = '', path = '', query = ''] = unix;
    return {
      socket: { path: decode(path), tls: false },
      username: decode(username),
      password: decode(password),
      database: '',
      query,
    };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^rediss?:$/.test(parsed.protocol))
    throw refuse('it begins with none of redis://, rediss:// and unix://');
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost';
  const port = parsed.port === '' ? DEFAULT_PORT : Number(parsed.port);
  return {
    socket: parsed.protocol === 'rediss:' ? { host, port, tls: true } : { host, port, tls: false },
    username: decode(parsed.username),
    password: decode(parsed.password),
    database: parsed.pathname.slice(1),
    query: parsed.search.slice(1),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse('it has a "%" that begins no escape');
  }
}

/** Without the text that was given: there may be a password in it. */
function refuse(reason: string): UsageError {
  return new UsageError(`This cannot be the address of a Redis server: ${reason}.`, HINT);
}
