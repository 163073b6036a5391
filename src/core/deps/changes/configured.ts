import type { ConfiguredDependency } from '../../contract/dependencies.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { type PackageSpec, parsePackageSpec } from '../packageSpec.ts';

/** Whether it is the store that says it, which a session writes, and not the settings or `pyproject.toml`. */
export function isInStore({ source }: ConfiguredDependency): boolean {
  return source === 'requirements.txt' || source === 'redis';
}

/** What it says where that is a plain package; undefined for URLs, paths, environment markers. */
export function specOf({ spec }: ConfiguredDependency): PackageSpec | undefined {
  try {
    return parsePackageSpec(spec);
  } catch (error) {
    if (CodeModeError.is(error, 'usage')) return undefined;
    throw error;
  }
}

/** The error of a store with what it leaves undone. */
export function unfinished(error: unknown, left: string): CodeModeError {
  const { code, message, hint } = CodeModeError.is(error)
    ? error
    : { code: 'storage' as const, message: String(error), hint: undefined };
  return new CodeModeError(code, `${message}\n${left}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
