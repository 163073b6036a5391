import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { CodeModeError } from '../../../contract/errors.ts';
import type { EngineFacts } from './engine.ts';

const DockerInfoSchema = z.object({
  ServerVersion: z.string(),
  MemoryLimit: z.boolean(),
  SwapLimit: z.boolean(),
  CpuCfsQuota: z.boolean(),
  PidsLimit: z.boolean(),
  SecurityOptions: z.array(z.string()).nullish(),
});
const DockerContextsSchema = z.array(
  z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) }),
);
const PodmanVersionSchema = z.object({
  Client: z.object({ Version: z.string() }),
  Server: z.unknown().optional(),
});
const PodmanInfoSchema = z.object({
  host: z.object({
    cgroupVersion: z.string(),
    cgroupControllers: z.array(z.string()).nullish(),
    security: z.object({ rootless: z.boolean() }),
  }),
  version: z.object({ Version: z.string() }),
});
const PodmanConnectionsSchema = z.array(
  z.object({ Name: z.string(), URI: z.string(), Default: z.boolean() }),
);

const CGROUPS = '/sys/fs/cgroup';

/** Whether what a program of the name `docker` says of itself is Podman's, which comes under that name as well. */
export function isPodman(info: string): boolean {
  return PodmanInfoSchema.safeParse(parse(info)).success;
}

/**
 * @param info what `docker info --format '{{json .}}'` prints
 * @param contexts what `docker context inspect` prints; an empty array where it has none
 */
export function dockerFacts(info: string, contexts: string): EngineFacts {
  const server = check(DockerInfoSchema, info);
  const [context] = check(DockerContextsSchema, contexts);
  return {
    version: server.ServerVersion,
    isRootless: server.SecurityOptions?.some((option) => /^name=rootless\b/.test(option)) ?? false,
    isRemote: context !== undefined && isElsewhere(context.Endpoints.docker.Host),
    limits: {
      memory: server.MemoryLimit,
      swap: server.SwapLimit,
      cpu: server.CpuCfsQuota,
      pids: server.PidsLimit,
    },
  };
}

/**
 * What a Podman is that runs containers itself: by what this machine has, since its own `info` takes as long as a start.
 * @param version what `podman version --format json` prints
 * @returns undefined where it only speaks to another one
 */
export function localPodmanFacts(version: string): EngineFacts | undefined {
  const { Client, Server } = check(PodmanVersionSchema, version);
  if (Server) return undefined;
  const isRootless = process.getuid?.() !== 0;
  return {
    version: Client.Version,
    isRootless,
    isRemote: false,
    limits: podmanLimits(controllers(isRootless)),
  };
}

/**
 * @param info what `podman info --format json` prints
 * @param connections what `podman system connection list --format json` prints
 * @param wanted the connection of the settings; empty: the default one
 */
export function remotePodmanFacts(info: string, connections: string, wanted: string): EngineFacts {
  const { host, version } = check(PodmanInfoSchema, info);
  const isRootless = host.security.rootless;
  const address = connectionAddress(check(PodmanConnectionsSchema, connections), wanted);
  const cannotLimit = isRootless && host.cgroupVersion === 'v1';
  return {
    version: version.Version,
    isRootless,
    isRemote: isElsewhere(address),
    limits: podmanLimits(cannotLimit ? [] : (host.cgroupControllers ?? [])),
  };
}

/** Where a client of Podman connects to, with the precedence that it has itself. */
function connectionAddress(connections: z.output<typeof PodmanConnectionsSchema>, wanted: string): string {
  const { CONTAINER_HOST, CONTAINER_CONNECTION } = process.env;
  const name = wanted || CONTAINER_CONNECTION;
  if (!name && CONTAINER_HOST) return CONTAINER_HOST;
  return connections.find((each) => (name ? each.Name === name : each.Default))?.URI ?? '';
}

/** Whether an endpoint leads to another machine. A virtual machine on this one, which shares folders, is none. */
function isElsewhere(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || ['unix:', 'npipe:', 'fd:'].includes(url.protocol)) return false;
  return !/^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
}

/** The cgroup controllers that containers of this user get. */
function controllers(isRootless: boolean): readonly string[] {
  const unified = existsSync(path.join(CGROUPS, 'cgroup.controllers'));
  // The old hierarchies are not handed to users.
  if (!unified)
    return isRootless ? [] : ['memory', 'cpu', 'pids'].filter((name) => existsSync(path.join(CGROUPS, name)));
  try {
    const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
    return readFileSync(path.join(CGROUPS, isRootless ? own : '/', 'cgroup.controllers'), 'utf8')
      .trim()
      .split(' ');
  } catch {
    return [];
  }
}

function podmanLimits(names: readonly string[]): EngineFacts['limits'] {
  const memory = names.includes('memory');
  // Where the kernel does not count swap, Podman says so and starts all the same.
  return { memory, swap: memory, cpu: names.includes('cpu'), pids: names.includes('pids') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws CodeModeError where the engine says something else than is known of any */
function check<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new CodeModeError('start-failed', 'The container engine tells nothing of itself that can be read.', {
    hint: 'Update Docker or Podman, or name another one in codeMode.container.engine.',
    cause: parsed.error,
  });
}
