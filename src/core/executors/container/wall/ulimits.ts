import { readFileSync } from 'node:fs';
import type { ContainerPlan } from '../plan.ts';

const BYTES_PER_MIB = 1024 * 1024;
/** What a Podman with root gives each container of both, whether it may or not. */
const PODMANS = 1_048_576;

/** The limits of each process inside. */
export function ulimitArguments({ engine, settings }: ContainerPlan): readonly string[] {
  // What is dumped would lie in the workspace, or outside of the container.
  const limits: Record<string, number> = { core: 0 };
  if (settings.fileSizeLimit > 0) limits.fsize = settings.fileSizeLimit * BYTES_PER_MIB;
  if (engine.kind === 'podman' && !engine.facts.isRemote) {
    for (const [name, own] of Object.entries(ownLimits())) if (own < PODMANS) limits[name] = own;
  }
  return Object.entries(limits).map(([name, value]) => `--ulimit=${name}=${value}:${value}`);
}

/** How far a Podman of this process can raise what it raises; empty where the system does not tell. */
function ownLimits(): Record<string, number> {
  try {
    const table = readFileSync('/proc/self/limits', 'utf8');
    const hard = (title: string) =>
      Number(new RegExp(`^${title} +\\S+ +(\\d+) `, 'm').exec(table)?.[1] ?? Infinity);
    // Its monitor lowers its own to that.
    const processes = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'));
    return { nofile: hard('Max open files'), nproc: Math.min(hard('Max processes'), processes) };
  } catch {
    return {};
  }
}
