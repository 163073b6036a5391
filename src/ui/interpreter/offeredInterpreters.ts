import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { CodeModeError } from '../../core/contract/errors.ts';
import type { FoundInterpreter } from '../../core/executors/subprocess/environment/index.ts';
import {
  folderOfInterpreter,
  interpreterIn,
  isEnvironmentFolder,
} from '../../core/executors/subprocess/environment/layout.ts';
import { parsePythonSetting } from '../../core/executors/subprocess/environment/setting.ts';
import { minorVersion } from '../../core/executors/subprocess/environment/versions.ts';
import type { KnownEnvironment } from './knownEnvironment.ts';

/** A line of the menu of interpreters. */
export interface OfferedInterpreter {
  /** What the setting `codeMode.subprocess.python` gets. */
  readonly setting: string;
  /** `Python 3.12.1 (.venv)` */
  readonly label: string;
  /** What there is to know besides; empty where there is nothing. */
  readonly note: string;
  /** Where it is; empty for what is yet to be made. */
  readonly place: string;
  readonly group: 'current' | 'workspace' | 'extension' | 'managed' | 'other';
  /** Whether it is what the setting says now. */
  readonly isCurrent: boolean;
}

/** What {@link offerInterpreters} works with. */
export interface OfferedFrom {
  /** The setting as it is now. */
  readonly setting: string;
  /** Absolute path of the folder whose code runs; undefined where none is open. */
  readonly workspaceFolder: string | undefined;
  readonly found: readonly FoundInterpreter[];
  /** What another extension knows, and which of that the person has chosen there. */
  readonly extension: {
    readonly name: string;
    readonly environments: readonly KnownEnvironment[];
    readonly chosen: KnownEnvironment | undefined;
  };
}

/** Everything that can be chosen, each interpreter once, by group and within a group the newest first. */
export async function offerInterpreters(from: OfferedFrom): Promise<readonly OfferedInterpreter[]> {
  const { found, extension } = from;
  const current = currentSetting(from);
  const currentIdentity = current.kind === 'path' ? await identify(current.path) : undefined;
  const chosenIdentity = extension.chosen && (await identify(extension.chosen.executable));
  const listed = new Set<string>();
  const offered: OfferedInterpreter[] = [];

  const offerPlace = async (
    executable: string,
    setting: string,
    label: string,
    group: OfferedInterpreter['group'],
  ) => {
    const identity = await identify(executable);
    if (listed.has(identity)) return;
    listed.add(identity);
    const note = identity === chosenIdentity ? `chosen in the extension ${extension.name}` : '';
    offered.push({ setting, label, note, place: executable, group, isCurrent: identity === currentIdentity });
  };
  for (const { executable, setting, version, label, kind } of found) {
    if (kind === 'managed') continue;
    const name = kind === 'installation' ? `Python ${version}` : `Python ${version} (${label})`;
    await offerPlace(executable, setting, name, kind === 'workspace' ? 'workspace' : 'other');
  }
  const { environments, chosen } = extension;
  for (const { executable, name, version } of chosen ? [chosen, ...environments] : environments) {
    const label = ['Python', version, name && `(${name})`].filter(Boolean).join(' ');
    await offerPlace(executable, executable, label, 'extension');
  }
  offered.push(...managedVersions(found, current.kind === 'version' ? current.version : undefined));
  if (current.kind === 'unknown' || (currentIdentity && !offered.some(({ isCurrent }) => isCurrent))) {
    const label = from.setting.trim();
    offered.push({ setting: label, label, note: '', place: '', group: 'current', isCurrent: true });
  }
  return offered;
}

/** A version is offered where an environment of it is kept or could be made. */
function managedVersions(
  found: readonly FoundInterpreter[],
  current: string | undefined,
): readonly OfferedInterpreter[] {
  const kept = new Map(
    found.filter(({ kind }) => kind === 'managed').map(({ setting, executable }) => [setting, executable]),
  );
  const bases = found
    .filter(({ kind }) => kind === 'installation')
    .map(({ version }) => minorVersion(version));
  return [...new Set([...kept.keys(), ...bases, ...(current === undefined ? [] : [current])])]
    .sort((a, b) => Number(b.split('.')[1]) - Number(a.split('.')[1]))
    .map((version) => ({
      setting: version,
      label: `Python ${version}`,
      note: kept.has(version) ? '' : 'made when it is first used',
      place: kept.get(version) ?? '',
      group: 'managed' as const,
      isCurrent: version === current,
    }));
}

/** What the setting says; it may be something that can't be used. */
function currentSetting({ setting, workspaceFolder }: OfferedFrom) {
  try {
    return parsePythonSetting(setting, workspaceFolder);
  } catch (error) {
    if (CodeModeError.is(error, 'settings')) return { kind: 'unknown' } as const;
    throw error;
  }
}

/** Tells interpreters apart: those of environments by their folder, since many are links to one file, others by the file. */
async function identify(place: string): Promise<string> {
  for (const folder of [place, folderOfInterpreter(place)]) {
    if (await isEnvironmentFolder(folder)) return real(folder);
  }
  return real((await interpreterIn(place)) ?? place);
}

async function real(file: string): Promise<string> {
  return realpath(file).catch(() => path.normalize(file));
}
