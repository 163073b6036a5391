import type { HttpCaller } from './caller.ts';

/** One request, as it is sent. Never to be shown. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array | undefined;
}

/** What says nothing of who asks: all that another site is sent. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent']);

/** Whether an answer of this status, with a `Location`, sends the request elsewhere. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * The request that follows a redirect. To another origin go the harmless headers alone.
 * @throws the caller's failure for a place where no request may go
 */
export function redirected(
  request: HttpRequest,
  status: number,
  location: string,
  caller: HttpCaller,
): HttpRequest {
  if (!URL.canParse(location, request.url.href)) {
    throw caller.failure(
      'The server redirects to an address that is none.',
      `Ask whoever runs it, or mend ${caller.address}.`,
    );
  }
  const url = new URL(location, request.url);
  url.hash = '';
  url.username = '';
  url.password = '';
  if (!/^https?:$/.test(url.protocol) || (request.url.protocol === 'https:' && url.protocol === 'http:')) {
    const what =
      url.protocol === 'http:' ? `to an unencrypted address, http://${url.host}` : `to ${url.protocol}`;
    throw caller.failure(
      `The server redirects ${what}: that is not followed.`,
      `Where you trust that address, name it in ${caller.address}.`,
    );
  }
  const { method } = request;
  const becomesGet = (status === 303 && method !== 'HEAD') || (status <= 302 && method === 'POST');
  const stays = url.origin === request.url.origin;
  const headers = new Map(
    [...request.headers].filter(
      ([name]) => (stays || HARMLESS.has(name)) && !(becomesGet && name.startsWith('content-')),
    ),
  );
  return becomesGet
    ? { method: 'GET', url, headers, body: undefined }
    : { method, url, headers, body: request.body };
}
