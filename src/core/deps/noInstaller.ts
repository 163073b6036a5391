import type { PackageEnvironment } from '../contract/dependencies.ts';
import { UnsupportedError } from '../contract/errors.ts';
import type { PackageInstaller } from './installer.ts';
import type { MarkerEnvironment } from './markers.ts';

/** Stands where an executor has no installer: there is no package, and none can be installed. */
export class NoInstaller implements PackageInstaller {
  readonly #environment: PackageEnvironment;
  readonly #reason: string;

  /** @param reason - why there is none, with what to do */
  constructor(label: string, reason: string) {
    this.#reason = reason;
    this.#environment = { label, folder: null, installer: null, problem: reason };
  }

  async describe(): Promise<PackageEnvironment> {
    return this.#environment;
  }

  async installed(): Promise<readonly never[]> {
    return [];
  }

  async markerEnvironment(): Promise<MarkerEnvironment> {
    return {};
  }

  async install(): Promise<never> {
    throw new UnsupportedError(this.#reason);
  }

  async uninstall(): Promise<never> {
    throw new UnsupportedError(this.#reason);
  }

  async newest(): Promise<Readonly<Record<string, string>>> {
    return {};
  }

  async lookUp(): Promise<never> {
    throw new UnsupportedError(this.#reason);
  }

  async close(): Promise<void> {}
}
