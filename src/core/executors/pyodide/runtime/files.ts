import path from 'node:path';

/** The memory snapshot beside Pyodide's own files. */
export const SNAPSHOT_FILE = 'snapshot.bin';

/** The folder of all packages in that of their environment: it is replaced whole when they change. */
export const SITE_PACKAGES = 'site-packages';

/** Before the absolute path of the packages' environment, among the arguments of the child process. */
export const PACKAGES_OPTION = '--packages=';

/** Where the built parts of the Pyodide executors lie. */
export interface PyodideFiles {
  readonly pyodideFolder: string;
  readonly pythonFolder: string;
  readonly snapshotFile: string;
  readonly workerFile: string;
  readonly childFile: string;
  /** Pyodide's own list of packages. */
  readonly lockFile: string;
  /** An archive of micropip that Python imports from. */
  readonly micropipFile: string;
  /** What chooses wheels, in Python. */
  readonly resolverFile: string;
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
    lockFile: path.join(pyodideFolder, 'pyodide-lock.json'),
    micropipFile: path.join(pyodideFolder, 'micropip.zip'),
    resolverFile: path.join(pyodideFolder, 'resolve.py'),
  };
}
