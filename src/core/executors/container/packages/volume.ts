import { createHash } from 'node:crypto';
import type { Engine } from '../engine/engine.ts';
import { LABEL } from '../labels.ts';
import type { ContainerPlan } from '../plan.ts';
import { commaSeparated } from '../wall/commaSeparated.ts';
import { runArguments } from '../wall/runArguments.ts';
import { userArguments } from '../wall/user.ts';

/** Where a volume is while packages in it are changed; `container_init/packages.py` knows it as well. */
const VOLUME_FOLDER = '/opt/code-mode-volume';
const PACKAGES_FOLDER = '/opt/code-mode';

/** The volume that packages are kept in for the next container: of one workspace, one image, one Python of it and one user. */
export function keptVolumeName(plan: ContainerPlan): string {
  const { image, settings, workspaceFolder = '' } = plan;
  const parts = [workspaceFolder, image.id, settings.python, ...userArguments(plan)];
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
  return `python-code-mode-packages-${digest}`;
}

/** The names of this extension's volumes. @throws CodeModeError as the engine's calls do */
export async function volumeNames(engine: Engine, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const names = await engine.call(['volume', 'ls', '--quiet', '--filter', `label=${LABEL}`], { signal });
  return new Set(names.split('\n'));
}

/**
 * Makes a volume, unless somebody else has meanwhile: an engine would make it as well, but without labels, by which it is
 * found once nobody else knows of it.
 *
 * @throws CodeModeError as the engine's calls do
 */
export async function makeVolume(
  engine: Engine,
  name: string,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  // Here, and not with containers, Podman reads each as a line of comma-separated values.
  const labelArguments = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .map((label) => `--label=${engine.kind === 'podman' ? commaSeparated([label]) : label}`);
  try {
    await engine.call(['volume', 'create', ...labelArguments, name], { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    await engine.call(['volume', 'inspect', name], { signal }).catch(() => {
      throw error;
    });
  }
}

/** Removes a volume that no container has any more. @throws CodeModeError as the engine's calls do */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  await engine.call(['volume', 'rm', '--force', name]);
}

/** The plan of a container that sees packages as the session's do, with their image, user and limits: nothing of this machine. */
export function lookingPlan(plan: ContainerPlan, name: string): ContainerPlan {
  return {
    ...plan,
    name,
    workingFolder: undefined,
    protectedMounts: [],
    settings: { ...plan.settings, network: 'off', workspace: 'none', mounts: [], gpus: '' },
  };
}

/**
 * The plan of a container that changes the packages in a volume, and fetches them through the tunnel. The volume is elsewhere
 * in it, so that what is new takes the place of what is there only once it is whole.
 */
export function changingPlan(plan: ContainerPlan, name: string, volume: string): ContainerPlan {
  const looking = lookingPlan(plan, name);
  const { settings } = looking;
  return {
    ...looking,
    volume: undefined,
    settings: {
      ...settings,
      runArguments: [
        ...settings.runArguments,
        `--mount=type=volume,source=${volume},target=${VOLUME_FOLDER}`,
        `--tmpfs=${PACKAGES_FOLDER}:rw,mode=1777,size=1m`,
      ],
    },
  };
}

/** Lets the user inside write into a volume, which engines may have made root's. @param plan as {@link changingPlan} makes it */
export async function openVolume(plan: ContainerPlan, signal: AbortSignal): Promise<void> {
  const program = `import os; os.chmod("${VOLUME_FOLDER}", 0o1777)`;
  await plan.engine.call(runArguments({ ...plan, user: '0:0' }, ['-c', program]), { signal });
}
