import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { reasonOf } from '../../../common/files/systemErrors.ts';
import type {
  DependencyChangeOptions,
  InstalledPackage,
  PackageEnvironment,
  PackageOffer,
} from '../../../contract/dependencies.ts';
import { CodeModeError, InstallError } from '../../../contract/errors.ts';
import type { PackageSourcesSpec } from '../../../deps/depsSpec.ts';
import type { IndexProject } from '../../../deps/index/indexProject.ts';
import { newestOf, offerOf } from '../../../deps/index/offers.ts';
import { PackageIndex } from '../../../deps/index/packageIndex.ts';
import type { InstallRequest, PackageInstaller } from '../../../deps/installer.ts';
import type { MarkerEnvironment } from '../../../deps/markers.ts';
import { readSitePackages } from '../../../deps/sitePackages.ts';
import { resolvePackageSources } from '../../../deps/sources/resolvePackageSources.ts';
import type { SecretSource } from '../../../session/secrets.ts';
import { pyodideFiles } from '../runtime/files.ts';
import type { EnvironmentFolder } from './environmentFolder.ts';
import { fittingWheels } from './fittingWheels.ts';
import { type PyodideLock, readPyodideLock } from './lockFile.ts';
import { NO_WHEEL } from './problems.ts';
import { type RequirementsFile, readRequirementsFile } from './requirementsFile.ts';
import { resolveWheels } from './resolver.ts';
import { changeSite } from './siteChange.ts';
import { WheelArchive } from './wheelArchive.ts';
import { WheelCache } from './wheelCache.ts';
import { lockedFile, WheelSource } from './wheelSource.ts';

/** What {@link PyodidePackages} are made with. */
export interface PyodidePackagesOptions {
  readonly environment: EnvironmentFolder;
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  readonly sources: PackageSourcesSpec;
  /** Gives the password of a package index. */
  readonly secret?: SecretSource | undefined;
  readonly log: (line: string) => void;
  /** Absolute path of the folder for downloaded wheels; by default one of the person's own. */
  readonly cacheFolder?: string;
  /** The address of the folder that Pyodide's own packages lie in; by default the one that Pyodide takes itself. */
  readonly lockedUrl?: string;
}

/** An index in use; whoever disposes of it needs it no more. */
interface OpenIndex extends AsyncDisposable {
  readonly index: PackageIndex;
  readonly offline: boolean;
}

const NO_FILE: RequirementsFile = { requirements: [], constraints: [], hashes: undefined, sources: {} };

/**
 * The packages of a workspace for Pyodide: wheels that micropip chooses, unpacked in a folder that Python can only read.
 * They are there after a restart, without a download.
 */
export class PyodidePackages implements PackageInstaller {
  readonly #options: PyodidePackagesOptions;
  readonly #cache: WheelCache;
  readonly #ended = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #index: Promise<OpenIndex> | undefined;
  #lock: Promise<PyodideLock> | undefined;

  constructor(options: PyodidePackagesOptions) {
    this.#options = options;
    this.#cache = new WheelCache(
      options.cacheFolder ?? path.join(envPaths('python-code-mode', { suffix: '' }).cache, 'wheels'),
    );
  }

  async describe(): Promise<PackageEnvironment> {
    const { environment, distFolder } = this.#options;
    const [folder, hasMicropip] = await Promise.all([
      environment.sitePackages(),
      isThere(pyodideFiles(distFolder).micropipFile),
    ]);
    return {
      label: environment.isKept ? 'Pyodide, this workspace' : 'Pyodide, this session',
      folder: (await isThere(folder)) ? folder : null,
      installer: hasMicropip ? 'micropip' : null,
      problem: hasMicropip
        ? null
        : 'micropip is missing. Reinstall the extension, or run "npm run build" in its sources.',
    };
  }

  async installed(): Promise<readonly InstalledPackage[]> {
    return readSitePackages([await this.#options.environment.sitePackages()]);
  }

  async markerEnvironment(): Promise<MarkerEnvironment> {
    return { platform: 'emscripten', python: (await this.#readLock()).pythonVersion };
  }

  async install(request: InstallRequest, options: DependencyChangeOptions): Promise<void> {
    await this.#change(options, async (folder, signal, tell) => {
      const file = request.requirementsFile ? await readRequirementsFile(request.requirementsFile) : NO_FILE;
      await using own = await this.#indexFor(file.sources);
      const lock = await this.#readLock();
      const { hashes, constraints } = file;
      const source = new WheelSource({ ...own, cache: this.#cache, lock, hashes, tell });
      const { distFolder, log } = this.#options;
      const plan = await resolveWheels(
        {
          requirements: [...file.requirements, ...request.requirements],
          constraints,
          upgrade: request.upgrade ?? false,
        },
        source,
        { distFolder, environment: folder, pythonVersion: lock.pythonVersion, log },
        signal,
      );
      const lockedUrl = this.#options.lockedUrl ?? plan.lockedUrl;
      const planned = await Promise.all([
        ...plan.wheels.map(async ({ name, file }) => ({ name, file, place: await source.get(file, signal) })),
        ...plan.locked.map(async (name) => ({ name, ...(await source.getLocked(name, lockedUrl, signal)) })),
      ]);
      if (planned.length === 0) return;
      const wheels = await Promise.all(
        planned.map(async ({ name, file, place }) => {
          await checkHash(name, place, hashes);
          const archive = new WheelArchive(place, file.filename);
          const described = (await archive.describe()).name;
          if (described === name) return archive;
          throw new InstallError(`The wheel ${file.filename} is one of ${described}, not of ${name}.`);
        }),
      );
      tell(`Installing ${planned.map(({ file }) => file.filename.split('-', 2).join(' ')).join(', ')}`);
      await changeSite(folder, { remove: new Set(planned.map(({ name }) => name)), add: wheels }, signal);
    });
  }

  async uninstall(names: readonly string[], options: DependencyChangeOptions): Promise<void> {
    await this.#change(options, async (folder, signal, tell) => {
      tell(`Removing ${names.join(', ')}`);
      await changeSite(folder, { remove: new Set(names), add: [] }, signal);
    });
  }

  async newest(
    packages: readonly InstalledPackage[],
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    const lock = await this.#readLock();
    const source = { project: (name: string, asked?: AbortSignal) => this.#project(name, lock, asked) };
    return newestOf(source, packages, fittingWheels(lock), signal);
  }

  async lookUp(name: string, signal?: AbortSignal): Promise<PackageOffer | null> {
    const lock = await this.#readLock();
    const project = await this.#project(name, lock, signal);
    return project ? offerOf(project, fittingWheels(lock), NO_WHEEL) : null;
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled(this.#underWay);
    await (await this.#index?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  /** Changes the environment while nobody else does, all or nothing. */
  async #change(
    { signal, onProgress }: DependencyChangeOptions,
    action: (folder: string, signal: AbortSignal, tell: (line: string) => void) => Promise<void>,
  ): Promise<void> {
    const until = AbortSignal.any([this.#ended.signal, ...(signal ? [signal] : [])]);
    const change = this.#options.environment.hold(
      (folder) => action(folder, until, (line) => onProgress?.(line)),
      until,
    );
    this.#underWay.add(change);
    try {
      await change;
    } catch (error) {
      if (until.aborted) {
        throw new CodeModeError(
          'cancelled',
          'The installation was cancelled; the packages are as they were.',
          {
            cause: error,
          },
        );
      }
      if (CodeModeError.is(error)) throw error;
      throw new InstallError(`The packages could not be changed: ${reasonOf(error)}.`, { cause: error });
    } finally {
      this.#underWay.delete(change);
    }
  }

  /** The index that the options of a requirements file ask for; the usual one where they ask for none. */
  async #indexFor(spec: PackageSourcesSpec): Promise<OpenIndex> {
    if (Object.keys(spec).length > 0) return this.#openIndex({ ...this.#options.sources, ...spec });
    this.#index ??= this.#openIndex(this.#options.sources);
    // Settings that can't be used may be mended by the next time.
    this.#index.catch(() => {
      this.#index = undefined;
    });
    return { ...(await this.#index), [Symbol.asyncDispose]: async () => undefined };
  }

  async #openIndex(spec: PackageSourcesSpec): Promise<OpenIndex> {
    const { secret, log } = this.#options;
    const sources = await resolvePackageSources(spec, { secret, log });
    const index = new PackageIndex(sources, { log });
    return { index, offline: sources.offline, [Symbol.asyncDispose]: () => index[Symbol.asyncDispose]() };
  }

  async #project(name: string, lock: PyodideLock, signal?: AbortSignal): Promise<IndexProject | undefined> {
    await using own = await this.#indexFor({});
    const project = await own.index.project(name, signal);
    const entry = lock.find(name);
    // Only its name plays a part here.
    return entry ? { name, files: [...(project?.files ?? []), lockedFile(entry, '')] } : project;
  }

  #readLock(): Promise<PyodideLock> {
    this.#lock ??= readPyodideLock(pyodideFiles(this.#options.distFolder).lockFile);
    return this.#lock;
  }
}

/** @param hashes - those that are allowed, by name @throws InstallError for another one */
async function checkHash(name: string, file: string, hashes: RequirementsFile['hashes']): Promise<void> {
  if (!hashes) return;
  const allowed = hashes.get(name);
  if (!allowed) {
    throw new InstallError(`${name} is needed, and the requirements file has no hash of it.`, {
      hint: 'Where one package has a hash there, all have to have one, also those that others need.',
    });
  }
  const hash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  if (allowed.has(hash)) return;
  throw new InstallError(
    `The wheel of ${name} has a hash that the requirements file does not allow: ${hash}.`,
  );
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
