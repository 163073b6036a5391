import type { z } from 'zod';
import { UsageError } from '../contract/errors.ts';

/**
 * Checks what came in with a call from outside.
 * @param method the call's name, for the message
 * @throws UsageError that names every parameter that does not fit, and why
 */
export function checkParams<T>(schema: z.ZodType<T>, method: string, params: unknown): T {
  const checked = schema.safeParse(params);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map((issue) =>
    [issue.path.join('.'), issue.message].filter(Boolean).join(': '),
  );
  throw new UsageError(`${method} was called with something it cannot use: ${problems.join('; ')}.`);
}
