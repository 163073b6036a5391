import { compare, explain, type Pep440Version, validRange } from '@renovatebot/pep440';

/** One condition of a range: an operator, a version, and whether all that begins with that version is meant. */
const CONDITION = /^(===|~=|==|!=|<=|>=|<|>)\s*(.+?)(\.\*)?$/;
/** What stands before the range of a package: its name and extras. */
const NAME_AND_EXTRAS = /^\s*(?:[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?)?\s*/;

/** Whether the text is a range of versions as PEP 440 has it; the empty one is. */
export function isRange(text: string): boolean {
  return validRange(text);
}

/** Whether the text is a version as PEP 440 has it. */
export function isVersion(text: string): boolean {
  return explain(text) !== null;
}

/**
 * Whether a version lies in a range (PEP 440). An installed pre-release counts as the version that it is: it lies in
 * `>=1.0` where it is newer.
 *
 * @param specText - a range such as `>=2.0,<3`, or a package with one: `pandas[excel]>=2.0; python_version > "3.8"`, whose
 *   marker is left out
 * @returns undefined where that can't be told: a URL, or what is no version
 */
export function satisfies(version: string, specText: string): boolean | undefined {
  const range = rangeOf(specText);
  if (range === undefined || !validRange(range)) return undefined;
  const conditions = range === '' ? [] : range.split(',').map((condition) => condition.trim());
  const results = conditions.map((condition) => holds(version.trim(), condition));
  if (results.includes(false)) return false;
  return results.includes(undefined) ? undefined : true;
}

/** Below zero where `a` is the older version; what is no version counts as older than all that are. */
export function compareVersions(a: string, b: string): number {
  const [known, other] = [explain(a.trim()), explain(b.trim())];
  if (known && other) return compare(a.trim(), b.trim());
  if (known || other) return known ? 1 : -1;
  return a < b ? -1 : Number(a > b);
}

/** Whether it is a pre-release or a development release; undefined: it is no version. */
export function isPrerelease(version: string): boolean | undefined {
  return explain(version.trim())?.is_prerelease;
}

function rangeOf(specText: string): string | undefined {
  const [withoutMarker = ''] = specText.split(';');
  const range = withoutMarker.replace(NAME_AND_EXTRAS, '').trim();
  if (range.startsWith('@')) return undefined;
  return /^\((.*)\)$/.exec(range)?.[1]?.trim() ?? range;
}

function holds(text: string, condition: string): boolean | undefined {
  const [, operator = '', wantedText = '', prefix] = CONDITION.exec(condition) ?? [];
  // Compares what is written, so that it is the one operator for what is no version.
  if (operator === '===') return text.toLowerCase() === `${wantedText}${prefix ?? ''}`.toLowerCase();
  const [version, wanted] = [explain(text), explain(wantedText)];
  if (!version || !wanted) return undefined;
  if (prefix !== undefined) return beginsWith(version, wanted.release, wanted) === (operator === '==');
  const order = compare(version.public, wanted.public);
  switch (operator) {
    case '==':
      return isEqual(version, wanted);
    case '!=':
      return !isEqual(version, wanted);
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
    case '~=':
      return order >= 0 && beginsWith(version, wanted.release.slice(0, -1), wanted);
    case '<':
      // 2.0rc1 does not lie below 2.0, though it is older.
      return order < 0 && (wanted.is_prerelease || !version.is_prerelease || !isSameRelease(version, wanted));
    default:
      // 2.0.post1 does not lie above 2.0, though it is newer.
      return (
        order > 0 && (wanted.is_postrelease || !version.is_postrelease || !isSameRelease(version, wanted))
      );
  }
}

/** A local version is meant only where one is written. */
function isEqual(version: Pep440Version, wanted: Pep440Version): boolean {
  return wanted.local === null
    ? compare(version.public, wanted.public) === 0
    : compare(fullText(version), fullText(wanted)) === 0;
}

function isSameRelease(a: Pep440Version, b: Pep440Version): boolean {
  return compare(a.base_version, b.base_version) === 0;
}

/** Missing numbers are zeros: 2.0 begins with 2.0.0. */
function beginsWith(version: Pep440Version, release: readonly number[], { epoch }: Pep440Version): boolean {
  return (
    version.epoch === epoch && release.every((number, index) => (version.release[index] ?? 0) === number)
  );
}

function fullText({ public: text, local }: Pep440Version): string {
  return local === null ? text : `${text}+${local}`;
}
