import { randomBytes } from 'node:crypto';
import { CPythonTransport } from '../../connection/cpythonTransport.ts';
import { OrderedOutput, TOKEN_BYTES } from '../../connection/orderedOutput.ts';
import type { Transport } from '../../connection/transport.ts';
import { PROXY_NAMES, withProxy } from '../confinement/proxyEnvironment.ts';
import { type ContainerLink, TUNNEL_PORT } from './link/containerLink.ts';
import type { ContainerPlan } from './plan.ts';
import type { ContainerSettings } from './settings.ts';
import { TEMPORARY_FOLDER, workspaceInside } from './wall/inside.ts';

const BYTES_PER_MIB = 1024 * 1024;
/** The part of the memory that one process may ask for, so that it is told before all of them are out of memory. */
const PART_OF_ONE = 0.9;

/** Starts an interpreter in a container that runs. */
export function startInterpreter(link: ContainerLink, plan: ContainerPlan): Transport {
  const token = Buffer.concat([Buffer.from([0xff]), randomBytes(TOKEN_BYTES - 1)]);
  const { settings, image } = plan;
  const interpreter = link.start({
    configuration: JSON.stringify({
      token: token.toString('hex'),
      label: image.name,
      // Programs for GPUs reserve far more than they use.
      memory: settings.gpus === '' ? Math.floor(settings.memoryLimit * BYTES_PER_MIB * PART_OF_ONE) : 0,
      cpu: 0,
    }),
    environment: environment(plan),
    folder: interpreterFolder(settings, plan),
  });
  const createOutput = (deliver: ConstructorParameters<typeof OrderedOutput>[1]) => {
    const output = new OrderedOutput(token, deliver);
    interpreter.onText(({ kind, bytes }) => output.acceptText(kind, bytes));
    return output;
  };
  // What was printed and not sent comes as text before the end.
  return new CPythonTransport(interpreter, createOutput, () => ({}));
}

/** Where an interpreter begins: the folder inside of what is its own on this machine. */
export function interpreterFolder(
  { workspace }: ContainerSettings,
  { workspaceFolder, workingFolder = workspaceFolder }: InterpreterFolders,
): string {
  if (workingFolder === undefined || workspace === 'none') return TEMPORARY_FOLDER;
  return workspaceInside(workingFolder);
}

/** As in {@link ContainerPlan}. */
interface InterpreterFolders {
  readonly workspaceFolder?: string | undefined;
  readonly workingFolder?: string | undefined;
}

/** Sent in, so that no value stands on a command line. */
function environment({ settings, image }: ContainerPlan): Record<string, string | null> {
  const passed = settings.passEnvironment.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const asked: Record<string, string> = {
    HOME: TEMPORARY_FOLDER,
    // Figures are shown in the cell; a window would be nobody's.
    MPLBACKEND: 'agg',
    // The allocator of a Python without the global lock would set a gibibyte aside.
    MIMALLOC_ARENA_RESERVE: '0',
    ...image.environment,
    ...Object.fromEntries(passed),
    ...settings.environment,
  };
  if (settings.network === 'on') return asked;
  // Docker sets those of its configuration, with their passwords: no way leads to them.
  const unset = Object.fromEntries(PROXY_NAMES.map((name) => [name, null]));
  if (settings.network === 'off') return { ...unset, ...asked };
  return { ...unset, ...withProxy(asked, `http://127.0.0.1:${TUNNEL_PORT}`) };
}
