import { z } from 'zod';
import { parseCommentedJson } from '../../../common/commentedJson.ts';
import { CodeModeError } from '../../../contract/errors.ts';

/** What a `devcontainer.json` says of its image. Plain data; variables such as `${localEnv:NAME}` are not filled in yet. */
export interface Devcontainer {
  readonly base: DevcontainerImage | DevcontainerBuild;
  /** Set in the container. */
  readonly containerEnvironment: Readonly<Record<string, string>>;
  /** Set for what runs in it, and so after the other; null removes a variable. */
  readonly remoteEnvironment: Readonly<Record<string, string | null>>;
  /** Names of what it says besides that changes a container, and is not followed here. */
  readonly ignored: readonly string[];
}

/** One that is fetched. */
export interface DevcontainerImage {
  readonly image: string;
}

/** One that is built. Paths are relative to the file. */
export interface DevcontainerBuild {
  readonly dockerfile: string;
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | undefined;
}

const text = z.string().trim().min(1);
const DevcontainerSchema = z.object({
  image: text.optional(),
  build: z
    .object({
      dockerfile: text.optional(),
      context: text.optional(),
      args: z.record(z.string(), z.string()).optional(),
      target: text.optional(),
      options: z.array(z.string()).optional(),
    })
    .optional(),
  // The names that these had in the first years of the format.
  dockerFile: text.optional(),
  context: text.optional(),
  dockerComposeFile: z.unknown().optional(),
  features: z.record(z.string(), z.unknown()).optional(),
  containerEnv: z.record(z.string(), z.string()).optional(),
  remoteEnv: z.record(z.string(), z.string().nullable()).optional(),
});

/** What is about the container or what runs in it, and would be missed by whoever counts on it. */
const NOT_FOLLOWED = [
  'capAdd',
  'containerUser',
  'hostRequirements',
  'initializeCommand',
  'mounts',
  'onCreateCommand',
  'postAttachCommand',
  'postCreateCommand',
  'postStartCommand',
  'privileged',
  'remoteUser',
  'runArgs',
  'securityOpt',
  'updateContentCommand',
  'workspaceFolder',
  'workspaceMount',
];

/**
 * Reads a `devcontainer.json`.
 *
 * @param name of the file, for people
 * @throws CodeModeError `file` where it can't be read, names no image, or needs what is not supported
 */
export function parseDevcontainer(content: string, name: string): Devcontainer {
  const raw = parseObject(content, name);
  const parsed = DevcontainerSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw broken(`${name} cannot be used: ${issue?.path.join('.')}: ${issue?.message}.`);
  }
  const said = parsed.data;
  const instead = `Put what they add into a Dockerfile, and name that in codeMode.container.build.`;
  if (said.dockerComposeFile !== undefined) {
    throw broken(
      `${name} starts its containers with Docker Compose, which is not supported here.`,
      'Name the Dockerfile of its service in codeMode.container.build, or an image in codeMode.container.image.',
    );
  }
  const features = Object.keys(said.features ?? {});
  if (features.length > 0) {
    throw broken(`${name} adds features, which are not supported here: ${features.join(', ')}.`, instead);
  }
  if (said.build?.options?.length) {
    throw broken(
      `${name} has build.options, which are not supported here: ${said.build.options.join(' ')}.`,
      'Say it in the Dockerfile, or by build.args and build.target.',
    );
  }
  return {
    base: baseOf(said, name),
    containerEnvironment: said.containerEnv ?? {},
    remoteEnvironment: said.remoteEnv ?? {},
    ignored: NOT_FOLLOWED.filter((key) => key in raw),
  };
}

function baseOf(said: z.output<typeof DevcontainerSchema>, name: string): Devcontainer['base'] {
  const dockerfile = said.build?.dockerfile ?? said.dockerFile;
  if (dockerfile !== undefined) {
    const context = said.build?.context ?? said.context ?? '.';
    return { dockerfile, context, args: said.build?.args ?? {}, target: said.build?.target };
  }
  if (said.image !== undefined) return { image: said.image };
  throw broken(
    `${name} names neither an image nor a Dockerfile.`,
    'Give it an "image" or "build.dockerfile".',
  );
}

function parseObject(content: string, name: string): Readonly<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(parseCommentedJson(content));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'it is no object';
    throw broken(`${name} is no JSON that can be read: ${reason}.`, undefined, cause);
  }
}

function broken(
  message: string,
  hint = 'Correct the file, then start again.',
  cause?: unknown,
): CodeModeError {
  return new CodeModeError('file', message, { hint, cause });
}
