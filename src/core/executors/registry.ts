import { SettingsError } from '../contract/errors.ts';
import type { Executor } from '../contract/executor.ts';

/** What an executor is made with. */
export interface ExecutorContext {
  /** Absolute path of the built `dist` folder, with Pyodide and the Python package. */
  readonly distFolder: string;
  /** See SessionSpec. */
  readonly timeoutS: number | null;
  readonly maxResultCharacters: number;
  /** For the log: one line each, never code, output or secrets. */
  readonly log: (line: string) => void;
}

/** How an executor presents itself before it is started, and how it is made. */
export interface ExecutorDescriptor {
  readonly id: string;
  /** For people, in menus. */
  readonly label: string;
  /** One sentence: what Python is here and what it is kept apart from. */
  readonly description: string;
  /** A few words for the status item: `separate process`. */
  readonly isolation: string;
  create(context: ExecutorContext): Executor;
}

/** The executors that there are: one line of wiring each. */
export class ExecutorRegistry {
  readonly #descriptors: ReadonlyMap<string, ExecutorDescriptor>;

  constructor(descriptors: readonly ExecutorDescriptor[]) {
    this.#descriptors = new Map(descriptors.map((descriptor) => [descriptor.id, descriptor]));
  }

  list(): readonly ExecutorDescriptor[] {
    return [...this.#descriptors.values()];
  }

  /** @throws SettingsError that names those there are */
  get(id: string): ExecutorDescriptor {
    const descriptor = this.#descriptors.get(id);
    if (descriptor) return descriptor;
    throw new SettingsError(
      `There is no executor "${id}".`,
      `Choose one of: ${[...this.#descriptors.keys()].join(', ')}.`,
    );
  }
}
