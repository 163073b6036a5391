import { z } from 'zod';
import { parseExecutorSettings } from '../executorSettings.ts';

/** A domain or `*.domain`, as the allow-list of the network takes it. */
const names = z.array(z.string().trim().min(1));

/** The settings `codeMode.subprocess.*`. */
export const SubprocessSettingsSchema = z
  .strictObject({
    /** Which Python: empty for automatic, a version such as `3.12`, an interpreter or an environment's folder. */
    python: z.string().trim().default(''),
    /** MiB of data that a process may have; 0: no limit. */
    memoryLimit: z.number().int().min(0).max(16_777_216).default(0),
    /** Seconds of processor time that one run may use; 0: no limit. */
    cpuLimit: z.number().min(0).max(2_000_000).default(0),
    sandbox: z.enum(['off', 'auto', 'required']).default('auto'),
    network: z.enum(['on', 'off', 'allowedDomains']).default('on'),
    allowedDomains: names.default([]),
    /** Names of environment variables that are passed on although they look like secrets. */
    passEnvironment: names.default([]),
    /** Whether an interpreter is kept ready for the next start. */
    warmSpare: z.boolean().default(true),
  })
  .refine(({ sandbox, network }) => sandbox !== 'off' || network === 'on', {
    path: ['network'],
    error: 'it takes the sandbox, which codeMode.subprocess.sandbox switches off',
  });
export type SubprocessSettings = z.infer<typeof SubprocessSettingsSchema>;

/** Checks the settings `codeMode.subprocess.*`. @throws SettingsError */
export function parseSubprocessSettings(raw?: Readonly<Record<string, unknown>>): SubprocessSettings {
  return parseExecutorSettings('subprocess', SubprocessSettingsSchema, raw);
}
