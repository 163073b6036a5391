import { z } from 'zod';
import { UsageError } from '../core/contract/errors.ts';
import type { ExecutorDescriptor } from '../core/executors/registry.ts';

/**
 * What the options `--set NAME=VALUE` say to an executor, by name. A value is JSON where the setting takes what it says
 * as JSON, and text elsewhere: `memoryLimit=512` is a number, `python=3.10` a version. What no setting takes is left to
 * the executor to refuse.
 *
 * @throws UsageError for an option without a name and a value, or a name that is set twice
 */
export function parseSettings(
  options: readonly string[] | undefined,
  { settingsSchema }: ExecutorDescriptor,
): Readonly<Record<string, unknown>> {
  const settings = new Map<string, unknown>();
  for (const option of options ?? []) {
    const [, name, value] = /^\s*([^=\s]+)\s*=([\s\S]*)$/.exec(option) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(
        `"--set ${option}" does not set anything.`,
        'Write --set NAME=VALUE, such as --set memoryLimit=512.',
      );
    }
    if (settings.has(name)) {
      throw new UsageError(`"--set ${name}=…" is given twice.`, 'Give each setting once.');
    }
    const setting = settingsSchema.shape[name];
    const isText = setting !== undefined && z.safeParse(setting, value).success;
    settings.set(name, isText ? value : jsonOrText(value));
  }
  return Object.fromEntries(settings);
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
