import { realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SettingsError } from '../../../contract/errors.ts';
import type { ContainerPlan } from '../plan.ts';
import { PACKAGES_FOLDER, TEMPORARY_FOLDER, workspaceInside } from './inside.ts';
import { whatOpens } from './openings.ts';

/** A folder or file of this machine as it is seen inside. */
export interface ContainerMount {
  /** Absolute real path on this machine. */
  readonly source: string;
  /** Absolute path inside. */
  readonly target: string;
  readonly writable: boolean;
}

/** What of a plan decides about its mounts. */
export type MountPlan = Pick<ContainerPlan, 'engine' | 'settings' | 'workspaceFolder'>;

/** Places inside that are the kernel's, or this extension's own. */
const TAKEN = ['/proc', '/sys', '/dev', PACKAGES_FOLDER];

/** A mount as the settings ask for it, its source as it is written. */
export interface WantedMount extends ContainerMount {
  /** The whole name of the setting that asks. */
  readonly setting: string;
}

/** What the settings ask for: the workspace folder, and what they list. Nothing of it is checked. */
export function wantedMounts({
  settings,
  workspaceFolder,
}: Omit<MountPlan, 'engine'>): readonly WantedMount[] {
  const listed = settings.mounts.map(({ source, target, writable }) => ({
    source,
    target: path.posix.resolve('/', target),
    writable,
    setting: 'codeMode.container.mounts',
  }));
  if (settings.workspace === 'none' || workspaceFolder === undefined) return listed;
  const workspace = {
    source: workspaceFolder,
    target: workspaceInside(workspaceFolder),
    writable: settings.workspace === 'writable',
    setting: 'codeMode.container.workspace',
  };
  return [workspace, ...listed];
}

/**
 * What of this machine a container gets to see.
 *
 * @throws SettingsError for what is missing, what has no place inside, and what would open the machine up and was not
 *   said twice
 */
export function containerMounts(plan: MountPlan): readonly ContainerMount[] {
  const { engine, settings, workspaceFolder } = plan;
  const wanted = wantedMounts(plan);
  if (wanted.length > 0 && engine.facts.isRemote) {
    throw new SettingsError(
      `${wanted[0]!.setting} asks for folders of this machine, but ${engine.label} runs containers on another one.`,
      'Remove it, or use an engine of this machine: codeMode.container.engine and codeMode.container.context.',
    );
  }
  const confirmed = new Set(
    settings.dangerousMounts.flatMap((place) => realPath(absolute(place, workspaceFolder)) ?? []),
  );
  const taken = new Set<string>();
  return wanted.map(({ source: named, target, writable, setting }) => {
    const source = realPath(absolute(named, workspaceFolder));
    if (source === undefined) {
      throw new SettingsError(
        `${setting} names "${named}", which is not there.`,
        'Make it, or remove it there.',
      );
    }
    const danger = confirmed.has(source) ? undefined : whatOpens(source);
    if (danger !== undefined) {
      throw new SettingsError(
        `${setting} would open "${named}" to the code in the container: ${danger}.`,
        `Mount less than that or, if it is meant, name "${named}" in codeMode.container.dangerousMounts as well.`,
      );
    }
    checkTarget(target, setting);
    if (taken.has(target)) throw new SettingsError(`"${target}" inside is mounted twice.`, `See ${setting}.`);
    taken.add(target);
    return { source, target, writable };
  });
}

/** @throws SettingsError where nothing can be mounted */
function checkTarget(target: string, setting: string): void {
  const isTaken =
    TAKEN.some((each) => `${target}/`.startsWith(`${each}/`)) || PACKAGES_FOLDER.startsWith(`${target}/`);
  if (target !== '/' && target !== TEMPORARY_FOLDER && !isTaken) return;
  throw new SettingsError(
    `${setting} cannot mount anything at "${target}" inside.`,
    'Name a target of its own there, such as /data.',
  );
}

/** @throws SettingsError for a relative path where no folder is open */
function absolute(place: string, workspaceFolder: string | undefined): string {
  if (place === '~' || /^~[/\\]/.test(place)) return path.join(os.homedir(), place.slice(1));
  if (path.isAbsolute(place)) return place;
  if (workspaceFolder !== undefined) return path.resolve(workspaceFolder, place);
  throw new SettingsError(
    `codeMode.container names the relative path "${place}", but no folder is open.`,
    'Open a folder, or write the whole path.',
  );
}

function realPath(place: string): string | undefined {
  try {
    return realpathSync.native(place);
  } catch {
    return undefined;
  }
}
