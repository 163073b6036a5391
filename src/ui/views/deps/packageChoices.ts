import type { PackageSpec } from '../../../core/deps/packageSpec.ts';
import { satisfies } from '../../../core/deps/versions.ts';
import type { Answer } from './packageLookUps.ts';
import { pinned } from './requirementText.ts';
import type { TypedPackages } from './typedPackages.ts';

/** A line below what is typed. Plain data. */
export interface Choice {
  readonly label: string;
  readonly description: string;
  readonly detail: string | undefined;
  /** The name of a codicon. */
  readonly icon: string;
  /** What is added where it is chosen; undefined: it only says something. */
  readonly specs: readonly string[] | undefined;
}

/** Versions of a package that are offered. */
const OFFERED_VERSIONS = 12;

/** What can be done with what is typed, or what is wrong with it. @param answerOf - what the index says of a name */
export function choicesOf(
  { packages, refusal }: TypedPackages,
  answerOf: (name: string) => Answer | undefined,
): Choice[] {
  if (refusal) return [note('error', refusal.message, refusal.hint)];
  const last = packages.at(-1);
  if (!last) return [];
  const problems = packages.flatMap((one) => {
    const problem = problemOf(one, answerOf(one.name));
    return problem === undefined ? [] : [note('error', problem)];
  });
  if (problems.length > 0) return problems;
  const doubts = packages.flatMap((one) => {
    const doubt = doubtOf(one, answerOf(one.name));
    return doubt === undefined ? [] : [note('warning', doubt)];
  });
  const versions = fittingVersions(last, answerOf(last.name));
  return [add(packages, versions[0]), ...doubts, ...versionChoices(packages, last, versions)];
}

function note(icon: 'error' | 'warning', label: string, detail?: string): Choice {
  return { label, description: '', detail, icon, specs: undefined };
}

function add(packages: readonly PackageSpec[], newest: string | undefined): Choice {
  const specs = packages.map(({ text }) => text);
  return {
    label: `Add ${specs.join(' ')}`,
    description: newest === undefined || packages.length > 1 ? '' : `the newest that fits is ${newest}`,
    detail: undefined,
    icon: 'add',
    specs,
  };
}

/** Why a package cannot be added. */
function problemOf({ name }: PackageSpec, answer: Answer | undefined): string | undefined {
  if (!answer || 'failure' in answer) return undefined;
  const { offer } = answer;
  if (offer === null) return `There is no package named "${name}".`;
  if (offer.versions.length > 0) return undefined;
  return `${name} has no version for this environment${offer.problem === null ? '.' : `: ${offer.problem}`}`;
}

/** Why adding a package may fail: pre-releases and what was taken back are not among the versions that are known. */
function doubtOf(typed: PackageSpec, answer: Answer | undefined): string | undefined {
  if (!answer) return undefined;
  if ('failure' in answer) return `${typed.name}: ${answer.failure}`;
  const [newest] = answer.offer?.versions ?? [];
  if (newest === undefined || fittingVersions(typed, answer).length > 0) return undefined;
  return `No version of ${typed.name} fits "${typed.text}"; the newest is ${newest}.`;
}

function fittingVersions({ text }: PackageSpec, answer: Answer | undefined): readonly string[] {
  if (!answer || 'failure' in answer) return [];
  return (answer.offer?.versions ?? []).filter((version) => satisfies(version, text) !== false);
}

/** Each adds the last package in that version alone. Names are no part of the labels, by which VS Code would sort them. */
function versionChoices(
  packages: readonly PackageSpec[],
  last: PackageSpec,
  versions: readonly string[],
): Choice[] {
  const others = packages.slice(0, -1).map(({ text }) => text);
  return versions.slice(0, OFFERED_VERSIONS).map((version, index) => ({
    label: version,
    description: index === 0 ? 'this version alone, the newest that fits' : 'this version alone',
    detail: undefined,
    icon: 'tag',
    specs: [...others, pinned(last.text, version)],
  }));
}
