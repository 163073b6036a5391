type Environment = Readonly<Record<string, string>>;

const PROXY_VARIABLES = /^(http|https|ftp|all|no)_proxy$/i;

/** All names of variables for proxies, as programs spell them. */
export const PROXY_NAMES: readonly string[] = ['http', 'https', 'ftp', 'all', 'no']
  .map((kind) => `${kind}_proxy`)
  .flatMap((name) => [name, name.toUpperCase()]);

/** An environment without its proxies: they may carry passwords, and a network of one's own does not reach them. */
export function withoutProxy(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !PROXY_VARIABLES.test(name)));
}

/** An environment that makes programs use `proxy`, a URL, but for what they serve themselves. */
export function withProxy(env: Environment, proxy: string): Environment {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
  const variables = [...names.map((name) => [name, proxy]), ['NO_PROXY', 'localhost,127.0.0.1,::1']] as const;
  const bothCases = variables.flatMap(([name, value]) => [
    [name, value],
    [name!.toLowerCase(), value],
  ]);
  return { ...withoutProxy(env), ...Object.fromEntries(bothCases) };
}
