import { isLoopback } from '../../../http/proxies.ts';
import type { ToolProblem } from '../../tool.ts';
import { type EndpointConfig, type HttpConfig, type ParametersConfig, PLAIN_PARAMETER } from './config.ts';
import { pathParameterNames } from './endpoints.ts';
import { isHeaderName, isSetByClient } from './headers.ts';
import { nameAsWritten } from './names.ts';

/** What stands for something that is known when a call is made only. */
const FILLED_LATER = /\$\{[^{}]*\}/g;

/** What the schema of an HTTP tool can't say. */
export function checkHttpConfig(config: HttpConfig): readonly ToolProblem[] {
  return [...whatThereIs(config), ...baseUrl(config), ...always(config), ...endpoints(config)];
}

function error(message: string, ...path: ToolProblem['path']): ToolProblem {
  return { severity: 'error', message, path };
}

function warning(message: string, ...path: ToolProblem['path']): ToolProblem {
  return { severity: 'warning', message, path };
}

function* whatThereIs({ endpoints, openapi, base_url }: HttpConfig): Iterable<ToolProblem> {
  if (endpoints.length === 0 && !openapi) {
    yield error('There is nothing to call: list endpoints, or name an OpenAPI document under openapi.');
  }
  if (endpoints.length > 0 && base_url === undefined) {
    yield error('Endpoints need a base_url, such as https://api.example.com/v1.', 'endpoints');
  }
  const scheme = openapi && /^([a-z][a-z0-9+.-]+):\/\//i.exec(openapi.document)?.[1];
  if (scheme && !/^(?:https?|file)$/i.test(scheme)) {
    yield error('The document is a file, or an http: or https: URL.', 'openapi', 'document');
  }
}

function* baseUrl(config: HttpConfig): Iterable<ToolProblem> {
  const { base_url } = config;
  if (base_url === undefined || base_url.startsWith('${')) return;
  const text = base_url.replace(FILLED_LATER, '1');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const like = 'such as https://api.example.com/v1';
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    yield error(`base_url has to be an http: or https: URL, ${like}.`, 'base_url');
    return;
  }
  if (url.username !== '' || url.password !== '') {
    yield error('User and password belong under basic_auth, not into base_url.', 'base_url');
  }
  if (url.search !== '' || url.hash !== '') {
    yield error(
      'base_url ends before "?" and "#"; what is always in the query belongs under query.',
      'base_url',
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && hasCredentials(config)) {
    yield warning(
      'What headers, query and basic_auth hold goes over the network unencrypted: use https.',
      'base_url',
    );
  }
}

/** Whether something that only this tool should know is always sent. */
export function hasCredentials({ headers, query, basic_auth }: HttpConfig): boolean {
  if (basic_auth) return true;
  if (Object.keys(headers).some((name) => /^(?:authorization|cookie)$/i.test(name))) return true;
  return [...Object.values(headers), ...Object.values(query)].some((value) => value.includes('${'));
}

function* always({ headers, basic_auth, proxy }: HttpConfig): Iterable<ToolProblem> {
  for (const [name, value] of Object.entries(headers)) {
    yield* headerName(name, 'headers', name);
    if (/[\r\n\0]/.test(value)) yield error('A header has no line breaks.', 'headers', name);
  }
  if (basic_auth && Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
    yield error('The header Authorization and basic_auth say the same: leave one out.', 'basic_auth');
  }
  if (
    proxy !== undefined &&
    proxy !== 'none' &&
    !/^https?:\/\/[^/]/i.test(proxy.replace(FILLED_LATER, '1'))
  ) {
    yield error('proxy has to be an http: or https: URL, or none.', 'proxy');
  }
}

function* headerName(name: string, ...path: ToolProblem['path']): Iterable<ToolProblem> {
  if (!isHeaderName(name)) yield error(`${JSON.stringify(name)} cannot be the name of a header.`, ...path);
  else if (isSetByClient(name)) yield error(`${name} is set by the client itself.`, ...path);
}

function* endpoints(config: HttpConfig): Iterable<ToolProblem> {
  const seen = new Map<string, string>();
  for (const [index, endpoint] of config.endpoints.entries()) {
    const name = nameAsWritten(endpoint.name);
    const other = seen.get(name);
    seen.set(name, endpoint.name);
    if (other !== undefined) {
      const again = other === endpoint.name ? '' : `: Python calls ${JSON.stringify(other)} so as well`;
      yield error(`There is an endpoint ${name} already${again}.`, 'endpoints', index, 'name');
    }
    if (name === 'list') {
      yield error('tools.NAME.list() lists the callables: choose another name.', 'endpoints', index, 'name');
    }
    for (const problem of endpointProblems(endpoint)) {
      yield { ...problem, path: ['endpoints', index, ...problem.path] };
    }
  }
}

function* endpointProblems(endpoint: EndpointConfig): Iterable<ToolProblem> {
  const { path, path_params, method } = endpoint;
  if (path !== '' && !path.startsWith('/')) yield error('A path begins with "/".', 'path');
  const inPath = pathParameterNames(path);
  const rest = path.replace(/\{[^{}]+\}/g, '');
  if (/[{}]/.test(rest)) yield error('Braces of the path do not match, or have no name in them.', 'path');
  if (/[?#]/.test(rest))
    yield error('The path ends before "?" and "#": declare what follows under query.', 'path');
  for (const name of inPath) {
    if (!Object.hasOwn(path_params, name)) {
      yield warning(`{${name}} is not declared under path_params: it is taken for a string.`, 'path');
    }
  }
  for (const [name, parameter] of Object.entries(path_params)) {
    if (!inPath.includes(name)) yield error(`The path has no {${name}}.`, 'path_params', name);
    if (parameter?.required === false && parameter.default === undefined) {
      yield error('A parameter of the path has to be given, or needs a default.', 'path_params', name);
    }
  }
  for (const name of Object.keys(endpoint.headers)) yield* headerName(name, 'headers', name);
  for (const place of ['path_params', 'query', 'headers', 'body', 'form'] as const) {
    yield* withoutBytes(endpoint[place] ?? {}, place);
  }
  const bodies = (['body', 'form', 'multipart', 'whole_body'] as const).filter(
    (key) => endpoint[key] !== undefined,
  );
  const [first, second] = bodies;
  if (first && second) yield error(`A request has one body: ${first} or ${second}.`, second);
  if (first && (method === 'GET' || method === 'HEAD')) {
    yield error(`${method} requests have no body: use query, or another method.`, first);
  }
}

function* withoutBytes(parameters: ParametersConfig, place: string): Iterable<ToolProblem> {
  for (const [name, parameter] of Object.entries(parameters)) {
    const { type, items } = parameter ?? PLAIN_PARAMETER;
    if (type !== 'bytes' && items !== 'bytes') continue;
    yield error('Bytes can be sent under multipart or as whole_body only.', place, name, 'type');
  }
}
