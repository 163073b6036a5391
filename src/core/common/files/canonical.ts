import { realpath } from 'node:fs/promises';
import path from 'node:path';

/** A folder's one name: absolute, with links followed as far as it exists. */
export async function canonical(folder: string): Promise<string> {
  const absolute = path.resolve(folder);
  const parent = path.dirname(absolute);
  return realpath(absolute).catch(async () =>
    parent === absolute ? absolute : path.join(await canonical(parent), path.basename(absolute)),
  );
}
