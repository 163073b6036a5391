import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { CodeModeError } from '../../../contract/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { explainProblem } from '../engine/problems.ts';
import type { ContainerSettings } from '../settings.ts';
import { commaSeparated } from '../wall/commaSeparated.ts';
import { BuildOutput } from './buildOutput.ts';
import { ownIgnoreFile } from './contentDigest.ts';
import { endStep } from './endStep.ts';
import type { ImageBuild } from './imageSource.ts';

/** How an image is built. */
export interface BuildOptions {
  /** What it is called. */
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether nothing of earlier builds is taken, and the image that it builds on is fetched anew. */
  readonly fresh: boolean;
  readonly settings: ContainerSettings;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/**
 * Builds an image from a Dockerfile; its steps have the engine's own network.
 * @throws CodeModeError `start-failed` with the end of what the step that failed has printed; `cancelled`
 */
export async function buildImage(engine: Engine, build: ImageBuild, options: BuildOptions): Promise<void> {
  const output = new BuildOutput();
  options.onProgress(`Building ${build.name}`);
  const onLine = (line: string) => {
    const news = output.read(line);
    if (news !== undefined) options.onProgress(news);
  };
  try {
    const isPodmanHere = engine.kind === 'podman' && process.platform === 'linux' && !engine.facts.isRemote;
    const cancel = (id: number) => (output.isAtInstruction ? void endStep(id) : process.kill(id, 'SIGTERM'));
    await engine.call(await buildArguments(engine, build, options), {
      signal: options.signal,
      onLine,
      ...(isPodmanHere ? { cancel } : {}),
    });
  } catch (error) {
    throw describeFailure(error, output, engine, build, options.settings);
  }
}

async function buildArguments(
  engine: Engine,
  build: ImageBuild,
  { tag, labels, fresh, settings }: BuildOptions,
): Promise<readonly string[]> {
  // Podman reads several files there.
  const file = engine.kind === 'podman' ? commaSeparated([build.dockerfile]) : build.dockerfile;
  return [
    // Docker without BuildKit keeps the container of a step that failed unless it is told otherwise.
    ...['build', '--force-rm', '--file', file, '--tag', tag],
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...Object.entries(build.args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...(build.target === undefined ? [] : ['--target', build.target]),
    ...(engine.kind === 'podman' && existsSync(ownIgnoreFile(build))
      ? ['--ignorefile', ownIgnoreFile(build)]
      : []),
    ...(fresh ? ['--no-cache'] : []),
    ...(await pullArguments(engine, build, fresh ? 'always' : settings.pull)),
    build.context,
  ];
}

/** How the image that a build begins with is had. */
async function pullArguments(
  engine: Engine,
  build: ImageBuild,
  pull: ContainerSettings['pull'],
): Promise<readonly string[]> {
  // Podman takes what is there where a registry has nothing newer, or can't be asked.
  if (engine.kind === 'podman')
    return pull === 'missing' ? [] : [`--pull=${pull === 'always' ? 'newer' : pull}`];
  if (pull !== 'always') return [];
  // Docker would look for an image that was made here in a registry, and fail.
  const isLocal = /^\s*FROM\s+(?:--\S+\s+)*localhost\//imu.test(await readFile(build.dockerfile, 'utf8'));
  return isLocal ? [] : ['--pull'];
}

function describeFailure(
  error: unknown,
  { step, last }: BuildOutput,
  engine: Engine,
  build: ImageBuild,
  settings: ContainerSettings,
): unknown {
  const complaint =
    CodeModeError.is(error, 'cancelled') || !(error instanceof Error) ? undefined : error.cause;
  // Before the first step, it is about the engine.
  if (step === undefined || typeof complaint !== 'string') return error;
  const reason =
    complaint
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^error(?: response from daemon)?: /iu, '') ?? '';
  // Only what the engine says itself: what a step prints may look like any of its complaints.
  const image = /^FROM\s+(?:--\S+\s+)*(\S+)/iu.exec(step)?.[1] ?? settings.image;
  const known = explainProblem(reason, { kind: engine.kind, settings: { ...settings, image } });
  return new CodeModeError(
    'start-failed',
    [`Building ${build.name} has failed at: ${step}`, ...last, known?.message ?? reason].join('\n'),
    {
      hint: known?.hint ?? `Correct ${build.name}, then start again; what is done already is not done anew.`,
      cause: error,
    },
  );
}
