/** What to do about an answer of this status. @param secrets - names of what is filled in */
export function hintForStatus(
  status: number,
  secrets: readonly string[],
  retryAfter: string | undefined,
): string | undefined {
  if (status === 401 || status === 403) {
    return secrets.length > 0
      ? `Check ${secrets.join(', ')}, and what its owner may do.`
      : 'Where the API wants a key, the file of the tool says it under headers, query or basic_auth.';
  }
  if (status === 404 || status === 410)
    return 'Check the arguments, and base_url and path in the file of the tool.';
  if (status === 407)
    return 'Give user and password in the address of the proxy: http://USER:PASSWORD@HOST:PORT.';
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    return retryAfter === undefined
      ? 'Wait before the next call.'
      : `Wait before the next call (Retry-After: ${retryAfter}).`;
  }
  return status >= 500 ? 'The server failed; try again later.' : undefined;
}
