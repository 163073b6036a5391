import path from 'node:path';
import { CodeModeError } from '../../contract/errors.ts';
import { signalMeaning } from '../signalMeaning.ts';
import { CompiledModules } from './link/compiledModules.ts';
import { ContainerLink } from './link/containerLink.ts';
import { readPayload } from './link/payload.ts';
import type { Ended } from './link/reports.ts';
import type { ContainerPlan } from './plan.ts';
import type { ContainerSettings } from './settings.ts';
import { openTunnel } from './tunnel/tunnel.ts';
import { runArguments } from './wall/runArguments.ts';

/**
 * Starts a container, with Python as the first process in it and no interpreter yet.
 *
 * @param options `distFolder`: absolute path of the built `dist` folder
 * @throws CodeModeError for what keeps it from being started, `cancelled`; SettingsError for mounts that are refused
 */
export async function startContainer(
  plan: ContainerPlan,
  { distFolder, signal, log }: { distFolder: string; signal: AbortSignal; log: (line: string) => void },
): Promise<ContainerLink> {
  const { engine, image, settings, name } = plan;
  const payload = await readPayload(path.join(distFolder, 'python'));
  const compiled = new CompiledModules([image.id, settings.python, payload.digest], log);
  const bytes = payload.encode(await compiled.read());
  signal.throwIfAborted();
  const client = engine.spawn(runArguments(plan, ['-c', payload.program]), ['pipe', 'pipe', 'pipe']);
  const link = await ContainerLink.open(client, {
    payload: bytes,
    signal,
    onCompiled: (made) => void compiled.keep(made),
    describeEnd: (ended) => describeEnd(ended, settings),
    problem: (complaint) => engine.problem(complaint),
    startHint: `See what it says by itself: ${engine.kind} run --rm --entrypoint ${settings.python} ${settings.build === '' ? settings.image : image.id} --version`,
    remove: async () => {
      await engine
        .call(['rm', '--force', '--volumes', name])
        .catch((error: unknown) => log(`container ${name}: ${CodeModeError.describe(error)}`));
    },
    log,
  });
  if (settings.network === 'allowedDomains') openTunnel(link, settings.allowedDomains, log);
  return link;
}

/** Says for people why a process inside ended. */
function describeEnd({ code, signal, outOfMemory, problem }: Ended, settings: ContainerSettings): string {
  if (problem !== null) return problem;
  if (outOfMemory) return `it ran out of memory: all in the container may have ${settings.memoryLimit} MiB`;
  if (signal === null) return `exit code ${code}`;
  const meaning = signalMeaning(signal);
  return meaning === undefined ? `killed by ${signal}` : `${meaning} (killed by ${signal})`;
}
