import { stat } from 'node:fs/promises';
import path from 'node:path';

const windows = process.platform === 'win32';

/** The file that makes a folder a virtual environment. */
export const CONFIGURATION_FILE = 'pyvenv.cfg';

/** Where the interpreter of a virtual environment is. */
export function environmentInterpreter(folder: string): string {
  return windows ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

/** The interpreter of an environment's or an installation's folder; undefined where it has none. */
export async function interpreterIn(folder: string): Promise<string | undefined> {
  // Conda's environments and installations on Windows have theirs at the top.
  const places = windows ? ['Scripts/python.exe', 'python.exe'] : ['bin/python', 'bin/python3'];
  for (const place of places) {
    const file = path.join(folder, place);
    if (await isThere(file)) return file;
  }
  return undefined;
}

/** The folder whose environment an interpreter would be part of: `/x/.venv` of `/x/.venv/bin/python`. */
export function folderOfInterpreter(executable: string): string {
  const folder = path.dirname(executable);
  return ['bin', 'scripts'].includes(path.basename(folder).toLowerCase()) ? path.dirname(folder) : folder;
}

/** Whether a folder says that it is an environment: Python's own kind, or Conda's. */
export async function isEnvironmentFolder(folder: string): Promise<boolean> {
  const signs = [CONFIGURATION_FILE, 'conda-meta'].map((name) => isThere(path.join(folder, name)));
  return (await Promise.all(signs)).includes(true);
}

/** The relative path of `inner` in `outer`; undefined where it is not below it. */
export function pathInside(inner: string, outer: string): string | undefined {
  const relative = path.relative(outer, inner);
  const outside = relative === '' || relative.split(path.sep)[0] === '..' || path.isAbsolute(relative);
  return outside ? undefined : relative;
}

export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
