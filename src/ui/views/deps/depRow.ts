import path from 'node:path';
import type {
  DependencyStatus,
  InstalledPackage,
  PackageEnvironment,
} from '../../../core/contract/dependencies.ts';
import { escapeMarkdown, tooltipMarkdown } from '../markdown.ts';
import type { Row } from '../row.ts';
import { isPinned } from './requirementText.ts';

/** What is known of a package besides itself. */
export interface PackageSurroundings {
  /** A newer version that there is; undefined: none is known. */
  readonly newer: string | undefined;
  /** The packages that need it. */
  readonly requiredBy: readonly InstalledPackage[];
}

const NORMALISED_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/u;
const SOURCES: Readonly<Record<DependencyStatus['source'], string>> = {
  'requirements.txt': 'requirements.txt',
  redis: 'Redis',
  settings: 'settings',
  'pyproject.toml': 'pyproject.toml',
};
const STATE_ICONS: Readonly<Record<DependencyStatus['state'], Pick<Row, 'icon' | 'tone'>>> = {
  satisfied: { icon: 'pass', tone: 'good' },
  missing: { icon: 'circle-slash', tone: 'warning' },
  mismatch: { icon: 'warning', tone: 'warning' },
  unknown: { icon: 'question', tone: 'plain' },
};

/** Puts the environment that packages are in into words. */
export function describeEnvironment({ label, folder, installer, problem }: PackageEnvironment): Row {
  const facts: [string, string][] = [
    ['Installer', installer ?? 'none can be used'],
    ['Folder', folder ?? 'not made yet'],
    ...(problem === null ? [] : [['Problem', problem] as [string, string]]),
  ];
  return {
    label,
    description: problem ?? installer ?? '',
    icon: problem === null ? 'package' : 'error',
    tone: problem === null ? 'plain' : 'error',
    context: 'environment',
    spoken: [`Environment ${label}`, problem ?? (installer ? `packages are installed with ${installer}` : '')]
      .filter(Boolean)
      .join(', '),
    tooltip: tooltipMarkdown(label, facts),
  };
}

/** Puts a configured package into words. */
export function describeConfigured(
  status: DependencyStatus,
  installed: InstalledPackage | undefined,
  { newer, requiredBy }: PackageSurroundings,
): Row {
  const { spec, state, installedVersion } = status;
  const version = versionText(status, newer);
  const place = placeText(status);
  return {
    label: spec,
    description: `${version} · ${place}`,
    ...STATE_ICONS[state],
    context: configuredContext(status, newer),
    spoken: [spec, version, `configured in ${place}`].join(', '),
    tooltip: packageTooltip(spec, installed?.summary ?? '', [
      ['State', version],
      ['Configured in', status.file === null ? place : `${status.file}${lineText(status)}`],
      ...(installed && installedVersion !== null ? installedFacts(installed, requiredBy) : []),
    ]),
  };
}

/** Puts an installed package into words. @param isRepeated - it is shown already above this line */
export function describeInstalled(
  installed: InstalledPackage,
  { newer, requiredBy }: PackageSurroundings,
  isRepeated: boolean,
): Row {
  const { title, version, summary } = installed;
  const versions = newer === undefined ? version : `${version} → ${newer} available`;
  return {
    label: title,
    description: isRepeated ? `${versions} · shown above` : versions,
    icon: 'package',
    tone: 'plain',
    context: ['installed', 'package', ...(newer === undefined ? [] : ['newer'])].join(' '),
    spoken: [title, spokenVersion(version, newer), isRepeated ? 'shown above' : '']
      .filter(Boolean)
      .join(', '),
    tooltip: packageTooltip(title, summary, [
      ['Version', versions],
      ...installedFacts(installed, requiredBy),
    ]),
  };
}

/** Whether a configured line names a package: others, such as a URL, are for the installer alone. */
export function namesPackage({ name }: Pick<DependencyStatus, 'name'>): boolean {
  return NORMALISED_NAME.test(name);
}

/** How many configured packages are not as they shall be, in words; empty where all are. */
export function missingText(configured: readonly DependencyStatus[]): string {
  const missing = configured.filter(({ state }) => state === 'missing').length;
  const mismatched = configured.filter(({ state }) => state === 'mismatch').length;
  return [
    ...(missing === 0 ? [] : [`${missing.toLocaleString('en')} not installed`]),
    ...(mismatched === 0 ? [] : [`${mismatched.toLocaleString('en')} of another version`]),
  ].join(', ');
}

function versionText({ state, installedVersion }: DependencyStatus, newer: string | undefined): string {
  if (state === 'missing' || installedVersion === null) {
    return state === 'unknown' ? 'only the installer can tell' : 'not installed';
  }
  const version = state === 'mismatch' ? `${installedVersion}, which does not fit` : installedVersion;
  return newer === undefined ? version : `${version} → ${newer} available`;
}

function spokenVersion(version: string, newer: string | undefined): string {
  return newer === undefined ? version : `${version}, ${newer} is available`;
}

function placeText({ source, file, line }: DependencyStatus): string {
  if (file === null) return SOURCES[source];
  return line === null ? path.basename(file) : `${path.basename(file)}:${line}`;
}

function lineText({ line }: DependencyStatus): string {
  return line === null ? '' : `, line ${line}`;
}

/** `configured`, then what it is and has: `package`, `store`, `pinned`, `installed`, `missing`, `newer`. */
function configuredContext(status: DependencyStatus, newer: string | undefined): string {
  const { source, spec, state, installedVersion } = status;
  const isStored = source === 'requirements.txt' || source === 'redis';
  return [
    'configured',
    ...(namesPackage(status) ? ['package'] : []),
    ...(isStored ? ['store'] : []),
    ...(isStored && isPinned(spec) ? ['pinned'] : []),
    ...(installedVersion === null ? [] : ['installed']),
    ...(state === 'missing' || state === 'mismatch' ? ['missing'] : []),
    ...(newer === undefined ? [] : ['newer']),
  ].join(' ');
}

function installedFacts(
  { installer, origin, requires }: InstalledPackage,
  requiredBy: readonly InstalledPackage[],
): [string, string][] {
  return [
    ...(origin === null ? [] : [['From', origin] as [string, string]]),
    ...(installer === null ? [] : [['Installed by', installer] as [string, string]]),
    ...(requires.length === 0 ? [] : [['Needs', requires.join(', ')] as [string, string]]),
    ['Needed by', requiredBy.map(({ title }) => title).join(', ') || 'no other package'],
  ];
}

function packageTooltip(
  title: string,
  summary: string,
  facts: readonly (readonly [name: string, text: string])[],
): string {
  const about = summary === '' ? [] : [escapeMarkdown(summary)];
  return [tooltipMarkdown(title, facts), ...about].join('\n\n');
}
