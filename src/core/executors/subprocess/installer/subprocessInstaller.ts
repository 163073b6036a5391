import { homedir } from 'node:os';
import path from 'node:path';
import { FileLock } from '../../../common/files/fileLock.ts';
import { makeFolders } from '../../../common/files/folders.ts';
import { reasonOf } from '../../../common/files/systemErrors.ts';
import type {
  DependencyChangeOptions,
  InstalledPackage,
  PackageEnvironment,
  PackageOffer,
} from '../../../contract/dependencies.ts';
import { ClosedError, CodeModeError, InstallError, UnsupportedError } from '../../../contract/errors.ts';
import { DEPS_DEFAULTS, type DepsSpec, type PackageSourcesSpec } from '../../../deps/depsSpec.ts';
import type { InstallRequest, PackageInstaller } from '../../../deps/installer.ts';
import type { MarkerEnvironment } from '../../../deps/markers.ts';
import { readSitePackages } from '../../../deps/sitePackages.ts';
import { installerSources } from '../../../deps/sources/installerSources.ts';
import { resolvePackageSources } from '../../../deps/sources/resolvePackageSources.ts';
import type { SecretSource } from '../../../session/secrets.ts';
import type { InstallerEnd, InstallerOptions } from '../../installing/installPlan.ts';
import type { PackageOffers } from '../../installing/packageOffers.ts';
import { passwordMask } from '../../installing/passwordMask.ts';
import { thisPlatform } from '../../installing/platformTags.ts';
import { type Failure, failureOf } from '../../installing/reasons.ts';
import {
  defaultCacheFolder,
  type ExistingEnvironment,
  findUv,
  type KnownPlaces,
  type PythonEnvironment,
} from '../environment/index.ts';
import type { InstallerBackend } from './backend.ts';
import { failedEnvironment } from './failedEnvironment.ts';
import { installerEnvironment } from './installerEnvironment.ts';
import { runInstaller } from './installerProgram.ts';
import { finishHalfDone, putBack, type RepairTools } from './repair.ts';
import { isSame, type Snapshot, takeSnapshot } from './snapshot.ts';
import {
  findBackend,
  type Interpreters,
  installProblem,
  interpretersAtHand,
  interpretersToStart,
  mayHavePip,
  noInstaller,
  placesOf,
} from './target.ts';
import { uvBackend } from './uvBackend.ts';

/** What a {@link SubprocessInstaller} is made with. */
export interface SubprocessInstallerOptions {
  /** The environment, made where it is missing. @throws CodeModeError as `resolveEnvironment` */
  environment(signal: AbortSignal, onProgress: (line: string) => void): Promise<PythonEnvironment>;
  /** The environment as it is; starts and makes nothing. @throws SettingsError */
  existing(): Promise<ExistingEnvironment>;
  readonly spec: PackageSourcesSpec & Pick<DepsSpec, 'installer'>;
  /** Gives the password of a package index. */
  readonly secret?: SecretSource | undefined;
  /** Absolute path of what is kept of interpreters; by default where the environments are. */
  readonly cacheFolder?: string;
  /** Packages of an environment have changed. */
  readonly onDidChange?: (environment: PythonEnvironment) => void;
  /** One line. */
  readonly log: (line: string) => void;
}

/** An environment that can be changed, and with what. */
interface Target {
  readonly environment: PythonEnvironment;
  readonly places: KnownPlaces;
  readonly backend: InstallerBackend;
  readonly options: InstallerOptions;
  /** Runs the installer in a folder. */
  run(
    args: readonly string[],
    cwd: string,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<InstallerEnd>;
}

/** What indexes have for one environment. */
interface KnownOffers {
  readonly key: string;
  readonly offers: PackageOffers;
}

/** One change of packages. */
interface Change {
  /** For people: `Installing six`. */
  readonly title: string;
  /** Absolute path that the installer runs in. */
  readonly cwd: string;
  arguments(target: Target): readonly string[];
  /** Looked at after the installer has said that it is done. */
  check?(target: Target, end: InstallerEnd): Promise<Failure | undefined>;
}

/** Whose packages are these; hidden, so that nobody takes it for one. */
const LOCK_FILE = '.code-mode.lock';
/** An installer may build for long; whoever waits for another one can stop waiting. */
const LOCK_WAIT_MS = 4 * 3_600_000;
/** Milliseconds after which it is said that another program is waited for. */
const TELL_AFTER_MS = 300;
/** Milliseconds within which an environment has to be put back, so that nobody waits for an index that never answers. */
const REPAIR_MS = 180_000;

/** Installs packages into the environment of a CPython with uv or pip. */
export class SubprocessInstaller implements PackageInstaller {
  readonly #options: SubprocessInstallerOptions;
  readonly #cacheFolder: string;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #offers: Promise<KnownOffers> | undefined;

  constructor(options: SubprocessInstallerOptions) {
    this.#options = options;
    this.#cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  }

  describe(): Promise<PackageEnvironment> {
    return this.#describe(interpretersAtHand(this.#cacheFolder));
  }

  /** As {@link describe}, for sure: an interpreter that is not known yet may be started. */
  check(signal: AbortSignal): Promise<PackageEnvironment> {
    const { log } = this.#options;
    return this.#describe(interpretersToStart({ cacheFolder: this.#cacheFolder, log, signal }));
  }

  async installed(): Promise<readonly InstalledPackage[]> {
    const { environment } = await this.#options.existing();
    const places = environment && (await placesOf(environment, interpretersAtHand(this.#cacheFolder)));
    return places ? readSitePackages(places.folders) : [];
  }

  async markerEnvironment(): Promise<MarkerEnvironment> {
    const { environment } = await this.#options.existing();
    return { platform: process.platform, ...(environment && { python: environment.version }) };
  }

  install(request: InstallRequest, options: DependencyChangeOptions): Promise<void> {
    const { requirements, requirementsFile } = request;
    const what = [
      ...requirements,
      ...(requirementsFile === undefined ? [] : [path.basename(requirementsFile)]),
    ];
    return this.#change(
      {
        title: `Installing ${what.join(', ')}`,
        // Relative paths in a requirements file start from the folder that the installer runs in.
        cwd: requirementsFile === undefined ? homedir() : path.dirname(requirementsFile),
        arguments: ({ backend, options: how }) => backend.installArguments({ ...request, ...how }),
      },
      options,
    );
  }

  uninstall(names: readonly string[], options: DependencyChangeOptions): Promise<void> {
    return this.#change(
      {
        title: `Removing ${names.join(', ')}`,
        cwd: homedir(),
        arguments: ({ backend }) => backend.uninstallArguments(names),
        check: async ({ places }, { lines }) => {
          const left = (await readSitePackages(places.folders)).filter(({ name }) => names.includes(name));
          if (left.length === 0) return undefined;
          const reason = lines.findLast((line) => /not uninstall|outside environment|cannot/i.test(line));
          return {
            reason:
              `${left.map(({ title }) => title).join(', ')} could not be removed. ${reason ?? ''}`.trimEnd(),
            hint: 'It may belong to the installation that this environment is based on: remove it there.',
          };
        },
      },
      options,
    );
  }

  async newest(
    packages: readonly InstalledPackage[],
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    return (await this.#packageOffers()).newest(packages, signal);
  }

  async lookUp(name: string, signal?: AbortSignal): Promise<PackageOffer | null> {
    return (await this.#packageOffers()).lookUp(name, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
    const known = await this.#offers?.catch(() => undefined);
    await known?.offers[Symbol.asyncDispose]();
  }

  get #choice() {
    return this.#options.spec.installer ?? DEPS_DEFAULTS.installer;
  }

  async #describe(interpreters: Interpreters): Promise<PackageEnvironment> {
    try {
      const { label, environment } = await this.#options.existing();
      const places = environment && (await placesOf(environment, interpreters));
      if (!environment || !places) return { label, folder: null, ...(await this.#describeInstaller()) };
      const folder = environment.folder ?? places.purelib;
      const backend = await findBackend(this.#choice, environment, places, interpreters);
      const installer =
        backend?.label ?? ((await mayHavePip(this.#choice, environment, interpreters)) ? 'pip' : null);
      const missing = installer === null ? noInstaller(this.#choice, environment.executable) : null;
      return { label, folder, installer, problem: (await installProblem(environment, places)) ?? missing };
    } catch (error) {
      if (!CodeModeError.is(error)) throw error;
      return {
        label: 'no environment',
        folder: null,
        installer: null,
        problem: CodeModeError.describe(error),
      };
    }
  }

  /** Where no environment is made yet. */
  async #describeInstaller(): Promise<Pick<PackageEnvironment, 'installer' | 'problem'>> {
    const uv = this.#choice === 'pip' ? undefined : await findUv();
    if (uv !== undefined) return { installer: (await uvBackend(uv, '')).label, problem: null };
    if (this.#choice === 'uv') return { installer: null, problem: noInstaller('uv', '') };
    return { installer: 'pip', problem: null };
  }

  #change(change: Change, { signal, onProgress = () => undefined }: DependencyChangeOptions): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new ClosedError('The session'));
    const either = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    const work = this.#changeNow(change, either, onProgress);
    this.#underWay.add(work);
    return work.finally(() => this.#underWay.delete(work));
  }

  async #changeNow(change: Change, signal: AbortSignal, onProgress: (line: string) => void): Promise<void> {
    const target = await this.#target(signal, onProgress).catch((error: unknown) => {
      throw signal.aborted ? cancelled(change, []) : error;
    });
    const { purelib } = target.places;
    const tell = () => onProgress(`Waiting for another program that changes ${purelib}`);
    const telling = setTimeout(tell, TELL_AFTER_MS);
    try {
      await makeFolders(purelib);
      const lock = new FileLock(path.join(purelib, LOCK_FILE), {
        log: this.#options.log,
        waitMs: LOCK_WAIT_MS,
        pollMs: 50,
      });
      await lock.hold(async ({ tookOver }) => {
        clearTimeout(telling);
        if (tookOver)
          await finishHalfDone(await takeSnapshot(target.places), repairTools(target, onProgress));
        await this.#changeAlone(change, target, signal, onProgress);
      }, signal);
    } catch (error) {
      if (CodeModeError.is(error)) throw error;
      if (signal.aborted) throw cancelled(change, []);
      throw new InstallError(`${change.title} failed: ${reasonOf(error)} (${purelib}).`, {
        hint: 'See to it that this folder can be written and the disk is not full.',
        cause: error,
      });
    } finally {
      clearTimeout(telling);
    }
  }

  /** @throws InstallError, CodeModeError `cancelled`, once the environment is what it was, or with what is not */
  async #changeAlone(
    change: Change,
    target: Target,
    signal: AbortSignal,
    onProgress: (line: string) => void,
  ): Promise<void> {
    const { backend, places, environment } = target;
    const { onDidChange } = this.#options;
    const run = (args: readonly string[]) => target.run(args, change.cwd, signal, onProgress);
    const before = await takeSnapshot(places);
    const prepared = backend.preparation && (await run(backend.preparation));
    const end = prepared?.succeeded === false ? prepared : await run(change.arguments(target));
    const failure = end.succeeded
      ? await change.check?.(target, end)
      : failureOf(backend.kind, end, failedEnvironment(environment.version));
    const hasChanged = !isSame(before, await takeSnapshot(places));
    if (hasChanged) onDidChange?.(environment);
    if (end.succeeded && failure === undefined) return;
    const left = hasChanged ? await this.#putBack(before, target, onProgress) : [];
    if (signal.aborted) throw cancelled(change, left);
    const reason = [failure?.reason ?? `${change.title} failed.`, ...left].join('\n');
    throw new InstallError(reason, failure?.hint === undefined ? {} : { hint: failure.hint });
  }

  async #putBack(
    before: Snapshot,
    target: Target,
    onProgress: (line: string) => void,
  ): Promise<readonly string[]> {
    onProgress('Putting back what was there');
    const left = await putBack(before, repairTools(target, onProgress));
    for (const line of left) this.#options.log(`packages: ${line}`);
    return left;
  }

  /** @throws CodeModeError for what keeps packages from being installed */
  async #target(signal: AbortSignal, onProgress: (line: string) => void): Promise<Target> {
    const { log, spec, secret } = this.#options;
    const environment = await this.#options.environment(signal, onProgress);
    const interpreters = interpretersToStart({ cacheFolder: this.#cacheFolder, log, signal });
    const places = await placesOf(environment, interpreters);
    if (!places) throw new UnsupportedError(`Where ${environment.executable} has its packages is not known.`);
    const problem = await installProblem(environment, places);
    if (problem !== undefined) throw new UnsupportedError(problem);
    const backend = await findBackend(this.#choice, environment, places, interpreters);
    if (!backend) throw new UnsupportedError(noInstaller(this.#choice, environment.executable));
    const { kind, file } = backend;
    const sources = await installerSources(
      kind,
      await resolvePackageSources(spec, { installer: kind, secret, log }),
    );
    const env = installerEnvironment(kind, sources);
    const mask = passwordMask(sources);
    return {
      environment,
      places,
      backend,
      options: { sources, buildsFromSource: this.#buildsFromSource },
      run: (args, cwd, ended, onLine) =>
        runInstaller({ file, args, cwd, env }, { signal: ended, mask, onLine }),
    };
  }

  get #buildsFromSource() {
    return this.#options.spec.buildFromSource ?? DEPS_DEFAULTS.buildFromSource;
  }

  async #packageOffers(): Promise<PackageOffers> {
    this.#offers = this.#currentOffers(this.#offers);
    return (await this.#offers).offers;
  }

  /** Those of the environment as it is; made anew once it is another one. */
  async #currentOffers(before: Promise<KnownOffers> | undefined): Promise<KnownOffers> {
    const known = await before?.catch(() => undefined);
    const { environment } = await this.#options.existing();
    const key = `${environment?.executable} ${environment?.version}`;
    if (known?.key === key) return known;
    await known?.offers[Symbol.asyncDispose]();
    return { key, offers: await this.#makeOffers(environment) };
  }

  async #makeOffers(environment: PythonEnvironment | undefined): Promise<PackageOffers> {
    const { spec, secret, log } = this.#options;
    // Loaded on first use: most sessions ask no index themselves.
    const { PackageOffers: Offers } = await import('../../installing/packageOffers.ts');
    const sources = await resolvePackageSources(spec, { secret, log });
    const places = environment && (await placesOf(environment, interpretersAtHand(this.#cacheFolder)));
    const installation = {
      version: environment?.version,
      freeThreaded: /python3\.\d+t\b/.test(places?.purelib ?? ''),
      platform: thisPlatform(),
      buildsFromSource: this.#buildsFromSource,
    };
    return new Offers(sources, installation, log);
  }
}

/** They go on where the change was cancelled: it is their work to leave nothing half-done. */
function repairTools({ places, backend, options, run }: Target, onLine: (line: string) => void): RepairTools {
  const limit = AbortSignal.timeout(REPAIR_MS);
  return { places, backend, options, run: (args) => run(args, homedir(), limit, onLine) };
}

function cancelled({ title }: Change, left: readonly string[]): CodeModeError {
  const outcome = left.length === 0 ? 'The environment is as it was.' : left.join('\n');
  return new CodeModeError('cancelled', `${title} was cancelled. ${outcome}`);
}
