import { readFile } from 'node:fs/promises';
import { CodeModeError, InstallError } from '../../../contract/errors.ts';
import { versionOf } from '../../../deps/index/fileNames.ts';
import type { IndexFile } from '../../../deps/index/indexProject.ts';
import type { PackageIndex } from '../../../deps/index/packageIndex.ts';
import { fitsPython } from './fittingWheels.ts';
import type { LockedPackage, PyodideLock } from './lockFile.ts';
import type { Choices, ResolveSource } from './resolver.ts';
import { WheelArchive } from './wheelArchive.ts';
import type { FileSource, WheelCache } from './wheelCache.ts';

/** What wheels are taken from. */
export interface WheelSourceOptions {
  readonly index: PackageIndex;
  readonly cache: WheelCache;
  readonly lock: PyodideLock;
  /** Hashes (SHA-256, hexadecimal) that are allowed, by normalised name; undefined: every file is. */
  readonly hashes: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** Whether nothing may be downloaded. */
  readonly offline: boolean;
  readonly tell: (line: string) => void;
}

/** Wheels of the index and of Pyodide's own packages, as far as they may be installed. */
export class WheelSource implements ResolveSource {
  readonly #options: WheelSourceOptions;

  constructor(options: WheelSourceOptions) {
    this.#options = options;
  }

  async choices(name: string, signal: AbortSignal): Promise<Choices | undefined> {
    const { index, lock, hashes, tell } = this.#options;
    tell(`Looking for ${name}`);
    const project = await index.project(name, signal);
    if (!project) return undefined;
    const versions = project.files
      .map((file) => versionOf(file, name))
      .filter((version) => version !== undefined);
    const fitting = project.files.filter((file) => fitsPython(file, lock.pythonVersion));
    const files = fitting.filter((file) => isAllowed(file, hashes?.get(name)));
    if (files.length === 0 && fitting.length > 0) {
      throw new InstallError(`No file of ${name} has a hash that the requirements file allows.`, {
        hint: 'Bring the hashes there up to date.',
      });
    }
    return { name, files, versions: [...new Set(versions)] };
  }

  async metadata(file: IndexFile, signal: AbortSignal): Promise<string> {
    const { index, cache } = this.#options;
    const { filename, url, metadataSha256 } = file;
    if (metadataSha256 === undefined) {
      return (await new WheelArchive(await this.get(file, signal), filename).describe()).metadata;
    }
    const description = {
      ...file,
      filename: `${filename}.metadata`,
      url: `${url}.metadata`,
      size: undefined,
    };
    return readFile(await cache.get({ ...description, sha256: metadataSha256 }, index, signal), 'utf8');
  }

  /** @returns absolute path of a wheel */
  async get(file: IndexFile, signal: AbortSignal): Promise<string> {
    const { index, cache, tell } = this.#options;
    let told = 0;
    return cache.get(file, index, signal, (received, total) => {
      const now = performance.now();
      if (told > 0 && now - told < PROGRESS_MS) return;
      told = now;
      tell(
        `Downloading ${file.filename}${total === undefined ? '' : ` (${size(received)} of ${size(total)})`}`,
      );
    });
  }

  /**
   * One of Pyodide's own packages.
   *
   * @param address - of the folder that they lie in
   * @returns its wheel, and the absolute path that it is at
   */
  async getLocked(
    name: string,
    address: string,
    signal: AbortSignal,
  ): Promise<{ readonly file: IndexFile; readonly place: string }> {
    const { lock, cache, offline } = this.#options;
    const entry = lock.find(name);
    if (!entry || entry.isLibrary) {
      throw new InstallError(`The library ${name}, which Pyodide keeps apart, can't be installed.`, {
        hint: 'Use the executor "subprocess" for what needs it.',
      });
    }
    const file = lockedFile(entry, address);
    try {
      return { file, place: await (offline ? cache.get(file, NOTHING, signal) : this.get(file, signal)) };
    } catch (error) {
      if (!CodeModeError.is(error, 'install-failed')) throw error;
      const from = `comes from where Pyodide keeps its own packages (${new URL(address).host})`;
      throw new InstallError(`${name} ${from}, which can't be had: ${error.message}`, {
        hint: 'Check the network, or put a wheel of it that was made for Pyodide into a folder of codeMode.deps.wheelFolders.',
        cause: error,
      });
    }
  }
}

/** What there is where nothing is downloaded. */
const NOTHING: FileSource = {
  download: async ({ filename }) => {
    throw new InstallError(
      `${filename} was not downloaded before, and nothing is while codeMode.deps.offline is on.`,
    );
  },
};

const PROGRESS_MS = 500;

/** @param address - of the folder that Pyodide's own packages lie in */
export function lockedFile({ fileName, sha256 }: LockedPackage, address: string): IndexFile {
  const url = `${address.replace(/\/*$/, '')}/${encodeURIComponent(fileName)}`;
  return { filename: fileName, url, sha256, requiresPython: undefined, yanked: false, size: undefined };
}

/** A file whose hash the index does not say is looked at once it is here. */
function isAllowed({ sha256 }: IndexFile, allowed: ReadonlySet<string> | undefined): boolean {
  return allowed === undefined || sha256 === undefined || allowed.has(sha256);
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
