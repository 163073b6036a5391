import type { HostCallHandlers } from '../connection/hostCalls.ts';
import { SettingsError } from '../contract/errors.ts';
import type { Executor } from '../contract/executor.ts';
import type { StorageBackend } from '../contract/storage.ts';
import type { DependencyConfiguration } from '../deps/configuration/dependencyConfiguration.ts';
import type { DepsSpec } from '../deps/depsSpec.ts';
import type { SecretSource } from '../session/secrets.ts';
import type { ApprovalStore } from '../tools/approvals/approvalStore.ts';
import type { SettingsSchema } from './executorSettings.ts';

/** Which packages an executor's code wants, and by which rules they get in. */
export interface DependencyContext {
  readonly configuration: DependencyConfiguration;
  readonly spec: DepsSpec;
  /** What a person said for the workspace; undefined: nothing can be kept for it. */
  readonly approvals?: ApprovalStore | undefined;
  /** Takes the secrets out of a text that are known; by default none are. */
  readonly mask?: (text: string) => string;
  /** Gives the password of a package index. */
  readonly secret?: SecretSource | undefined;
}

/** What an executor is made with. */
export interface ExecutorContext {
  /** Absolute path of the built `dist` folder, with Pyodide and the Python package. */
  readonly distFolder: string;
  /** Seconds that a run may take where it says nothing itself; undefined or null: no limit. */
  readonly timeoutS?: number | null;
  /** Seconds within which Python has to be ready; by default 60. */
  readonly startTimeoutS?: number;
  /** What the settings say below `codeMode.<executor id>.`, of any type: the executor checks what it takes. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Absolute path of the folder whose code this is; undefined: none is open. */
  readonly workspaceFolder?: string;
  /** Absolute path that relative paths in the code start from; by default {@link workspaceFolder}. */
  readonly workingFolder?: string;
  /** Absolute path of the base folder, some of which the host acts on; undefined: nothing is kept on disk. */
  readonly baseFolder?: string;
  /** Characters of stdout and of stderr that a result keeps; by default 10,000,000 each. */
  readonly maxResultCharacters?: number;
  /** Answers what Python calls back for, given the storage of `start()`; by default nothing is answered. */
  readonly hostServices?: (storage: StorageBackend | undefined) => HostCallHandlers;
  /** By default nothing is configured, and packages come from where the person's own installers take them. */
  readonly deps?: DependencyContext;
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
  /** What its settings are checked with. */
  readonly settingsSchema: SettingsSchema;
  /** Settings that suit a session of one run, where nothing else is said. */
  readonly settingsForOneRun?: Readonly<Record<string, unknown>>;
  /** Settings with which it only shows what it can do on this machine, so that nothing is fetched for that. */
  readonly settingsForOverview?: Readonly<Record<string, unknown>>;
  /** @throws SettingsError for settings that cannot be used */
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
