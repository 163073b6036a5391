import path from 'node:path';

/** The folders of `PATH`, without relative ones: those depend on where this process happens to run. */
export function searchPath(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter).map((folder) => folder.replaceAll('"', ''));
  return [...new Set(folders.filter((folder) => path.isAbsolute(folder)))];
}
