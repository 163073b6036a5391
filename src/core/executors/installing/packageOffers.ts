import type { InstalledPackage, PackageOffer } from '../../contract/dependencies.ts';
import { type Fits, newestOf, offerOf } from '../../deps/index/offers.ts';
import { PackageIndex } from '../../deps/index/packageIndex.ts';
import type { PackageSources } from '../../deps/sources/packageSources.ts';
import { fittingFiles, type Installation } from './fittingFiles.ts';

/** What the package indexes have for one environment. */
export class PackageOffers implements AsyncDisposable {
  readonly #index: PackageIndex;
  readonly #fits: Fits;
  readonly #installation: Installation;

  constructor(sources: PackageSources, installation: Installation, log: (line: string) => void) {
    this.#index = new PackageIndex(sources, { log });
    this.#fits = fittingFiles(installation);
    this.#installation = installation;
  }

  newest(
    packages: readonly InstalledPackage[],
    signal: AbortSignal | undefined,
  ): Promise<Readonly<Record<string, string>>> {
    return newestOf(this.#index, packages, this.#fits, signal);
  }

  async lookUp(name: string, signal: AbortSignal | undefined): Promise<PackageOffer | null> {
    const project = await this.#index.project(name, signal);
    if (!project) return null;
    const { version = '3', buildsFromSource } = this.#installation;
    const sources = buildsFromSource
      ? 'no sources that could be built'
      : 'building from sources is off (codeMode.deps.buildFromSource)';
    return offerOf(
      project,
      this.#fits,
      `It has nothing for Python ${version} on this system: no wheel, and ${sources}.`,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#index[Symbol.asyncDispose]();
  }
}
