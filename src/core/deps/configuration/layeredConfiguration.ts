import { Emitter, type Subscription } from '../../common/events.ts';
import type { ConfiguredDependency } from '../../contract/dependencies.ts';
import { ClosedError, CodeModeError, SettingsError, UnsupportedError } from '../../contract/errors.ts';
import type { DepsSpec } from '../depsSpec.ts';
import { markerOf } from '../markers.ts';
import { parsePackageSpec } from '../packageSpec.ts';
import type { DependencyConfiguration } from './dependencyConfiguration.ts';
import type { DependencyStore } from './dependencyStore.ts';
import { FilesWatch } from './filesWatch.ts';
import { readPyproject } from './pyproject.ts';

/** Packages of a store, of the settings and of a `pyproject.toml`. What changes is told once it was listed. */
export class LayeredConfiguration implements DependencyConfiguration {
  readonly #store: DependencyStore | undefined;
  readonly #spec: DepsSpec;
  readonly #changed = new Emitter<void>();
  readonly #watch = new FilesWatch(() => this.#look());
  #watchingStore: Subscription | undefined;
  /** What was found last, as text; undefined: nobody has asked. */
  #found: string | undefined;
  /** Looks are numbered: one that began before another may end after it. */
  #begun = 0;
  #ended = 0;
  #isClosed = false;

  readonly onDidChange = this.#changed.event;

  /** @param store - disposed with the configuration; undefined: nothing can be saved */
  constructor(store: DependencyStore | undefined, spec: DepsSpec) {
    this.#store = store;
    this.#spec = spec;
  }

  async list(): Promise<readonly ConfiguredDependency[]> {
    if (this.#isClosed) throw new ClosedError('The configuration of packages');
    const look = ++this.#begun;
    let found = '';
    try {
      const stored = (await this.#store?.list()) ?? [];
      const all = oneEach([...stored, ...this.#fixed()]);
      found = JSON.stringify(all);
      return all;
    } catch (error) {
      found = CodeModeError.describe(error);
      throw error;
    } finally {
      this.#follow();
      this.#take(look, found);
    }
  }

  fixed(): readonly string[] {
    return oneEach(this.#fixed()).map(({ spec }) => spec);
  }

  async requirementsFile(): Promise<string | undefined> {
    return await this.#store?.requirementsFile();
  }

  async save(spec: string): Promise<void> {
    parsePackageSpec(spec);
    await this.#needed.save(spec);
    await this.#afterChange();
  }

  async delete(name: string): Promise<boolean> {
    const wasThere = (await this.#store?.delete(name)) ?? false;
    if (wasThere) await this.#afterChange();
    return wasThere;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#watch.dispose();
    this.#watchingStore?.dispose();
    this.#changed.dispose();
    await this.#store?.[Symbol.asyncDispose]();
  }

  get #needed(): DependencyStore {
    if (this.#store) return this.#store;
    throw new UnsupportedError(
      'There is no base folder in which packages could be configured.',
      'Open a folder, or set codeMode.baseFolder to an absolute path.',
    );
  }

  #fixed(): ConfiguredDependency[] {
    const { packages = [], pyproject } = this.#spec;
    return [...packages.map(ofSettings), ...(pyproject === undefined ? [] : readPyproject(pyproject))];
  }

  #follow(): void {
    if (this.#isClosed) return;
    const { pyproject } = this.#spec;
    this.#watch.follow([...(this.#store?.files ?? []), ...(pyproject === undefined ? [] : [pyproject])]);
    this.#watchingStore ??= this.#store?.onDidChange?.(() => this.#look());
  }

  #take(look: number, found: string): void {
    if (look < this.#ended) return;
    this.#ended = look;
    const before = this.#found;
    this.#found = found;
    if (before !== undefined && before !== found) this.#changed.fire();
  }

  /** For those who listen; whoever lists hears of what is wrong. */
  #look(): void {
    if (!this.#isClosed) void this.list().catch(() => undefined);
  }

  async #afterChange(): Promise<void> {
    if (this.#found === undefined) this.#changed.fire();
    else await this.list().catch(() => undefined);
  }
}

function ofSettings(entry: string): ConfiguredDependency {
  try {
    const { name, text } = parsePackageSpec(entry);
    return { name, spec: text, source: 'settings', file: null, line: null };
  } catch (error) {
    throw new SettingsError(
      `codeMode.deps.packages: ${(error as Error).message}`,
      'Write names such as pandas, requests[socks] or numpy>=2.0.',
    );
  }
}

/** The first of each package; where that holds under a marker, the other lines of its source as well. */
function oneEach(all: readonly ConfiguredDependency[]): readonly ConfiguredDependency[] {
  const first = new Map<string, ConfiguredDependency>();
  return all.filter((each) => {
    const known = first.get(each.name);
    if (!known) first.set(each.name, each);
    return !known || (known.source === each.source && markerOf(known.spec) !== undefined);
  });
}
