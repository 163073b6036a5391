/** Times that a request is made at most. */
export const MAX_ATTEMPTS = 3;
const FIRST_WAIT_MS = 250;
/** A server that wants a longer wait is not asked again. */
const MAX_WAIT_MS = 20_000;

/** Methods that do the same when they are done twice. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const BUSY = new Set([429, 502, 503, 504]);
/** The connection was not there: nothing was sent. */
const NOTHING_SENT = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const CONNECTION_LOST = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);

/**
 * Milliseconds to wait until the request is made again; undefined: it is not.
 * @param attempt - how many times it was made
 * @param retryAfter - what the answer says of it
 */
export function waitAfterStatus(
  method: string,
  status: number,
  attempt: number,
  retryAfter: string | undefined,
  now = Date.now(),
): number | undefined {
  if (!REPEATABLE.has(method) || !BUSY.has(status) || attempt >= MAX_ATTEMPTS) return undefined;
  const wait = waitIn(retryAfter, now) ?? backoff(attempt);
  return wait <= MAX_WAIT_MS ? wait : undefined;
}

/** As {@link waitAfterStatus}, for a request that has no answer. @param code - of the error */
export function waitAfterError(method: string, code: string, attempt: number): number | undefined {
  const mayRepeat = NOTHING_SENT.has(code) || (REPEATABLE.has(method) && CONNECTION_LOST.has(code));
  return mayRepeat && attempt < MAX_ATTEMPTS ? backoff(attempt) : undefined;
}

/** Milliseconds that `Retry-After` asks for: seconds, or a date. */
export function waitIn(retryAfter: string | undefined, now = Date.now()): number | undefined {
  if (retryAfter === undefined) return undefined;
  const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}

function backoff(attempt: number): number {
  // Not all at the same time, where many calls failed at once.
  return FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
}
