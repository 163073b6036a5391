import { UsageError } from '../contract/errors.ts';
import { isRange } from './versions.ts';

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const EXTRAS = `\\[ *${NAME}(?: *, *${NAME})* *\\]`;
const VERSION = '(?:===?|[~!<>]=|[<>]) *[A-Za-z0-9.*+!_-]+';
const PARTS = new RegExp(`^ *(${NAME}) *(${EXTRAS})? *(${VERSION}(?: *, *${VERSION})*)? *$`);
const MAX_LENGTH = 256;
const ADVICE = 'Use a name such as pandas, requests[socks] or numpy>=2.0.';

/** What an installer takes for a file beside it, and not for a package of the index. */
const FILE = /\.(?:whl|egg|zip|tar|tgz|tbz2?|txz|tlz|tar\.\w+|txt|toml|lock)$/i;

/** Whatever is true first is what is wrong. */
const REFUSED: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/\p{Cc}/u, () => 'it has control characters'],
  [/^ *-/, () => 'it begins with "-", as an option of an installer does'],
  [/^ *[a-z][a-z0-9+.-]*:/i, () => 'it is a URL'],
  [/@/, () => 'it has "@"; a version is written as in name==1.0, and no address can be given'],
  [/; *\(* *(?:["']|[a-z_]+ *(?:[<>=!~]|not\b|in\b))/, () => 'it has an environment marker'],
  [/[\\/]/, () => 'it is a path'],
  [/[;&|`$(){}'"#%^?:]/, (found) => `it has the character ${found}`],
  [FILE, () => 'it is the name of a file'],
];

/** A package that a store names: a name, optional extras, an optional range of versions. */
export interface PackageSpec {
  /** By which packages are the same, whatever their versions: `My_Package` and `my.package` are `my-package`. */
  readonly name: string;
  /** As py-code-mode keeps it: `my-package[extra]>=2.0`. */
  readonly text: string;
}

/** The form of a package's name by which packages are the same: `my-package`. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** @throws UsageError that says what is wrong with it: a URL, a path, an option, an environment marker */
export function parsePackageSpec(text: string): PackageSpec {
  const { name, extras, range } = partsOf(text);
  return {
    name: normalizeName(name),
    text: name.toLowerCase().replaceAll('_', '-') + (extras + range).replaceAll(' ', ''),
  };
}

/** The normalised name of a package that is named without a version. @throws UsageError as {@link parsePackageSpec} */
export function parsePackageName(text: string): string {
  const { name, extras, range } = partsOf(text);
  if (extras + range === '') return normalizeName(name);
  throw new UsageError(`${quoted(text)} is more than the name of a package.`, `Use ${name}.`);
}

function partsOf(text: string): { name: string; extras: string; range: string } {
  if (text.trim() === '') throw new UsageError('No package is named.', ADVICE);
  if (text.length > MAX_LENGTH) throw refused(text, `it has more than ${MAX_LENGTH} characters`);
  for (const [pattern, problem] of REFUSED) {
    const found = pattern.exec(text);
    if (found) throw refused(text, problem(found[0]));
  }
  const [, name, extras = '', range = ''] = PARTS.exec(text) ?? [];
  if (name === undefined) throw refused(text, grammarProblem(text));
  if (!isRange(range)) throw refused(text, `${quoted(range)} is no range of versions`);
  return { name, extras, range };
}

/** What is wrong with what has only such characters as packages have, or letters of other languages. */
function grammarProblem(text: string): string {
  const [, name = '', rest = ''] = /^ *([^ [\]<>=!~,*]*) *(.*)$/.exec(text) ?? [];
  if (!new RegExp(`^${NAME}$`).test(name)) {
    return 'a name has letters from a to z, digits, ".", "-" and "_", and begins and ends with a letter or digit';
  }
  if (rest.startsWith('[') && !new RegExp(`^${EXTRAS}`).test(rest)) {
    return 'its extras are not written as in name[one,two]';
  }
  if (/^=[^=]/.test(rest)) return 'a version is written with two signs, as in name==1.0';
  const range = rest.replace(new RegExp(`^${EXTRAS} *`), '');
  return /^[<>=!~]/.test(range)
    ? `${quoted(range)} is no range of versions`
    : `there is ${quoted(range)} behind its name`;
}

function refused(text: string, problem: string): UsageError {
  return new UsageError(`${quoted(text)} can't be taken as a package: ${problem}.`, ADVICE);
}

/** In quotes, without what is not seen or steers a terminal. */
function quoted(text: string): string {
  const short = text.length > MAX_LENGTH ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
