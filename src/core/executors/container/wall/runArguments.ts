import { checkDomains } from '../../confinement/policy.ts';
import type { ContainerPlan } from '../plan.ts';
import { commaSeparated } from './commaSeparated.ts';
import { gpuArguments } from './gpus.ts';
import { PACKAGES_FOLDER, TEMPORARY_FOLDER } from './inside.ts';
import { containerMounts } from './mounts.ts';
import { ulimitArguments } from './ulimits.ts';
import { userArguments } from './user.ts';

/** Microseconds in which a container may use its share of the processors. */
const CPU_PERIOD = 100_000;
/** What the kernel gives at least. */
const SMALLEST_QUOTA = 1000;

/**
 * The wall: `run` with all that it is told, to the image and what follows it. Everything is closed that can be, and the
 * settings open it one by one.
 *
 * @param command what the Python of the image is given
 * @throws SettingsError for mounts that cannot be, or that are refused, and for what is no domain
 */
export function runArguments(plan: ContainerPlan, command: readonly string[]): readonly string[] {
  const { engine, image, settings } = plan;
  return [
    'run',
    '--rm',
    '--interactive',
    // What it writes is a protocol, not a log.
    '--log-driver=none',
    '--pull=never',
    '--no-healthcheck',
    `--name=${plan.name}`,
    ...Object.entries(plan.labels).map(([name, value]) => `--label=${name}=${value}`),
    ...engine.runArguments,
    ...fileArguments(plan),
    ...privilegeArguments(plan),
    ...resourceArguments(plan),
    ...networkArguments(settings),
    ...gpuArguments(engine.kind, settings.gpus),
    `--entrypoint=${settings.python}`,
    // Last, so that they have the last word.
    ...settings.runArguments,
    image.id,
    ...command,
  ];
}

function fileArguments(plan: ContainerPlan): readonly string[] {
  const { engine, settings, volume } = plan;
  const mounts = [...containerMounts(plan), ...plan.protectedMounts];
  return [
    '--read-only',
    // Otherwise Podman makes further places that can be written, without a limit.
    ...(engine.kind === 'podman' ? ['--read-only-tmpfs=false', '--image-volume=ignore'] : []),
    // Compilers put there what is run then.
    `--tmpfs=${TEMPORARY_FOLDER}:rw,exec,nosuid,nodev,mode=1777,size=${settings.temporarySize}m`,
    // It is memory as well, and what processes share is in it.
    `--shm-size=${settings.temporarySize}m`,
    `--workdir=${TEMPORARY_FOLDER}`,
    ...mounts.map(({ source, target, writable }) => mountArgument('bind', source, target, writable)),
    ...(volume ? [mountArgument('volume', volume.name, PACKAGES_FOLDER, volume.writable)] : []),
    // The files of this machine keep their labels: to give them a container's would lock others out.
    ...(mounts.length > 0 ? ['--security-opt=label=disable'] : []),
  ];
}

function mountArgument(type: 'bind' | 'volume', source: string, target: string, writable: boolean): string {
  // Podman knows no other word of it for volumes.
  const readOnly = writable ? [] : ['ro'];
  return `--mount=${commaSeparated([`type=${type}`, `source=${source}`, `target=${target}`, ...readOnly])}`;
}

function privilegeArguments(plan: ContainerPlan): readonly string[] {
  return [
    ...userArguments(plan),
    '--cap-drop=all',
    '--security-opt=no-new-privileges',
    '--ipc=private',
    // The configuration of Podman can share these with the machine, and hand on proxies with their passwords.
    ...(plan.engine.kind === 'podman' ? ['--pid=private', '--uts=private', '--http-proxy=false'] : []),
  ];
}

function networkArguments({ network, allowedDomains }: ContainerPlan['settings']): readonly string[] {
  if (network === 'on') return [];
  // They are reached through the tunnel, which begins when the container runs: too late to refuse them.
  if (network === 'allowedDomains') checkDomains(allowedDomains);
  return ['--network=none'];
}

/** Limits of all processes together, as far as the engine keeps them, and of each. */
function resourceArguments(plan: ContainerPlan): readonly string[] {
  const { settings } = plan;
  const { limits } = plan.engine.facts;
  const memory = settings.memoryLimit > 0 && limits.memory;
  const quota = Math.max(SMALLEST_QUOTA, Math.round(settings.cpus * CPU_PERIOD));
  return [
    ...(memory ? [`--memory=${settings.memoryLimit}m`] : []),
    ...(memory && limits.swap ? [`--memory-swap=${settings.memoryLimit}m`] : []),
    // In place of `--cpus`, which Docker refuses where there are fewer of them.
    ...(settings.cpus > 0 && limits.cpu ? [`--cpu-period=${CPU_PERIOD}`, `--cpu-quota=${quota}`] : []),
    ...(limits.pids ? [`--pids-limit=${settings.processLimit || -1}`] : []),
    ...ulimitArguments(plan),
  ];
}
