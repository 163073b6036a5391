/** Whether a host's name, as a URL has it, means this machine. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  return /^127\.\d+\.\d+\.\d+$/.test(name) || name === '[::1]' || name.startsWith('[::ffff:7f');
}

/** Where the proxy of a tool is said. */
export interface ProxyChoice {
  /** By the tool's file: for every host; `none`: no proxy. */
  readonly ofTool: string | undefined;
  /** By a setting: for every host but this machine and those of NO_PROXY. */
  readonly ofSettings: string | undefined;
  /** HTTP_PROXY, HTTPS_PROXY (default: HTTP_PROXY) and NO_PROXY, in capitals or not. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The address of the proxy through which `url` is asked for; undefined: none. */
export function proxyFor(url: URL, { ofTool, ofSettings, environment }: ProxyChoice): string | undefined {
  if (ofTool !== undefined) return ofTool === 'none' ? undefined : ofTool;
  if (isLoopback(url.hostname)) return undefined;
  const said = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined;
  if (isExempt(url, said('NO_PROXY') ?? '')) return undefined;
  const ofEnvironment = (url.protocol === 'https:' && said('HTTPS_PROXY')) || said('HTTP_PROXY');
  const proxy = ofSettings || ofEnvironment;
  return proxy && (proxy.includes('://') ? proxy : `http://${proxy}`);
}

/** NO_PROXY is a list of names, each with all that are below it; `*` is every one. */
function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '') return false;
      if (entry === '*' || entry === host) return true;
      const [, name = '', wantedPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
      if (wantedPort !== undefined && wantedPort !== port) return false;
      const domain = name.replace(/^\*?\.?/, '');
      return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
    });
}
