import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { ChildTransport } from '../../connection/childTransport.ts';
import { CPythonTransport } from '../../connection/cpythonTransport.ts';
import type { Frame } from '../../connection/frames.ts';
import { OrderedOutput, TOKEN_BYTES } from '../../connection/orderedOutput.ts';
import type { Transport } from '../../connection/transport.ts';
import { type Confinement, confineBySetting, networkPolicy } from '../confineBySetting.ts';
import { killProcessTree } from '../processTree.ts';
import { createTemporaryFolder, removeTemporaryFolder } from '../temporaryFolder.ts';
import { ensureBytecode } from './bytecode.ts';
import type { PythonEnvironment } from './environment/index.ts';
import { childEnvironment } from './environmentVariables.ts';
import { describePythonEnd } from './exits.ts';
import type { SubprocessSettings } from './settings.ts';
import { UnsentText } from './unsentText.ts';

/** Descriptors of the child beside the standard three; `cpython_platform.py` has the same numbers, and a fourth. */
const Descriptor = { INPUT: 3, OUTPUT: 4, LIFELINE: 5 } as const;

const BYTES_PER_MIB = 1024 * 1024;

/** What a start is made from. */
export interface PythonStart {
  readonly distFolder: string;
  readonly environment: PythonEnvironment;
  readonly settings: SubprocessSettings;
  /** Absolute path of the folder that stays writable in the operating system's sandbox; undefined: none does. */
  readonly writableFolder: string | undefined;
  /** Absolute paths within it that do not: what is in them acts outside of the sandbox. */
  readonly readOnlyFolders: readonly string[];
  /** Absolute path that Python starts in. */
  readonly workingFolder: string;
}

/** A Python that was started and is not ready yet. */
export interface StartedPython {
  readonly transport: Transport;
  /** What confines it; undefined where nothing does. */
  readonly confinement: Confinement | undefined;
  /** Which limits Python has found to hold; known once it is ready. */
  limits(): Limits;
}

const LimitsSchema = z.object({ memory: z.boolean(), cpu: z.boolean() });
/** Limits that were tried and hold. */
export type Limits = z.infer<typeof LimitsSchema>;

/**
 * Starts CPython in a process group of its own, with nothing installed into its environment.
 * @throws CodeModeError for what keeps it from being started
 */
export async function startPython(
  start: PythonStart,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<StartedPython> {
  const pythonFolder = path.join(start.distFolder, 'python');
  const [temporaryFolder] = await Promise.all([
    createTemporaryFolder(),
    ensureBytecode(pythonFolder, start.environment, log),
  ]);
  const token = Buffer.concat([Buffer.from([0xff]), randomBytes(TOKEN_BYTES - 1)]);
  const unsent = UnsentText.create(temporaryFolder);
  let confinement: Confinement | undefined;
  const cleanUp = async () => {
    unsent?.close();
    await Promise.all([confinement?.release(), removeTemporaryFolder(temporaryFolder)]);
  };
  let child: ChildProcess;
  try {
    const { settings, environment, distFolder } = start;
    const program = {
      command: environment.executable,
      args: [path.join(pythonFolder, 'start_cpython.py'), configuration(start, token)],
      env: pythonEnvironment(start, temporaryFolder),
    };
    // Without the sandbox, a limit of the network would be a setting that does nothing.
    const [setting, wish] =
      settings.sandbox === 'auto' && settings.network !== 'on'
        ? (['codeMode.subprocess.network', 'required'] as const)
        : (['codeMode.subprocess.sandbox', settings.sandbox] as const);
    confinement = await confineBySetting(
      setting,
      wish,
      program,
      {
        writable: [...(start.writableFolder === undefined ? [] : [start.writableFolder]), temporaryFolder],
        readOnly: start.readOnlyFolders,
        readable: [distFolder, environment.folder ?? program.command, start.workingFolder],
        otherFiles: 'visible',
        network: networkPolicy(settings.network, settings.allowedDomains),
        workingFolder: start.workingFolder,
      },
      signal,
      log,
    );
    const { command, args, env } = confinement ?? program;
    child = spawn(command, args, {
      env,
      cwd: start.workingFolder,
      // Two of text; of ours frames in both directions, one that only the host's end closes, and what was not sent.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', unsent?.descriptor ?? 'ignore'],
      // A group of its own, which can be ended with all that Python started; on Windows it would be a console.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (error) {
    await cleanUp();
    throw error;
  }
  let limits: Limits = { memory: false, cpu: false };
  const transport = connect(child, token, start, { confinement, unsent, cleanUp });
  const ready = transport.onFrame(({ header }) => {
    if (header.type !== 'ready') return;
    limits = LimitsSchema.parse(header.limits);
    ready.dispose();
  });
  return { transport, confinement, limits: () => limits };
}

/** What `cpython_platform.main` is given. */
function configuration({ settings, environment }: PythonStart, token: Buffer): string {
  return JSON.stringify({
    token: token.toString('hex'),
    label: environment.label,
    memory: settings.memoryLimit * BYTES_PER_MIB,
    cpu: settings.cpuLimit,
  });
}

function connect(
  child: ChildProcess,
  token: Buffer,
  start: PythonStart,
  {
    confinement,
    unsent,
    cleanUp,
  }: {
    confinement: Confinement | undefined;
    unsent: UnsentText | undefined;
    cleanUp: () => Promise<void>;
  },
): CPythonTransport {
  const pipe = (descriptor: number) => child.stdio[descriptor] as Readable & Writable;
  pipe(Descriptor.LIFELINE).on('error', () => undefined);
  const processes = new ChildTransport(
    child,
    { input: pipe(Descriptor.INPUT), output: pipe(Descriptor.OUTPUT) },
    {
      interrupt: () => undefined,
      kill: () => killProcessTree(child),
      cleanUp,
      describeEnd: (code, signal) => {
        const end = confinement?.innerExit({ code, signal }) ?? { code, signal };
        return describePythonEnd(end.code, end.signal, start.settings);
      },
    },
  );
  const createOutput = (deliver: (frame: Frame) => void) => {
    const output = new OrderedOutput(token, deliver);
    for (const kind of ['stdout', 'stderr'] as const) {
      child[kind]?.on('data', (bytes: Buffer) => output.acceptText(kind, bytes));
      child[kind]?.on('error', () => undefined);
    }
    return output;
  };
  return new CPythonTransport(processes, createOutput, () => unsent?.read() ?? {});
}

/** The environment variables of Python: ours without secrets, with its virtual environment active. */
function pythonEnvironment(
  { environment, settings }: PythonStart,
  temporaryFolder: string,
): Record<string, string> {
  const {
    PYTHONHOME: _home,
    // Of the environment that the editor was started in, which need not be this one.
    VIRTUAL_ENV: _folder,
    VIRTUAL_ENV_PROMPT: _prompt,
    ...env
  } = childEnvironment(process.env, settings.passEnvironment);
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) env[name] = temporaryFolder;
  // Figures are shown in the cell; a window would be nobody's.
  env.MPLBACKEND ??= 'agg';
  // Under the sandbox its own folder in the home is read-only, of which it would complain in the cell.
  if (settings.sandbox !== 'off') env.MPLCONFIGDIR ??= path.join(temporaryFolder, 'matplotlib');
  // The allocator of a Python without the global lock would set a gibibyte aside, more than many a limit.
  if (settings.memoryLimit > 0) env.MIMALLOC_ARENA_RESERVE ??= '0';
  if (environment.folder !== undefined) env.VIRTUAL_ENV = environment.folder;
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  env[pathName] = [path.dirname(environment.executable), env[pathName]].filter(Boolean).join(path.delimiter);
  env.HOME ??= os.homedir();
  return env;
}
