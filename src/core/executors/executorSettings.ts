import type { z } from 'zod';
import { SettingsError } from '../contract/errors.ts';

/**
 * Checks what the settings say below `codeMode.<id>.`; what is not set has its default.
 * @throws SettingsError that names the first setting that can't be used, and why
 */
export function parseExecutorSettings<T>(
  id: string,
  schema: z.ZodType<T>,
  raw: Readonly<Record<string, unknown>>,
): T {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  throw new SettingsError(
    `The setting codeMode.${id}.${name} is ${JSON.stringify(raw[name]) ?? 'missing'}: ${issue?.message ?? 'it cannot be used'}.`,
    'Change it in the settings, or remove it there for its default.',
  );
}
