import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type {
  DependencyChangeOptions,
  InstalledPackage,
  PackageEnvironment,
  PackageOffer,
} from '../../../contract/dependencies.ts';
import { ClosedError, CodeModeError, InstallError, UnsupportedError } from '../../../contract/errors.ts';
import type { Json } from '../../../contract/execution.ts';
import { DEPS_DEFAULTS, type PackageSourcesSpec } from '../../../deps/depsSpec.ts';
import type { InstallRequest, PackageInstaller } from '../../../deps/installer.ts';
import type { MarkerEnvironment } from '../../../deps/markers.ts';
import { installerSources } from '../../../deps/sources/installerSources.ts';
import { resolvePackageSources } from '../../../deps/sources/resolvePackageSources.ts';
import type { SecretSource } from '../../../session/secrets.ts';
import type { PackageOffers } from '../../installing/packageOffers.ts';
import { passwordMask } from '../../installing/passwordMask.ts';
import { type FailedEnvironment, failureOf } from '../../installing/reasons.ts';
import { LINE_CHARACTERS, LineSplitter } from '../../lineSplitter.ts';
import { startContainer } from '../launch.ts';
import type { ContainerLink } from '../link/containerLink.ts';
import type { ContainerPlan } from '../plan.ts';
import type { StartedContainer } from '../startedContainer.ts';
import { openTunnel } from '../tunnel/tunnel.ts';
import { type Changed, changeInside, type InsidePython, lookInside } from './lookedUp.ts';
import { OfferedFiles } from './offeredFiles.ts';
import { installInside, type PipInside, placesIn, uninstallInside } from './pipInside.ts';
import { changingPlan, lookingPlan, openVolume } from './volume.ts';

/** What a {@link ContainerInstaller} is made with. */
export interface ContainerInstallerOptions {
  /** The session's image, for people. */
  readonly label: string;
  /**
   * The plan of the session's containers, its image there and its volume made where they were missing.
   * @throws CodeModeError as a start; `cancelled`
   */
  plan(signal: AbortSignal, onProgress: (line: string) => void): Promise<ContainerPlan>;
  /**
   * The plan of a container that sees the packages that are kept; undefined: none are.
   * @throws CodeModeError where the engine does not answer; `cancelled`
   */
  kept(signal: AbortSignal): Promise<ContainerPlan | undefined>;
  /** The session's container that runs, with the packages; undefined: none does. */
  running(): Pick<StartedContainer, 'plan' | 'link'> | undefined;
  readonly distFolder: string;
  readonly spec: PackageSourcesSpec;
  /** Gives the password of a package index. */
  readonly secret?: SecretSource | undefined;
  /** Called once packages have changed. */
  onDidChange(): void;
  /** One line. */
  readonly log: (line: string) => void;
}

/** One change of packages. */
interface Change {
  /** For people: `Installing six`. */
  readonly title: string;
  request(pip: PipInside): Promise<Json> | Json;
}

/** What is known in this process of the Pythons of images, by {@link pythonKey}: their pip stays as it is. */
const pythons = new Map<string, Pick<InsidePython, 'version' | 'pip'>>();
/** Lines of an installer that are kept. */
const MOST_LINES = 2_000;
const NO_PIP: Pick<PackageEnvironment, 'installer' | 'problem'> = {
  installer: null,
  problem:
    'The image has no pip. Choose one that has, such as python:3.13-slim, in the setting codeMode.container.image, or install the packages in the Dockerfile of codeMode.container.build.',
};

/**
 * Installs packages for the containers of a session with the image's own pip: in a container of its own, into a volume
 * that the others only read. There the environment is changed in a copy, which takes the place of it once all went well.
 */
export class ContainerInstaller implements PackageInstaller {
  readonly #options: ContainerInstallerOptions;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  /** As it was seen last. */
  #seen: InsidePython | undefined;
  #offers: { readonly version: string | undefined; readonly made: Promise<PackageOffers> } | undefined;

  constructor(options: ContainerInstallerOptions) {
    this.#options = options;
  }

  async describe(): Promise<PackageEnvironment> {
    const { label, running } = this.#options;
    const container = running();
    const key = container && pythonKey(container.plan);
    const known = key === undefined ? undefined : pythons.get(key);
    // What was seen last may be that of another image.
    const python = known ?? (container ? await this.#look() : this.#seen);
    if (key !== undefined && python) pythons.set(key, { version: python.version, pip: python.pip });
    if (!python) return { label, folder: null, installer: 'pip', problem: null };
    const named = `${label}, Python ${python.version}`;
    if (python.pip === null) return { label: named, folder: null, ...NO_PIP };
    return { label: named, folder: null, installer: `pip ${python.pip}`.trimEnd(), problem: null };
  }

  async installed(): Promise<readonly InstalledPackage[]> {
    const python = this.#options.running() ? await this.#look() : await this.#tracked(this.#lookAtKept());
    return python?.installed ?? [];
  }

  async markerEnvironment(): Promise<MarkerEnvironment> {
    const python = this.#seen ?? (await this.#look());
    return { platform: 'linux', ...(python && { python: python.version }) };
  }

  install(request: InstallRequest, options: DependencyChangeOptions): Promise<void> {
    const { requirements, requirementsFile: file } = request;
    const what = [...requirements, ...(file === undefined ? [] : [path.basename(file)])];
    return this.#change(
      { title: `Installing ${what.join(', ')}`, request: (pip) => installInside(request, pip) },
      options,
    );
  }

  uninstall(names: readonly string[], options: DependencyChangeOptions): Promise<void> {
    return this.#change(
      { title: `Removing ${names.join(', ')}`, request: () => uninstallInside(names) },
      options,
    );
  }

  async newest(
    packages: readonly InstalledPackage[],
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    return (await this.#currentOffers()).newest(packages, signal);
  }

  async lookUp(name: string, signal?: AbortSignal): Promise<PackageOffer | null> {
    return (await this.#currentOffers()).lookUp(name, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
    await (await this.#offers?.made.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  /** Where none of the session's containers runs, what was seen last; undefined: nothing was yet. */
  async #look(): Promise<InsidePython | undefined> {
    const container = this.#options.running();
    if (!container) return this.#seen;
    try {
      this.#seen = await lookInside(container.link);
    } catch (error) {
      // The container has ended meanwhile, or is too full for another process.
      this.#options.log(`packages: ${CodeModeError.describe(error)}`);
    }
    return this.#seen;
  }

  /** Without a container of the session; undefined: nothing is kept. */
  async #lookAtKept(): Promise<InsidePython | undefined> {
    const { signal } = this.#closing;
    const plan = await this.#options.kept(signal);
    if (!plan) return undefined;
    this.#seen = await this.#inContainer(lookingPlan(plan, newName()), signal, lookInside);
    return this.#seen;
  }

  #change(change: Change, { signal, onProgress = () => undefined }: DependencyChangeOptions): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new ClosedError('The session'));
    const either = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    const work = this.#changeNow(change, either, onProgress).catch((error: unknown) => {
      // A container that was ended has changed nothing.
      throw either.aborted ? cancelled(change, error) : error;
    });
    return this.#tracked(work);
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    return work.finally(() => this.#underWay.delete(work));
  }

  async #changeNow(change: Change, signal: AbortSignal, onProgress: (line: string) => void): Promise<void> {
    const { spec, secret, log } = this.#options;
    const plan = await this.#options.plan(signal, onProgress);
    if (!plan.volume) throw new UnsupportedError('This container has no volume for packages.');
    const sources = await installerSources(
      'elsewhere',
      await resolvePackageSources(spec, { installer: 'pip', secret, log }),
    );
    await using offered = await OfferedFiles.start();
    const request = await change.request({ sources, buildsFromSource: this.#buildsFromSource, offered });
    const masked = passwordMask(sources);
    const lines: string[] = [];
    const splitter = new LineSplitter((text) => {
      const said = offered.inWords(stripVTControlCharacters(text).slice(0, LINE_CHARACTERS));
      const line = masked(said).trimEnd();
      if (line === '') return;
      lines.push(line);
      if (lines.length > MOST_LINES) lines.shift();
      onProgress(line);
    });
    const { name: volume } = plan.volume;
    const changing = () => changingPlan(plan, newName(), volume);
    let version = '';
    const run = () =>
      this.#inContainer(changing(), signal, (link) => {
        version = link.facts.python;
        openTunnel(link, { named: placesIn(request) }, log);
        return changeInside(link, request, (bytes) => splitter.write(bytes));
      });
    try {
      let changed = await run();
      if (changed.problem === 'unwritable') {
        await openVolume(changing(), signal);
        changed = await run();
      }
      splitter.end();
      checkOutcome(change, changed, lines, version);
    } catch (error) {
      if (signal.aborted || !CodeModeError.is(error, 'python-died')) throw error;
      throw new InstallError(`${change.title} was broken off. ${error.message}`, { cause: error });
    }
    this.#options.onDidChange();
  }

  /** Works in a container of its own, which ends with it. */
  async #inContainer<T>(
    plan: ContainerPlan,
    signal: AbortSignal,
    work: (link: ContainerLink) => Promise<T>,
  ): Promise<T> {
    const { distFolder, log } = this.#options;
    const link = await startContainer(plan, { distFolder, signal, log });
    const end = () => void link.close();
    signal.addEventListener('abort', end);
    try {
      signal.throwIfAborted();
      return await work(link);
    } finally {
      signal.removeEventListener('abort', end);
      await link.close();
    }
  }

  get #buildsFromSource() {
    return this.#options.spec.buildFromSource ?? DEPS_DEFAULTS.buildFromSource;
  }

  /** Those for the Python as it was seen; made anew once it is another one. */
  async #currentOffers(): Promise<PackageOffers> {
    const { version } = this.#seen ?? {};
    const known = this.#offers;
    if (known && known.version === version) return await known.made;
    const made = this.#makeOffers();
    this.#offers = { version, made };
    await (await known?.made.catch(() => undefined))?.[Symbol.asyncDispose]();
    // Settings that can't be used may be mended by the next time.
    made.catch(() => {
      if (this.#offers?.made === made) this.#offers = undefined;
    });
    return await made;
  }

  async #makeOffers(): Promise<PackageOffers> {
    const { spec, secret, log } = this.#options;
    // Loaded on first use: most sessions ask no index themselves.
    const { PackageOffers: Offers } = await import('../../installing/packageOffers.ts');
    const sources = await resolvePackageSources(spec, { secret, log });
    const unknown = {
      version: undefined,
      freeThreaded: false,
      platform: { platform: 'linux', arch: process.arch, glibc: '2.36', release: '' },
    } as const;
    const installation = this.#seen?.installation ?? unknown;
    return new Offers(sources, { ...installation, buildsFromSource: this.#buildsFromSource }, log);
  }
}

/** @throws InstallError where a change was not made, by what pip has printed */
function checkOutcome(change: Change, changed: Changed, lines: readonly string[], version: string): void {
  if (!('code' in changed)) {
    if (changed.problem === 'no-pip') throw new UnsupportedError(NO_PIP.problem ?? '');
    throw new InstallError('The volume for packages can not be written.', {
      hint: 'Leave the setting codeMode.container.user empty, or name a user that the engine lets write.',
    });
  }
  if (changed.code !== 0) {
    const end = { succeeded: false, lines, brokenOff: brokenOff(changed.code) };
    const { reason, hint } = failureOf('pip', end, failedEnvironment(version));
    throw new InstallError(reason || `${change.title} failed.`, hint === undefined ? {} : { hint });
  }
  if (changed.left.length === 0) return;
  throw new InstallError(`${changed.left.join(', ')} could not be removed: the image brings it along.`, {
    hint: 'Choose another image, or remove it in the Dockerfile of codeMode.container.build.',
  });
}

/** How pip was ended, by a code that is negative then, as Python gives it. */
function brokenOff(code: number): string | undefined {
  if (code >= 0) return undefined;
  const [name = `signal ${-code}`] =
    Object.entries(os.constants.signals).find(([, number]) => number === -code) ?? [];
  return name === 'SIGKILL'
    ? 'it was killed, as it happens where memory runs out (codeMode.container.memoryLimit)'
    : `it was ended by ${name}`;
}

function failedEnvironment(version: string): FailedEnvironment {
  return {
    version,
    elsewhere: 'see to the user (codeMode.container.user) and to the disk of the engine',
    anotherPython: 'an image with another Python in the setting codeMode.container.image',
    compiler:
      'choose an image that has one (python:3.13 has, python:3.13-slim has not), or install it in a Dockerfile (codeMode.container.build)',
  };
}

function pythonKey({ image, settings }: ContainerPlan): string {
  // Arguments may mount anything over it.
  return JSON.stringify([image.id, settings.python, settings.runArguments, settings.mounts]);
}

function newName(): string {
  return `python-code-mode-packages-${randomBytes(6).toString('hex')}`;
}

function cancelled({ title }: Change, cause: unknown): CodeModeError {
  return new CodeModeError('cancelled', `${title} was cancelled. The environment is as it was.`, { cause });
}
