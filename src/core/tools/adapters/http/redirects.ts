import { ToolFailedError } from '../../../contract/errors.ts';

/** One request of a call, as it is sent. Never to be shown. */
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
 * @throws ToolFailedError for a place where no request may go
 */
export function redirected(request: HttpRequest, status: number, location: string): HttpRequest {
  if (!URL.canParse(location, request.url.href)) {
    throw new ToolFailedError('The server redirects to an address that is none.', {
      hint: 'Ask whoever runs the API, or mend base_url.',
    });
  }
  const url = new URL(location, request.url);
  url.hash = '';
  url.username = '';
  url.password = '';
  if (!/^https?:$/.test(url.protocol) || (request.url.protocol === 'https:' && url.protocol === 'http:')) {
    const what =
      url.protocol === 'http:' ? `to an unencrypted address, http://${url.host}` : `to ${url.protocol}`;
    throw new ToolFailedError(`The server redirects ${what}: that is not followed.`, {
      hint: 'Where you trust that address, make it the base_url of the tool.',
    });
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
