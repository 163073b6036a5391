import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type {
  DependencyChangeOptions,
  InstalledPackage,
  PackageEnvironment,
  PackageOffer,
} from '../../src/core/contract/dependencies.ts';
import { InstallError } from '../../src/core/contract/errors.ts';
import { RequirementsDocument } from '../../src/core/deps/configuration/requirementsDocument.ts';
import type { InstallRequest, PackageInstaller } from '../../src/core/deps/installer.ts';
import type { MarkerEnvironment } from '../../src/core/deps/markers.ts';
import { parsePackageSpec } from '../../src/core/deps/packageSpec.ts';
import { readSitePackages } from '../../src/core/deps/sitePackages.ts';
import { compareVersions, satisfies } from '../../src/core/deps/versions.ts';

/** What a {@link FolderInstaller} can be told to do before it installs or removes anything. */
type Hook = (names: readonly string[], options: DependencyChangeOptions) => Promise<void>;

/**
 * Installs packages that consist of their metadata alone into a folder, from a list of versions: enough of a real installer
 * to be quick, and to fail, hang and change half where a test wants it.
 */
export class FolderInstaller implements PackageInstaller {
  readonly #folder: string;
  /** Versions by name. */
  readonly index: Record<string, readonly string[]>;
  /** What each package needs, by name. */
  readonly needs: Record<string, readonly string[]> = {};
  /** What it was asked for, in order: `install six rich>=13`. */
  readonly asked: string[] = [];
  before: Hook = async () => undefined;
  problem: string | null = null;
  #busy = 0;
  /** How many changes were under way at once at most. */
  busiest = 0;

  constructor(folder: string, index: Record<string, readonly string[]>) {
    this.#folder = folder;
    this.index = index;
  }

  async describe(): Promise<PackageEnvironment> {
    return { label: 'test', folder: this.#folder, installer: 'folder 1.0', problem: this.problem };
  }

  installed(): Promise<readonly InstalledPackage[]> {
    return readSitePackages([this.#folder]);
  }

  async markerEnvironment(): Promise<MarkerEnvironment> {
    return { platform: 'linux', python: '3.12.1' };
  }

  async install(
    { requirements, requirementsFile, upgrade = false }: InstallRequest,
    options: DependencyChangeOptions,
  ): Promise<void> {
    const lines =
      requirementsFile === undefined
        ? []
        : RequirementsDocument.parse(await readFile(requirementsFile, 'utf8')).lines.flatMap(({ content }) =>
            content.kind === 'requirement' ? [content.spec] : [],
          );
    const file = requirementsFile === undefined ? [] : [`-r ${path.basename(requirementsFile)}`];
    this.asked.push([upgrade ? 'upgrade' : 'install', ...requirements, ...file].join(' '));
    await this.#alone(async () => {
      const installed = await this.installed();
      const wanted = new Map<string, string>();
      for (const text of [...requirements, ...lines]) {
        const { name } = parsePackageSpec(text);
        const there = installed.find((one) => one.name === name)?.version;
        if (!upgrade && there !== undefined && satisfies(there, text)) continue;
        const [newest] = (this.index[name] ?? [])
          .filter((version) => satisfies(version, text))
          .sort((a, b) => compareVersions(b, a));
        if (newest === undefined) throw new InstallError(`There is no version that fits ${text}.`);
        if (newest !== there) wanted.set(name, newest);
      }
      await this.before([...wanted.keys()], options);
      for (const [name, version] of wanted) await this.put(name, version);
      options.onProgress?.(`installed ${wanted.size} packages`);
    });
  }

  async uninstall(names: readonly string[], options: DependencyChangeOptions): Promise<void> {
    this.asked.push(['uninstall', ...names].join(' '));
    await this.#alone(async () => {
      await this.before(names, options);
      for (const name of names) await this.drop(name);
    });
  }

  async newest(packages: readonly InstalledPackage[]): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries(
      packages.flatMap(({ name, version }) => {
        const [newest] = [...(this.index[name] ?? [])].sort((a, b) => compareVersions(b, a));
        return newest === undefined || newest === version ? [] : [[name, newest]];
      }),
    );
  }

  async lookUp(name: string): Promise<PackageOffer | null> {
    const versions = this.index[name];
    return versions ? { name, versions, problem: null } : null;
  }

  async close(): Promise<void> {}

  /** Installs a package in place of any other version, whatever the index has. */
  async put(name: string, version: string): Promise<void> {
    await this.drop(name);
    const folder = path.join(this.#folder, `${name.replaceAll('-', '_')}-${version}.dist-info`);
    await mkdir(folder, { recursive: true });
    const needs = (this.needs[name] ?? []).map((needed) => `Requires-Dist: ${needed}\n`).join('');
    await writeFile(
      path.join(folder, 'METADATA'),
      `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${needs}`,
    );
    await writeFile(path.join(folder, 'RECORD'), '');
  }

  async drop(name: string): Promise<void> {
    for (const found of await this.installed()) {
      if (found.name !== name) continue;
      const folder = `${name.replaceAll('-', '_')}-${found.version}.dist-info`;
      await rm(path.join(this.#folder, folder), { recursive: true });
    }
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    this.busiest = Math.max(this.busiest, this.#busy);
    try {
      await work();
    } finally {
      this.#busy -= 1;
    }
  }
}
