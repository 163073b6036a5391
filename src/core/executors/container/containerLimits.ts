import type { ContainerFacts } from './facts.ts';
import type { ContainerSettings } from './settings.ts';

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** What a container was given, a line each for people: by what it has seen of itself. */
export function containerLimits(facts: ContainerFacts, settings: ContainerSettings): readonly string[] {
  const { memoryLimit, memoryAndSwapLimit, cpuLimit, processLimit, fileSizeLimit } = facts;
  return [
    network(facts, settings),
    memoryLimit === null
      ? 'memory without a limit'
      : `${bytes(memoryLimit)} of memory${memoryAndSwapLimit === memoryLimit ? ', swap with it' : ''}`,
    cpuLimit === null ? 'all processors' : count(cpuLimit, 'processor', 'processors'),
    processLimit === null ? 'processes without a limit' : count(processLimit, 'process', 'processes'),
    fileSizeLimit === null ? 'files of any size' : `files of up to ${bytes(fileSizeLimit)}`,
    facts.user === 0 ? 'root inside' : `user ${facts.user}, not root`,
    facts.hasCapabilities || !facts.noNewPrivileges ? 'may have privileges' : 'no privileges',
    facts.rootIsWritable ? 'writable system files' : 'read-only system files',
    ...(settings.gpus === '' ? [] : [`GPUs: ${settings.gpus}`]),
    ...facts.mounts.map(({ target, writable }) => `${target}, ${writable ? 'writable' : 'read-only'}`),
  ];
}

function network({ interfaces }: ContainerFacts, { network, allowedDomains }: ContainerSettings): string {
  if (interfaces.length > 0) return 'network without a limit';
  if (network !== 'allowedDomains' || allowedDomains.length === 0) return 'no network';
  return `no network but ${allowedDomains.join(', ')}`;
}

function count(number: number, one: string, more: string): string {
  return `${number} ${number === 1 ? one : more}`;
}

/** Such as `512 MiB` and `1.5 GiB`. */
function bytes(number: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(number, 1)) / 10), UNITS.length - 1);
  return `${Number((number / 1024 ** power).toFixed(1))} ${UNITS[power]}`;
}
