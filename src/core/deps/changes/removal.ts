import type { InstalledPackage, RemoveResult, UninstallResult } from '../../contract/dependencies.ts';
import { parsePackageName } from '../packageSpec.ts';
import { tryEach } from './attempts.ts';
import { Change, type ChangeContext } from './changeContext.ts';
import { isInStore, unfinished } from './configured.ts';
import type { Changed, ChangeOptions } from './origin.ts';

/** Takes packages out of the environment, and out of the configuration. What they needed stays. */
export class Removal {
  readonly #context: ChangeContext;

  constructor(context: ChangeContext) {
    this.#context = context;
  }

  /** As `Dependencies.remove`. */
  async remove(names: readonly string[], options: ChangeOptions): Promise<Changed<RemoveResult>> {
    const wanted = this.#check(names);
    const { configuration } = this.#context;
    const stored = (await configuration.list()).filter((entry) => isInStore(entry) && wanted.has(entry.name));
    return await this.#make(wanted, stored.length > 0, options, async (gone, change) => {
      const deleted = await this.#delete(gone);
      for (const { name, spec, source } of await configuration.list()) {
        if (gone.includes(name)) {
          change.tell(
            `${spec} is still named by ${source === 'settings' ? 'the settings' : source}: a sync installs it again.`,
          );
        }
      }
      return deleted;
    });
  }

  /** As `Dependencies.uninstall`. */
  async uninstall(names: readonly string[], options: ChangeOptions): Promise<Changed<UninstallResult>> {
    const { result, changed } = await this.#make(this.#check(names), false, options, async () => false);
    const { removed, notFound, failed } = result;
    return { result: { removed, notFound, failed }, changed };
  }

  /** The names as they are given, by the normalised ones. */
  #check(names: readonly string[]): ReadonlyMap<string, string> {
    const wanted = new Map(names.map((given) => [parsePackageName(given), given]));
    this.#context.rules.checkRuntimeChange();
    return wanted;
  }

  async #make(
    wanted: ReadonlyMap<string, string>,
    isStored: boolean,
    options: ChangeOptions,
    forget: (gone: readonly string[], change: Change) => Promise<boolean>,
  ): Promise<Changed<RemoveResult>> {
    const { installer } = this.#context;
    const given = (name: string) => wanted.get(name) ?? name;
    const change = new Change(this.#context, { action: 'remove', packages: [...wanted.values()] }, options);
    const known = await installer.installed();
    const isInstalled = known.some(({ name }) => wanted.has(name));
    if (isInstalled || isStored) await change.approve();
    const work = async (installed: readonly InstalledPackage[]): Promise<RemoveResult> => {
      const there = installed.map(({ name }) => name).filter((name) => wanted.has(name));
      tellNeeded(installed, there, change.tell);
      const uninstall = (names: readonly string[]) => (following: ChangeOptions) =>
        installer.uninstall(names, following);
      const failed = await tryEach(
        there,
        { together: uninstall(there), alone: (name) => uninstall([name]) },
        change.attemptOptions(installed),
      );
      const failures = new Set(failed.map((failure) => failure.package));
      const gone = [...wanted.keys()].filter((name) => !failures.has(name));
      return {
        removed: gone.filter((name) => there.includes(name)).map(given),
        notFound: gone.filter((name) => !there.includes(name)).map(given),
        failed: failed.map(({ package: name, reason }) => ({ package: given(name), reason })),
        removedFromConfig: await forget(gone, change),
      };
    };
    return isInstalled ? await change.inTurn(work) : { result: await work(known), changed: [] };
  }

  /** @throws CodeModeError that says what is still configured */
  async #delete(names: readonly string[]): Promise<boolean> {
    let isDeleted = false;
    for (const [index, name] of names.entries()) {
      try {
        if (await this.#context.configuration.delete(name)) isDeleted = true;
      } catch (error) {
        throw unfinished(error, `Still configured: ${names.slice(index).join(', ')}.`);
      }
    }
    return isDeleted;
  }
}

function tellNeeded(
  installed: readonly InstalledPackage[],
  removed: readonly string[],
  tell: (line: string) => void,
): void {
  for (const name of removed) {
    const users = installed
      .filter((one) => one.requires.includes(name) && !removed.includes(one.name))
      .map((one) => one.name);
    if (users.length > 0) tell(`${name} is needed by ${users.join(', ')}.`);
  }
}
