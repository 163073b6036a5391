import { CodeModeError } from '../../../core/contract/errors.ts';
import { type PackageSpec, parsePackageSpec } from '../../../core/deps/packageSpec.ts';

/** What somebody types, as packages. */
export interface TypedPackages {
  readonly packages: readonly PackageSpec[];
  /** What is wrong with the first that is none; undefined: nothing. */
  readonly refusal: { readonly message: string; readonly hint: string | undefined } | undefined;
}

/** Reads what is typed: packages with spaces or commas between them, as long as those are no part of one. */
export function readTyped(text: string): TypedPackages {
  try {
    return { packages: splitPackages(text).map(parsePackageSpec), refusal: undefined };
  } catch (error) {
    if (!CodeModeError.is(error, 'usage')) throw error;
    return { packages: [], refusal: { message: error.message, hint: error.hint } };
  }
}

function splitPackages(text: string): string[] {
  return text
    .replace(/\[[^\]]*\]?/gu, (extras) => extras.replace(/\s+/gu, ''))
    .replace(/\s*(===?|[~!<>]=|[<>])\s*/gu, '$1')
    .replace(/\s*,(?=[<>=!~])/gu, ',')
    .split(/(?:\s+|,(?![<>=!~]))(?![^[]*\])/u)
    .filter((one) => one !== '');
}
