import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CodeModeError } from '../../../contract/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { ImagesDisturbedError } from '../engine/problems.ts';

const LOOK_AGAIN_MS = 100;

/** An image as the engine has it. */
export interface FoundImage {
  /** `sha256:` and its digits. */
  readonly id: string;
  /** Whether it was made here, so that no registry has it. */
  readonly isLocal: boolean;
  /** What is set in each of its containers. */
  readonly environment: Readonly<Record<string, string>>;
}

const InspectedSchema = z.array(
  z.object({
    Id: z.string().regex(/^(?:sha256:)?[0-9a-f]{64}$/u),
    RepoDigests: z.array(z.string()).nullish(),
    Config: z.object({ Env: z.array(z.string()).nullish() }).nullish(),
  }),
);

/**
 * The image of a name or an id; undefined: the engine has none.
 * @throws CodeModeError as the engine's calls do
 */
export async function findImage(
  engine: Pick<Engine, 'label' | 'call'>,
  name: string,
  signal: AbortSignal,
): Promise<FoundImage | undefined> {
  const [found] = parseInspected(await inspect(engine, name, signal), engine);
  if (!found) return undefined;
  return {
    id: found.Id.replace(/^(?!sha256:)/u, 'sha256:'),
    // Docker knows a digest of what a registry has; Podman makes one for each, and names what was made here by this host.
    isLocal: name.startsWith('localhost/') || !found.RepoDigests?.length,
    environment: Object.fromEntries((found.Config?.Env ?? []).map(splitVariable)),
  };
}

async function inspect(
  engine: Pick<Engine, 'call'>,
  name: string,
  signal: AbortSignal,
  looks = 5,
): Promise<string> {
  try {
    return await engine.call(['image', 'inspect', name], { signal });
  } catch (error) {
    if (CodeModeError.is(error, 'not-found')) return '[]';
    if (!(error instanceof ImagesDisturbedError) || looks === 1) throw error;
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    return inspect(engine, name, signal, looks - 1);
  }
}

function splitVariable(line: string): [name: string, value: string] {
  const [name = ''] = line.split('=', 1);
  return [name, line.slice(name.length + 1)];
}

function parseInspected(answer: string, engine: Pick<Engine, 'label'>): z.output<typeof InspectedSchema> {
  try {
    return InspectedSchema.parse(JSON.parse(answer));
  } catch (cause) {
    throw new CodeModeError('start-failed', `What ${engine.label} says of an image cannot be read.`, {
      hint: 'Update it, or choose another one in codeMode.container.engine.',
      cause,
    });
  }
}
