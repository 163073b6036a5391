import { basename } from 'node:path';
import { unlessAborted } from '../../../common/unlessAborted.ts';
import { CodeModeError } from '../../../contract/errors.ts';
import type { ContainerSettings } from '../settings.ts';
import { CommandLineEngine, type FoundEngine } from './commandLineEngine.ts';
import type { Engine } from './engine.ts';
import { dockerFacts, isPodman, localPodmanFacts, remotePodmanFacts } from './engineFacts.ts';
import { explainProblem, noEngine, noSuchProgram, unexplained } from './problems.ts';
import { findEngineProgram, isExecutable } from './programs.ts';
import { runCommand } from './runCommand.ts';

/** How long an engine may take to say what it is: one on another machine is asked over the network. */
const ANSWER_MS = 30_000;

/** What was found in this process, by the settings and variables that decide on it. */
const found = new Map<string, Promise<FoundEngine>>();

/**
 * The engine that the settings name; with `auto` Docker, or Podman where Docker is not there or does not answer. What an
 * engine says of itself is kept until one of its commands fails.
 *
 * @throws CodeModeError where there is none or it does not answer, with the command that mends it; `cancelled`
 */
export async function findEngine(
  settings: ContainerSettings,
  { signal, log }: { signal?: AbortSignal | undefined; log: (line: string) => void },
): Promise<Engine> {
  const { DOCKER_HOST, DOCKER_CONTEXT, CONTAINER_HOST, CONTAINER_CONNECTION, PATH } = process.env;
  const variables = [DOCKER_HOST, DOCKER_CONTEXT, CONTAINER_HOST, CONTAINER_CONNECTION, PATH];
  const key = JSON.stringify([settings.engine, settings.context, ...variables]);
  const forget = () => found.delete(key);
  let search = found.get(key);
  if (!search) {
    search = look(settings, log);
    search.catch(forget);
    found.set(key, search);
  }
  const engine = await unlessAborted(
    search,
    signal,
    () => new CodeModeError('cancelled', 'The start was cancelled.'),
  );
  return new CommandLineEngine(engine, settings, forget);
}

async function look(settings: ContainerSettings, log: (line: string) => void): Promise<FoundEngine> {
  if (settings.engine === 'docker' || settings.engine === 'podman') {
    const file = findEngineProgram(settings.engine);
    if (file === undefined) throw noEngine(settings.engine);
    return ask(file, settings);
  }
  if (settings.engine !== 'auto') {
    if (!isExecutable(settings.engine)) throw noSuchProgram(settings.engine);
    return ask(settings.engine, settings);
  }
  const files = (['docker', 'podman'] as const).map(findEngineProgram).filter((file) => file !== undefined);
  let problem: unknown;
  for (const file of files) {
    try {
      return await ask(file, settings);
    } catch (error) {
      log(`${file} cannot be used: ${CodeModeError.describe(error)}`);
      // Of two that cannot be used, the first is what the person has most likely set up.
      problem ??= error;
    }
  }
  throw problem ?? noEngine('auto');
}

/** Asks a program what it is. @throws CodeModeError where it does not answer */
async function ask(file: string, settings: ContainerSettings): Promise<FoundEngine> {
  if (/podman/i.test(basename(file))) return askPodman(file, settings);
  const globalArguments = settings.context === '' ? [] : ['--context', settings.context];
  const say = sayer('docker', file, globalArguments, settings);
  const [info, contexts] = await Promise.all([
    say(['info', '--format', '{{json .}}']),
    // Podman under Docker's name does not know of contexts; what Docker complains of is said by the other command.
    say(['context', 'inspect']).catch(() => '[]'),
  ]);
  if (isPodman(info)) return askPodman(file, settings);
  return { kind: 'docker', file, globalArguments, facts: dockerFacts(info, contexts) };
}

async function askPodman(file: string, settings: ContainerSettings): Promise<FoundEngine> {
  const globalArguments = settings.context === '' ? [] : ['--connection', settings.context];
  const say = sayer('podman', file, globalArguments, settings);
  const local = localPodmanFacts(await say(['version', '--format', 'json']));
  if (local) return { kind: 'podman', file, globalArguments, facts: local };
  const [info, connections] = await Promise.all([
    say(['info', '--format', 'json']),
    say(['system', 'connection', 'list', '--format', 'json']),
  ]);
  const facts = remotePodmanFacts(info, connections, settings.context);
  return { kind: 'podman', file, globalArguments, facts };
}

function sayer(
  kind: Engine['kind'],
  file: string,
  globalArguments: readonly string[],
  settings: ContainerSettings,
): (args: readonly string[]) => Promise<string> {
  return async (args) => {
    const command = { file, args: [...globalArguments, ...args] };
    const { succeeded, stdout, complaint, end } = await runCommand(command, { timeoutMs: ANSWER_MS });
    if (succeeded) return stdout;
    throw (
      explainProblem(complaint, { kind, settings }) ??
      unexplained({ label: basename(file) }, args, complaint, end)
    );
  };
}
