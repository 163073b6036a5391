import { UsageError } from '../core/contract/errors.ts';
import { TimeoutSchema } from '../core/contract/execution.ts';

/**
 * The value of `--timeout` in seconds; null where there is none.
 *
 * @throws UsageError
 */
export function parseTimeout(text: string | undefined): number | null {
  if (text === undefined) return null;
  // Number('') is 0 and Number('0x10') is 16: neither is what a person types for seconds.
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
  const parsed = TimeoutSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `--timeout "${text}" can't be used: ${parsed.error.issues[0]?.message ?? 'it is not a number of seconds'}.`,
    'Give seconds, such as --timeout 30 or --timeout 0.5, or leave it out for no limit.',
  );
}
