import { z } from 'zod';
import { parseExecutorSettings } from '../executorSettings.ts';

const names = z.array(z.string().trim().min(1));

/** A folder or file of this machine that is seen inside. */
const MountSchema = z.strictObject({
  /** Absolute path, or relative to the workspace folder; `~/` is the home folder. */
  source: z.string().trim().min(1),
  /** Absolute path inside. */
  target: z.string().trim().startsWith('/', 'a target is an absolute path inside'),
  writable: z.boolean().default(false),
});

/** The settings `codeMode.container.*`. */
export const ContainerSettingsSchema = z.strictObject({
  /** `auto`, `docker`, `podman`, or the absolute path of such a program. */
  engine: z.string().trim().min(1).default('auto'),
  /** Docker's context or Podman's connection; empty: the engine's own choice, and so `DOCKER_HOST`. */
  context: z.string().trim().default(''),
  /** The OCI runtime, such as `runc` or `runsc`; empty: the engine's own choice. */
  runtime: z.string().trim().default(''),
  image: z.string().trim().min(1).default('docker.io/library/python:3.13-slim'),
  /** A Dockerfile or `devcontainer.json` that the image is built from, relative to the workspace folder; empty: none. */
  build: z.string().trim().default(''),
  pull: z.enum(['missing', 'always', 'never']).default('missing'),
  /** The Python of the image: a name that its PATH knows, or an absolute path inside. */
  python: z.string().trim().min(1).default('python3'),
  /** User and group inside, by numbers or names; empty: one that is not root. */
  user: z.string().trim().default(''),
  network: z.enum(['off', 'allowedDomains', 'on']).default('off'),
  allowedDomains: names.default([]),
  /** How the workspace folder is seen inside, under its own path. */
  workspace: z.enum(['none', 'readOnly', 'writable']).default('none'),
  mounts: z.array(MountSchema).default([]),
  /** Sources that are mounted although they open up the machine: named here as well as in the mounts. */
  dangerousMounts: names.default([]),
  /** `all`, or the ids of some, with commas; empty: none. */
  gpus: z.string().trim().default(''),
  environment: z.record(z.string(), z.string()).default({}),
  /** Names of environment variables of this machine that Python gets. */
  passEnvironment: names.default([]),
  /** MiB of memory, swap with it; 0: no limit. */
  memoryLimit: z.number().int().min(0).max(16_777_216).default(4096),
  /** Processors, such as 1.5; 0: no limit. */
  cpus: z.number().min(0).max(4096).default(2),
  /** Processes and threads; 0: no limit. */
  processLimit: z.number().int().min(0).max(4_194_304).default(256),
  /** MiB that a file may have; 0: no limit. */
  fileSizeLimit: z.number().int().min(0).max(16_777_216).default(1024),
  /** MiB of `/tmp`, which is memory. */
  temporarySize: z.number().int().min(1).max(16_777_216).default(512),
  /** Further arguments of the engine's `run`, each as it is; what they open is not promised any more. */
  runArguments: z.array(z.string()).default([]),
  /** Whether packages are kept in a volume for the next start. */
  cacheDeps: z.boolean().default(true),
  /** Whether a container is kept ready for the next session. */
  warmSpare: z.boolean().default(true),
});
export type ContainerSettings = z.infer<typeof ContainerSettingsSchema>;

/** Checks the settings `codeMode.container.*`. @throws SettingsError */
export function parseContainerSettings(raw?: Readonly<Record<string, unknown>>): ContainerSettings {
  return parseExecutorSettings('container', ContainerSettingsSchema, raw);
}
