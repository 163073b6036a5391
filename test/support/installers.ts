import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { processesBelow } from '../../src/core/common/processesBelow.ts';
import type { DepsSpec } from '../../src/core/deps/depsSpec.ts';
import type { PythonEnvironment } from '../../src/core/executors/subprocess/environment/index.ts';
import { SubprocessInstaller } from '../../src/core/executors/subprocess/installer/index.ts';
import type { SecretSource } from '../../src/core/session/secrets.ts';
import { makeVenv, type PythonWorld, packagesOf } from './pythonWorld.ts';

/** An environment of its own, and installers for it that take packages from where a test says. */
export class InstallerBench {
  /** What installers printed and logged. */
  readonly lines: string[] = [];
  readonly #world: PythonWorld;
  readonly #installers: SubprocessInstaller[] = [];

  private constructor(
    world: PythonWorld,
    readonly environment: PythonEnvironment,
    /** Absolute path of the folder with its packages. */
    readonly packages: string,
  ) {
    this.#world = world;
  }

  /** @param folder - absolute path of the virtual environment; by default a new one */
  static async make(world: PythonWorld, python: string, folder?: string): Promise<InstallerBench> {
    const interpreter = makeVenv(python, folder ?? path.join(world.root, `env-${randomUUID().slice(0, 8)}`));
    return InstallerBench.of(world, interpreter);
  }

  static async of(world: PythonWorld, interpreter: string): Promise<InstallerBench> {
    return new InstallerBench(world, await world.resolve(interpreter), packagesOf(interpreter));
  }

  installer(spec: DepsSpec, secret?: SecretSource): SubprocessInstaller {
    const { environment } = this;
    const installer = new SubprocessInstaller({
      environment: async () => environment,
      existing: async () => ({ label: environment.label, environment }),
      spec,
      secret,
      cacheFolder: this.#world.cacheFolder,
      log: (line) => void this.lines.push(line),
    });
    this.#installers.push(installer);
    return installer;
  }

  get onProgress(): (line: string) => void {
    return (line) => void this.lines.push(line);
  }

  /** `tiny 1.0`, by name. */
  async installed(): Promise<readonly string[]> {
    const found = await this.installer({}).installed();
    return found.map(({ name, version }) => `${name} ${version}`);
  }

  /** All files of the folder of packages but what Python compiles, with the content of small ones. */
  files(): Readonly<Record<string, string>> {
    const names = readdirSync(this.packages, { recursive: true, withFileTypes: true });
    return Object.fromEntries(
      names
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'))
        // When and from where it was installed is not what it is.
        .filter(({ name }) => !['RECORD', 'REQUESTED', 'INSTALLER', 'uv_cache.json'].includes(name))
        .map(({ parentPath, name }) => path.join(parentPath, name))
        .map((file) => [path.relative(this.packages, file), readFileSync(file, 'utf8').slice(0, 200)]),
    );
  }

  /** The command lines of all that this process has started and that has not ended; Linux. */
  async commandLines(): Promise<readonly { readonly pid: number; readonly text: string }[]> {
    const pids = await processesBelow(process.pid);
    return pids.flatMap((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return text === '' ? [] : [{ pid, text }];
      } catch {
        return [];
      }
    });
  }

  async close(): Promise<void> {
    for (const installer of this.#installers.splice(0)) await installer.close();
  }
}
