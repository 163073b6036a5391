import { reasonOf } from '../../../common/files/systemErrors.ts';
import { Capability } from '../../../contract/capability.ts';
import type { CapabilityReport } from '../../../contract/executor.ts';
import type { PackageInstaller } from '../../../deps/installer.ts';
import type { ExecutorContext } from '../../registry.ts';
import { EnvironmentFolder } from './environmentFolder.ts';
import { PyodidePackages } from './pyodidePackages.ts';

/** The packages of an executor with Pyodide. What one session of a workspace installs, all of them have. */
export class WorkspacePackages {
  readonly installer: PackageInstaller;
  readonly #environment: EnvironmentFolder;
  readonly #log: (line: string) => void;
  /** Why packages can't be installed; null: they can. */
  #problem: string | null = 'Python has not been started yet.';

  constructor({ distFolder, baseFolder, workspaceFolder, deps, log }: ExecutorContext) {
    this.#log = log;
    this.#environment = new EnvironmentFolder({ distFolder, owner: baseFolder ?? workspaceFolder, log });
    this.installer = new PyodidePackages({
      environment: this.#environment,
      distFolder,
      sources: deps?.spec ?? {},
      secret: deps?.secret,
      log,
    });
  }

  /**
   * To be called before Python starts.
   *
   * @returns absolute path of the environment that Python is to see; undefined where there can be none, which is no reason
   *   to start no Python
   */
  async show(): Promise<string | undefined> {
    try {
      const folder = await this.#environment.ensure();
      this.#problem = (await this.installer.describe()).problem;
      return folder;
    } catch (error) {
      this.#problem = `There is no folder for packages: ${reasonOf(error)}.`;
      this.#log(`packages: Python is started without them: ${reasonOf(error)}`);
      return undefined;
    }
  }

  capabilities(): readonly CapabilityReport[] {
    const supported = this.#problem === null;
    return [
      {
        capability: Capability.DEPS_INSTALL,
        supported,
        detail:
          this.#problem ??
          'micropip installs wheels of pure Python, and those that were compiled for Pyodide, into a folder that Python can only read.',
      },
      {
        capability: Capability.DEPS_UNINSTALL,
        supported,
        detail: this.#problem ?? 'Packages are removed by their lists of files; what else is there stays.',
      },
    ];
  }

  /** Removes what does not outlive the session. */
  close(): Promise<void> {
    return this.#environment.close();
  }
}
