import { UsageError } from '../contract/errors.ts';

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const EXTRAS = `\\[ *${NAME}(?: *, *${NAME})* *\\]`;
const VERSION = '(?:===?|[~!<>]=|[<>]) *[A-Za-z0-9.*+!_-]+';
const SPEC = new RegExp(`^ *(${NAME}) *((?:${EXTRAS})? *(?:${VERSION}(?: *, *${VERSION})*)?) *$`);
const MAX_LENGTH = 256;

/** A package that a store names: a name, optional extras, an optional range of versions. */
export interface PackageSpec {
  /** By which packages are the same, whatever their versions: `My_Package` and `my.package` are `my-package`. */
  readonly name: string;
  /** As py-code-mode keeps it: `my-package[extra]>=2.0`. */
  readonly text: string;
}

/** @throws UsageError for what is not such a package: a URL, a path, an option, an environment marker */
export function parsePackageSpec(text: string): PackageSpec {
  const [, name, rest] = (text.length <= MAX_LENGTH && SPEC.exec(text)) || [];
  if (name === undefined) {
    throw new UsageError(
      `${JSON.stringify(text.slice(0, MAX_LENGTH))} is not a package with an optional range of versions.`,
      'Use a name such as pandas, requests[socks] or numpy>=2.0; no URL, path or environment marker.',
    );
  }
  return {
    name: name.toLowerCase().replace(/[-_.]+/g, '-'),
    text: name.toLowerCase().replaceAll('_', '-') + (rest ?? '').replaceAll(' ', ''),
  };
}
