import type { z } from 'zod';
import { SettingsError } from '../contract/errors.ts';

/** What an executor's settings are checked with; a name that it does not know is an error. */
export type SettingsSchema = z.ZodObject<z.ZodRawShape, z.core.$strict>;

/**
 * Checks what the settings say below `codeMode.<id>.`; what is not set has its default.
 * @throws SettingsError that names the first setting that can't be used, and why
 */
export function parseExecutorSettings<Schema extends SettingsSchema>(
  id: string,
  schema: Schema,
  raw: Readonly<Record<string, unknown>> = {},
): z.output<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const names = Object.keys(schema.shape);
    throw new SettingsError(
      `There is no setting codeMode.${id}.${issue.keys[0]}.`,
      names.length > 0 ? `There are: ${names.join(', ')}.` : `The executor "${id}" has no settings.`,
    );
  }
  const name = String(issue?.path[0] ?? '');
  throw new SettingsError(
    `The setting codeMode.${id}.${name} is ${JSON.stringify(raw[name]) ?? 'missing'}: ${issue?.message ?? 'it cannot be used'}.`,
    'Change it in the settings, or remove it there for its default.',
  );
}
