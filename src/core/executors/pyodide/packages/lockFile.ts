import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CodeModeError } from '../../../contract/errors.ts';

const LockFileSchema = z.object({
  info: z.object({ abi_version: z.string(), python: z.string() }),
  // Each is looked at when it is asked for: there are hundreds, and every start reads the file.
  packages: z.record(z.string(), z.unknown()),
});

const PackageSchema = z
  .object({ version: z.string(), file_name: z.string(), sha256: z.string(), package_type: z.string() })
  .transform((entry) => ({
    version: entry.version,
    fileName: entry.file_name,
    sha256: entry.sha256,
    isLibrary: entry.package_type === 'shared_library',
  }));

/** A package that Pyodide's makers have built for it. */
export interface LockedPackage {
  readonly version: string;
  readonly fileName: string;
  readonly sha256: string;
  /** Whether it is a library of other packages in place of a wheel. */
  readonly isLibrary: boolean;
}

/** What Pyodide's own list of packages says. */
export interface PyodideLock {
  /** By which compiled wheels fit: `2026_0`. */
  readonly abiVersion: string;
  /** `3.14.2` */
  readonly pythonVersion: string;
  /** @param name - normalised */
  find(name: string): LockedPackage | undefined;
}

/** @param file - absolute path of Pyodide's `pyodide-lock.json` @throws CodeModeError `start-failed` */
export async function readPyodideLock(file: string): Promise<PyodideLock> {
  try {
    const { info, packages } = LockFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return {
      abiVersion: info.abi_version,
      pythonVersion: info.python,
      find: (name) => (Object.hasOwn(packages, name) ? PackageSchema.parse(packages[name]) : undefined),
    };
  } catch (cause) {
    throw new CodeModeError('start-failed', `Pyodide's list of packages can't be read: ${file}.`, {
      hint: 'Reinstall the extension, or run "npm run build" in its sources.',
      cause,
    });
  }
}
