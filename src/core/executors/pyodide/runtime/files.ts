import path from 'node:path';

/** The memory snapshot beside Pyodide's own files. */
export const SNAPSHOT_FILE = 'snapshot.bin';

/** Where the built parts of the Pyodide executors lie. */
export interface PyodideFiles {
  readonly pyodideFolder: string;
  readonly pythonFolder: string;
  readonly snapshotFile: string;
  readonly workerFile: string;
  readonly childFile: string;
}

/** The files below a `dist` folder. */
export function pyodideFiles(distFolder: string): PyodideFiles {
  const pyodideFolder = path.join(distFolder, 'pyodide');
  return {
    pyodideFolder,
    pythonFolder: path.join(distFolder, 'python'),
    snapshotFile: path.join(pyodideFolder, SNAPSHOT_FILE),
    workerFile: path.join(pyodideFolder, 'worker.mjs'),
    childFile: path.join(pyodideFolder, 'child.mjs'),
  };
}
