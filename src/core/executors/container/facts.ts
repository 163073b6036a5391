import { z } from 'zod';

/**
 * What a container has seen of itself as it began, before any code of a person: by what the kernel tells inside, so that
 * it holds whatever the engine was asked for.
 */
export const ContainerFactsSchema = z.object({
  /** Such as `3.12.4`. */
  python: z.string(),
  /** Absolute path of the interpreter inside. */
  executable: z.string(),
  user: z.number().int(),
  /** Whether the processes that it sees are all its own: those of the machine, or of another container, are not there. */
  isFirstProcess: z.boolean(),
  /** Whether it has any of Linux's capabilities, or could gain one by a program. */
  hasCapabilities: z.boolean(),
  noNewPrivileges: z.boolean(),
  /** Whether the root filesystem can be written. */
  rootIsWritable: z.boolean(),
  /** Names of the network interfaces that are up, without the loopback one. */
  interfaces: z.array(z.string()),
  /** Bytes; null: no limit. */
  memoryLimit: z.number().nullable(),
  /** Bytes of memory and swap together; null: no limit, or not told. */
  memoryAndSwapLimit: z.number().nullable(),
  /** Processors, such as 1.5; null: no limit. */
  cpuLimit: z.number().nullable(),
  processLimit: z.number().nullable(),
  /** Bytes that a file may have; null: no limit. */
  fileSizeLimit: z.number().nullable(),
  /** What of the machine is mounted, by its place inside. */
  mounts: z.array(z.object({ target: z.string(), type: z.string(), writable: z.boolean() })),
});
export type ContainerFacts = z.infer<typeof ContainerFactsSchema>;
