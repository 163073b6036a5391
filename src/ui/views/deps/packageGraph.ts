import type { DependencyReport, InstalledPackage } from '../../../core/contract/dependencies.ts';

/** Which of the installed packages needs which. Names are normalised. */
export class PackageGraph {
  readonly #packages: ReadonlyMap<string, InstalledPackage>;
  readonly #requiredBy = new Map<string, InstalledPackage[]>();

  /** Those that somebody wanted: configured, or needed by none of the others. All others are below one of these. */
  readonly topLevel: readonly InstalledPackage[];

  constructor({ installed, configured }: Pick<DependencyReport, 'installed' | 'configured'>) {
    this.#packages = new Map(installed.map((one) => [one.name, one]));
    for (const one of installed) {
      for (const needed of this.requirementsOf(one)) {
        if (needed !== one) this.#requiredBy.set(needed.name, [...this.requiredBy(needed.name), one]);
      }
    }
    const names = new Set(configured.map(({ name }) => name));
    this.topLevel = this.#topLevelOf(installed, (one) => {
      return names.has(one.name) || this.requiredBy(one.name).length === 0;
    });
  }

  get(name: string): InstalledPackage | undefined {
    return this.#packages.get(name);
  }

  /** The installed packages that one needs, by name. */
  requirementsOf({ requires }: InstalledPackage): readonly InstalledPackage[] {
    return [...new Set(requires)]
      .sort()
      .map((name) => this.#packages.get(name))
      .filter((needed) => needed !== undefined);
  }

  /** The installed packages that need one. */
  requiredBy(name: string): readonly InstalledPackage[] {
    return this.#requiredBy.get(name) ?? [];
  }

  /** Packages that need each other and that nobody else needs would be below none: the first of them is wanted, then. */
  #topLevelOf(
    installed: readonly InstalledPackage[],
    isWanted: (one: InstalledPackage) => boolean,
  ): readonly InstalledPackage[] {
    const reached = new Set<InstalledPackage>();
    const reach = (first: InstalledPackage) => {
      const waiting = [first];
      for (let one = waiting.pop(); one; one = waiting.pop()) {
        if (reached.has(one)) continue;
        reached.add(one);
        waiting.push(...this.requirementsOf(one));
      }
    };
    const wanted = new Set(installed.filter(isWanted));
    for (const one of wanted) reach(one);
    for (const one of installed) {
      if (reached.has(one)) continue;
      wanted.add(one);
      reach(one);
    }
    return installed.filter((one) => wanted.has(one));
  }
}
