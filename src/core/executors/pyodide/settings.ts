import { z } from 'zod';
import { parseExecutorSettings } from '../executorSettings.ts';

/** The settings `codeMode.sandbox.*`. */
export const SandboxSettingsSchema = z.strictObject({
  osSandbox: z.enum(['off', 'auto', 'required']).default('auto'),
  network: z.enum(['on', 'off', 'allowedDomains']).default('off'),
  allowedDomains: z.array(z.string().trim().min(1)).default([]),
});
export type SandboxSettings = z.infer<typeof SandboxSettingsSchema>;

/** Checks the settings `codeMode.sandbox.*`. @throws SettingsError */
export function parseSandboxSettings(raw?: Readonly<Record<string, unknown>>): SandboxSettings {
  return parseExecutorSettings('sandbox', SandboxSettingsSchema, raw);
}

/** There are no settings `codeMode.in-process.*`. */
export const InProcessSettingsSchema = z.strictObject({});

/** Checks that there are none. @throws SettingsError */
export function parseInProcessSettings(raw?: Readonly<Record<string, unknown>>): void {
  parseExecutorSettings('in-process', InProcessSettingsSchema, raw);
}
