import { CodeModeError } from '../../../contract/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { explainProblem } from '../engine/problems.ts';
import type { ContainerSettings } from '../settings.ts';
import { PullProgress } from './pullProgress.ts';

/**
 * Fetches an image from its registry.
 * @throws CodeModeError with what kept it from that, about this image
 */
export async function pullImage(
  engine: Engine,
  name: string,
  settings: ContainerSettings,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (line: string) => void },
): Promise<void> {
  const progress = new PullProgress();
  onProgress(`Fetching ${name}`);
  const onLine = (line: string) => {
    const news = progress.read(line.trim());
    if (news !== undefined) onProgress(`Fetching ${name}: ${news}`);
  };
  try {
    await engine.call(['pull', name], { signal, onLine });
  } catch (error) {
    throw aboutImage(error, engine, { ...settings, image: name });
  }
}

/** The engine speaks of the image of the settings, and this one may be named by a file. */
function aboutImage(error: unknown, { kind }: Engine, settings: ContainerSettings): unknown {
  if (!CodeModeError.is(error) || typeof error.cause !== 'string') return error;
  return explainProblem(error.cause, { kind, settings }) ?? error;
}
