import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { checkParams } from '../../../common/params.ts';
import type { HostCallHandlers } from '../../../connection/hostCalls.ts';
import { PythonConnection } from '../../../connection/pythonConnection.ts';
import { CodeModeError, InstallError } from '../../../contract/errors.ts';
import type { IndexFile, IndexProject } from '../../../deps/index/indexProject.ts';
import { startSandbox } from '../launch.ts';
import { pyodideFiles } from '../runtime/files.ts';
import type { SandboxSettings } from '../settings.ts';
import { installProblem, ProblemSchema } from './problems.ts';

/** What wheels are to be chosen for. */
export interface ResolveRequest {
  /** With extras, versions and markers. */
  readonly requirements: readonly string[];
  /** Ranges of versions for packages that something else needs. */
  readonly constraints: readonly string[];
  /** Whether the newest versions of {@link requirements} are wanted where older ones are installed and would do. */
  readonly upgrade: boolean;
}

/** What can be chosen from of a package. */
export interface Choices extends IndexProject {
  /** All there are, also those of which no file can be chosen. */
  readonly versions: readonly string[];
}

/** What answers the resolver. */
export interface ResolveSource {
  /** @param name - normalised @returns undefined: there is no such package */
  choices(name: string, signal: AbortSignal): Promise<Choices | undefined>;
  /** The METADATA of a wheel. */
  metadata(file: IndexFile, signal: AbortSignal): Promise<string>;
}

/** A wheel that was chosen. */
export interface PlannedWheel {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  readonly file: IndexFile;
}

/** What is to be installed: packages that are there in the version that was chosen are left out. */
export interface Plan {
  readonly wheels: readonly PlannedWheel[];
  /** Normalised names of those that come from where Pyodide's own packages are. */
  readonly locked: readonly string[];
  /** The address of the folder of Pyodide's own packages, by Pyodide's account. */
  readonly lockedUrl: string;
}

const PlanSchema = z.object({
  wheels: z.array(z.object({ name: z.string(), version: z.string(), url: z.string() })),
  locked: z.array(z.string()),
  locked_url: z.string(),
});
const AnswerSchema = z.union([ProblemSchema, PlanSchema]);

const ProjectParams = z.object({ name: z.string() });
const MetadataParams = z.object({ url: z.string() });

/** Where the resolver is started from. */
export interface ResolverOptions {
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  /** Absolute path of the environment: what is installed in it counts. */
  readonly environment: string;
  readonly pythonVersion: string;
  readonly log: (line: string) => void;
}

/**
 * Chooses wheels with micropip, in a Pyodide that is started for it, runs nobody's code and reaches no network.
 *
 * @throws InstallError where there is no choice; what the source throws; CodeModeError `start-failed`, `cancelled`
 */
export async function resolveWheels(
  request: ResolveRequest,
  source: ResolveSource,
  { distFolder, environment, pythonVersion, log }: ResolverOptions,
  signal: AbortSignal,
): Promise<Plan> {
  const files = pyodideFiles(distFolder);
  const [program, micropip] = await Promise.all([
    readFile(files.resolverFile, 'utf8'),
    readMicropip(files.micropipFile),
  ]);
  const known = new Map<string, IndexFile>();
  const calls: HostCallHandlers = {
    'resolver.request': async () => ({
      result: {
        requirements: [...request.requirements],
        constraints: [...request.constraints],
        upgrade: request.upgrade,
      },
      buffers: [micropip],
    }),
    'resolver.project': async ({ method, params }) => {
      const { name } = checkParams(ProjectParams, method, params);
      const choices = await source.choices(name, signal);
      if (!choices) return { result: null };
      for (const file of choices.files) known.set(file.url, file);
      return { result: describeChoices(choices) };
    },
    'resolver.metadata': async ({ method, params }) => {
      const file = known.get(checkParams(MetadataParams, method, params).url);
      if (!file) throw new InstallError('The resolver asked for a wheel that nobody offered.');
      return { result: await source.metadata(file, signal) };
    },
  };
  let failure: unknown;
  const connection = new PythonConnection({
    executorId: 'resolver',
    launch: async (starting) => {
      const settings: SandboxSettings = { osSandbox: 'auto', network: 'off', allowedDomains: [] };
      const start = { distFolder, packagesFolder: environment, settings, log };
      return (await startSandbox(start, starting)).transport;
    },
    handlers: (method) => {
      const handler = calls[method];
      if (!handler) return undefined;
      return async (call) => {
        try {
          return await handler(call);
        } catch (error) {
          // Python would tell its text alone.
          failure ??= error;
          throw error;
        }
      };
    },
    timeoutS: null,
    maxResultCharacters: 1_000_000,
    log,
  });
  try {
    const result = await connection.run(program, { signal });
    signal.throwIfAborted();
    if (failure !== undefined) throw failure;
    if (result.error) {
      throw new InstallError(`micropip failed: ${result.error.message}`, { cause: result.error.traceback });
    }
    const answer = AnswerSchema.parse(result.value);
    if ('problem' in answer) throw installProblem(answer, pythonVersion);
    return {
      wheels: answer.wheels.flatMap(({ name, version, url }) => {
        const file = known.get(url);
        return file ? [{ name, version, file }] : [];
      }),
      locked: answer.locked,
      lockedUrl: answer.locked_url,
    };
  } finally {
    await connection.close();
  }
}

/** As an index describes a package (PEP 691). */
function describeChoices({ name, files, versions }: Choices) {
  return {
    name,
    versions: [...versions],
    files: files.map(({ filename, url, sha256, yanked }) => ({
      filename,
      url,
      hashes: sha256 === undefined ? {} : { sha256 },
      yanked,
    })),
  };
}

async function readMicropip(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CodeModeError('start-failed', `micropip is missing: ${path.basename(file)}.`, {
      hint: 'Reinstall the extension, or run "npm run build" in its sources.',
      cause,
    });
  }
}
