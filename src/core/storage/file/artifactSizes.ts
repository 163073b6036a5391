import { lstatSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { inSlices } from '../../common/slices.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { artifactSegments } from '../names.ts';
import { isArtifactName, missing, orMissing } from './artifactNames.ts';
import { resolveInside } from './containment.ts';

/** Bytes of content by name; what is no artifact is left out. Links are looked at once a folder, not once a file. */
export async function artifactSizes(folder: string, names: readonly string[]): Promise<Map<string, number>> {
  const parents = new Map<string, string | undefined>();
  for (const parent of new Set(names.map(path.posix.dirname))) {
    parents.set(parent, parent === '.' ? folder : await resolved(folder, parent));
  }
  const sizes = new Map<string, number>();
  const links: string[] = [];
  await inSlices(names, (name) => {
    const parent = parents.get(path.posix.dirname(name));
    if (parent === undefined || !isArtifactName(name)) return;
    const status = orMissing(() => lstatSync(parent + path.sep + path.posix.basename(name)));
    if (status?.isSymbolicLink()) links.push(name);
    else addSize(sizes, name, status);
  });
  for (const name of links) {
    const file = await resolved(folder, name);
    if (file !== undefined) addSize(sizes, name, await stat(file).catch(missing));
  }
  return sizes;
}

function addSize(sizes: Map<string, number>, name: string, status: Stats | undefined): void {
  if (status?.isFile()) sizes.set(name, status.size);
}

/** Undefined for what leads out of the folder or can be no name. */
async function resolved(folder: string, name: string): Promise<string | undefined> {
  try {
    return await resolveInside(folder, artifactSegments(name));
  } catch (error) {
    if (CodeModeError.is(error, 'usage')) return undefined;
    throw error;
  }
}
