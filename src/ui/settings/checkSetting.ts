import type { z } from 'zod';
import { SettingsError } from '../../core/contract/errors.ts';

/**
 * Checks the value of a setting.
 *
 * @param key - its name below `codeMode.`
 * @param hint - what to set it to
 * @throws SettingsError that names the setting, its value and what is wrong with it
 */
export function checkSetting<T>(key: string, value: unknown, schema: z.ZodType<T>, hint: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const reason = parsed.error.issues[0]?.message ?? 'it cannot be used';
  throw new SettingsError(
    `The setting codeMode.${key} is ${JSON.stringify(value) ?? 'missing'}: ${reason}.`,
    hint,
  );
}
