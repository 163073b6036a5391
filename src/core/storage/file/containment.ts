import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../common/files/systemErrors.ts';
import { UsageError } from '../../contract/errors.ts';

/**
 * The real path of `segments` under `folder`, all links followed. What does not exist yet, the folder
 * included, is appended as it is.
 * @throws UsageError where a link leads out of the folder
 */
export async function resolveInside(folder: string, segments: readonly string[]): Promise<string> {
  const root = await realpath(folder).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (root === undefined) return path.join(folder, ...segments);
  for (let depth = segments.length; depth > 0; depth -= 1) {
    const candidate = path.join(root, ...segments.slice(0, depth));
    const real = await existing(candidate, segments);
    if (real === undefined) continue;
    if (!isInside(root, real)) throw leaves(segments);
    return path.join(real, ...segments.slice(depth));
  }
  return path.join(root, ...segments);
}

/** Whether `candidate` is below `folder`; both absolute and without links. */
export function isInside(folder: string, candidate: string): boolean {
  const relative = path.relative(folder, candidate);
  return (
    relative !== '' &&
    relative !== '..' &&
    !relative.startsWith(`..${path.sep}`) &&
    !path.isAbsolute(relative)
  );
}

async function existing(candidate: string, segments: readonly string[]): Promise<string | undefined> {
  try {
    return await realpath(candidate);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const link = await lstat(candidate).catch(() => undefined);
  // A link to nothing: writing through it would make a file wherever it points.
  if (link?.isSymbolicLink()) throw leaves(segments);
  return undefined;
}

function leaves(segments: readonly string[]): UsageError {
  return new UsageError(
    `${JSON.stringify(segments.join('/'))} is a link that leads out of the store.`,
    'Replace the link by a file of its own.',
  );
}
