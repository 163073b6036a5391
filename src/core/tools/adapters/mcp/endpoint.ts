import { homedir } from 'node:os';
import path from 'node:path';
import { ToolFailedError } from '../../../contract/errors.ts';
import { shownCommand } from '../cli/shown.ts';
import type { McpConfig } from './config.ts';

/** A server that is started as a program. */
export interface ProgramEndpoint {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** What it gets beside the ordinary environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined: the working folder. */
  readonly cwd: string | undefined;
}

/** A server that runs already. */
export interface HttpEndpoint {
  readonly kind: 'sse' | 'streamable_http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a server is, as its definition says it: names in `${}` may not be filled yet. */
export type Endpoint = ProgramEndpoint | HttpEndpoint;

/** @throws ToolFailedError where the definition does not say it */
export function endpointOf({ name, transport, command, url, ...config }: McpConfig): Endpoint {
  if (transport === 'stdio' && command !== undefined) {
    const { args, env, cwd } = config;
    return { kind: 'stdio', command, args: args.map(String), env: texts(env), cwd };
  }
  if (transport !== 'stdio' && url !== undefined) {
    return { kind: transport === 'sse' ? 'sse' : 'streamable_http', url, headers: texts(config.headers) };
  }
  throw new ToolFailedError(`The tool ${name} does not say where its server is.`, {
    hint: 'Give its definition a command for stdio, or a url for the other transports.',
  });
}

function texts(values: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

/** The endpoint with every name in `${}` filled. @throws whatever `fill` throws */
export async function fillEndpoint(
  endpoint: Endpoint,
  fill: (text: string) => Promise<string>,
): Promise<Endpoint> {
  if (endpoint.kind !== 'stdio') {
    return { ...endpoint, url: await fill(endpoint.url), headers: await fillValues(endpoint.headers, fill) };
  }
  const { command, args, env, cwd } = endpoint;
  return {
    kind: 'stdio',
    command: await fill(command),
    args: await Promise.all(args.map(fill)),
    env: await fillValues(env, fill),
    cwd: cwd === undefined ? undefined : await fill(cwd),
  };
}

async function fillValues(
  values: Readonly<Record<string, string>>,
  fill: (text: string) => Promise<string>,
): Promise<Record<string, string>> {
  const entries = Object.entries(values).map(async ([key, value]) => [key, await fill(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Absolute path of the folder that a program starts in. */
export function startFolder({ cwd }: ProgramEndpoint, workingFolder: string | undefined): string {
  return path.resolve(workingFolder ?? homedir(), cwd ?? '');
}

/** The endpoint in one line for people. Of one that is not filled: no secrets. */
export function describeEndpoint(endpoint: Endpoint): string {
  return endpoint.kind === 'stdio' ? commandOf(endpoint, {}) : endpoint.url;
}

/** As {@link describeEndpoint}, with all that makes two programs different. */
export function distinguishEndpoint(endpoint: Endpoint): string {
  return endpoint.kind === 'stdio' ? commandOf(endpoint, endpoint.env) : endpoint.url;
}

function commandOf({ command, args }: ProgramEndpoint, env: Readonly<Record<string, string>>): string {
  return shownCommand({ command, args, stdin: undefined }, env);
}

/** The names in `${}` that an HTTP server is reached with, each with the header that it stands in. */
export function describeCredentials({ headers, url }: HttpEndpoint): string {
  const named = [...Object.entries(headers), ['address', url] as const].flatMap(([header, value]) =>
    [...value.matchAll(/\$\{[^}]+\}/gu)].map(([name]) => `${name} (in its ${header})`),
  );
  return [...new Set(named)].join(', ');
}
