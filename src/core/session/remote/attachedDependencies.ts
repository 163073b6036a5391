import type { z } from 'zod';
import type {
  Dependencies,
  DependencyChangeOptions,
  DependencyReport,
  InstallResult,
  PackageOffer,
  RemoveResult,
  UninstallResult,
} from '../../contract/dependencies.ts';
import { AttachedPart } from './attachedPart.ts';
import type { RequestDefinition } from './definitions.ts';
import { ToDependencies } from './dependencyMessages.ts';

/** The packages of a session that another process has. */
export class AttachedDependencies extends AttachedPart implements Dependencies {
  report(): Promise<DependencyReport> {
    return this.peer.call(ToDependencies.report, { session: this.session });
  }

  list(): Promise<readonly string[]> {
    return this.peer.call(ToDependencies.list, { session: this.session });
  }

  add(packages: readonly string[], options?: DependencyChangeOptions): Promise<InstallResult> {
    return this.#change(ToDependencies.add, packages, options);
  }

  remove(names: readonly string[], options?: DependencyChangeOptions): Promise<RemoveResult> {
    return this.#change(ToDependencies.remove, names, options);
  }

  install(packages: readonly string[], options?: DependencyChangeOptions): Promise<InstallResult> {
    return this.#change(ToDependencies.install, packages, options);
  }

  uninstall(names: readonly string[], options?: DependencyChangeOptions): Promise<UninstallResult> {
    return this.#change(ToDependencies.uninstall, names, options);
  }

  upgrade(names: readonly string[], options?: DependencyChangeOptions): Promise<InstallResult> {
    return this.#change(ToDependencies.upgrade, names, options);
  }

  sync({ signal, onProgress }: DependencyChangeOptions = {}): Promise<InstallResult> {
    return this.listeners.follow(onProgress, (change) =>
      this.peer.call(ToDependencies.sync, { session: this.session, change }, signal),
    );
  }

  newest(signal?: AbortSignal): Promise<Readonly<Record<string, string>>> {
    return this.peer.call(ToDependencies.newest, { session: this.session }, signal);
  }

  lookUp(name: string, signal?: AbortSignal): Promise<PackageOffer | null> {
    return this.peer.call(ToDependencies.lookUp, { session: this.session, name }, signal);
  }

  #change<Result extends z.ZodType>(
    definition: RequestDefinition<typeof ToDependencies.add.params, Result>,
    names: readonly string[],
    { signal, onProgress }: DependencyChangeOptions = {},
  ): Promise<z.output<Result>> {
    return this.listeners.follow(onProgress, (change) =>
      this.peer.call(definition, { session: this.session, change, names: [...names] }, signal),
    );
  }
}
