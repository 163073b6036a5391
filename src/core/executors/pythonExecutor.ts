import { z } from 'zod';
import type { Subscription } from '../common/events.ts';
import type { HostCallHandlers } from '../connection/hostCalls.ts';
import { PythonConnection } from '../connection/pythonConnection.ts';
import type { Launcher } from '../connection/transport.ts';
import type { Capability } from '../contract/capability.ts';
import type { ContainerControl } from '../contract/container.ts';
import type { InstallResult, RemoveResult, UninstallResult } from '../contract/dependencies.ts';
import { ClosedError, StorageAccessError } from '../contract/errors.ts';
import type { ExecutionResult, RunEvent, RunOptions } from '../contract/execution.ts';
import type { CapabilityReport, Executor, ExecutorState } from '../contract/executor.ts';
import type { CompletionResult, Inspection, Variable } from '../contract/introspection.ts';
import { StorageAccessSchema, type StorageBackend } from '../contract/storage.ts';
import type { ToolInfo } from '../contract/tools.ts';
import type { CodeLine } from '../deps/codeLine.ts';
import { openDependencyConfiguration } from '../deps/configuration/index.ts';
import { dependencyCalls } from '../deps/dependencyCalls.ts';
import type { PackageInstaller } from '../deps/installer.ts';
import { DependencyService } from '../deps/service.ts';
import type { SettingsSchema } from './executorSettings.ts';
import type { ExecutorContext, ExecutorDescriptor } from './registry.ts';

/** What a backend adds to the executor that all share: how Python starts, and what that start can promise. */
export interface PythonBackend {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly isolation: string;
  /** As {@link ExecutorDescriptor.settingsSchema}. */
  readonly settingsSchema: SettingsSchema;
  /** As {@link ExecutorDescriptor.settingsForOneRun}. */
  readonly settingsForOneRun?: Readonly<Record<string, unknown>>;
  /** As {@link ExecutorDescriptor.settingsForOverview}. */
  readonly settingsForOverview?: Readonly<Record<string, unknown>>;
  /** For one executor. Loads nothing heavy and starts nothing. @throws SettingsError */
  prepare(context: ExecutorContext): PreparedPython;
}

/** How one executor's Python is started. */
export interface PreparedPython {
  /** Starts Python; loads what is heavy. */
  readonly launch: Launcher;
  /** All ten capabilities with the reason for each answer; asked once Python is ready. */
  capabilities(): readonly CapabilityReport[];
  /** Waits for what {@link capabilities} tells of and is found out beside the start; by default nothing is. Never rejects. */
  lookAround?(): Promise<void>;
  /** Brings packages into its environment; undefined: its packages can't be changed. */
  readonly packages?: PackageInstaller;
  /**
   * The container that it starts Python in; undefined: none. Its `stop` is called once Python has ended; its `rebuild`
   * starts no Python, and has the next start take another container.
   */
  readonly container?: ContainerControl;
  /** Whether a reset is a fresh interpreter; by default the one that runs clears its variables. */
  readonly resetsByStart?: boolean;
  /** Ends what lives beside the interpreter. */
  close?(): Promise<void>;
}

/** The registry's entry of a backend. */
export function describeBackend(backend: PythonBackend): ExecutorDescriptor {
  const { id, label, description, isolation, settingsSchema } = backend;
  const { settingsForOneRun = {}, settingsForOverview = {} } = backend;
  return {
    id,
    label,
    description,
    isolation,
    settingsSchema,
    settingsForOneRun,
    settingsForOverview,
    create: (context) => new PythonExecutor(backend, context),
  };
}

const DEFAULT_RESULT_CHARACTERS = 10_000_000;

const RefreshedSchema = z.object({ stale: z.array(z.string()) });

/** The contract's Executor over a PythonConnection. */
class PythonExecutor implements Executor {
  readonly id: string;
  readonly #backend: PythonBackend;
  readonly #context: ExecutorContext;
  readonly #python: PreparedPython;
  readonly #connection: PythonConnection;
  readonly dependencies: DependencyService;
  readonly container: ContainerControl | undefined;
  #handlers: HostCallHandlers = {};
  #started: Promise<void> | undefined;
  #closed = false;
  #report: readonly CapabilityReport[];

  constructor(backend: PythonBackend, context: ExecutorContext) {
    this.id = backend.id;
    this.#backend = backend;
    this.#context = context;
    this.#python = backend.prepare(context);
    this.#report = notStarted(this.#python.capabilities());
    this.#connection = new PythonConnection({
      executorId: backend.id,
      launch: this.#python.launch,
      resetsByStart: this.#python.resetsByStart ?? false,
      // Read at each call: the storage is known from start() on.
      handlers: (method) => this.#handlers[method],
      timeoutS: context.timeoutS ?? null,
      ...(context.startTimeoutS === undefined ? {} : { startTimeoutS: context.startTimeoutS }),
      maxResultCharacters: context.maxResultCharacters ?? DEFAULT_RESULT_CHARACTERS,
      log: context.log,
    });
    this.dependencies = this.#createDependencies();
    this.container = this.#python.container && controlled(this.#python.container, this.#connection);
  }

  get state(): ExecutorState {
    return this.#connection.state;
  }

  get interpreter(): string {
    return this.#connection.interpreter;
  }

  get queued(): number {
    return this.#connection.queued;
  }

  get executionCount(): number {
    return this.#connection.executionCount;
  }

  start(storage?: StorageBackend): Promise<void> {
    if (this.#closed) return Promise.reject(new ClosedError('The executor'));
    const descriptor = StorageAccessSchema.safeParse(storage);
    if (descriptor.success) {
      const typeName = descriptor.data.type === 'file' ? 'FileStorageAccess' : 'RedisStorageAccess';
      return Promise.reject(new StorageAccessError(this.#backend.label.replaceAll(/\W/g, ''), typeName));
    }
    this.#started ??= this.#start(storage).catch((error: unknown) => {
      // The next call tries again.
      this.#started = undefined;
      throw error;
    });
    return this.#started;
  }

  async #start(storage: StorageBackend | undefined): Promise<void> {
    this.#handlers = {
      ...this.#context.hostServices?.(storage),
      ...dependencyCalls(this.dependencies),
    };
    await this.#connection.start();
    await this.#python.lookAround?.();
    this.#report = this.#python.capabilities();
  }

  async run(code: string, options?: RunOptions): Promise<ExecutionResult> {
    // A run that was cancelled before it began starts nothing.
    if (!this.#started && !options?.signal?.aborted) await this.start();
    return this.#connection.run(code, options);
  }

  async interrupt(): Promise<boolean> {
    return this.#connection.interrupt();
  }

  reset(): Promise<void> {
    return this.#connection.reset();
  }

  cancelStart(): void {
    this.#connection.cancelStart();
  }

  restart(): Promise<void> {
    return this.#connection.restart();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.dependencies.dispose();
    await this.#connection.close();
    await this.#python.packages?.close();
    await this.#python.close?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  supports(capability: Capability): boolean {
    return this.supportedCapabilities().has(capability);
  }

  supportedCapabilities(): ReadonlySet<Capability> {
    return new Set(this.#report.filter((entry) => entry.supported).map((entry) => entry.capability));
  }

  capabilityReport(): readonly CapabilityReport[] {
    return this.#report;
  }

  async complete(code: string, cursor: number): Promise<CompletionResult> {
    const found = await this.#connection.ask('complete', { code, cursor });
    return (found as CompletionResult | undefined) ?? { start: cursor, end: cursor, items: [] };
  }

  async inspect(code: string, cursor: number): Promise<Inspection | null> {
    return (
      ((await this.#connection.ask('inspect', { code, cursor })) as Inspection | null | undefined) ?? null
    );
  }

  async variables(): Promise<readonly Variable[]> {
    return ((await this.#connection.ask('variables', {})) as readonly Variable[] | undefined) ?? [];
  }

  memory(): Promise<number | undefined> {
    return this.#connection.memory();
  }

  getConfiguredDeps(): readonly string[] {
    return this.dependencies.fixed();
  }

  installDeps(packages: readonly string[]): Promise<InstallResult> {
    return this.dependencies.install(packages);
  }

  uninstallDeps(packages: readonly string[]): Promise<UninstallResult> {
    return this.dependencies.uninstall(packages);
  }

  addDep(packageSpec: string): Promise<InstallResult> {
    return this.dependencies.add([packageSpec]);
  }

  removeDep(packageName: string): Promise<RemoveResult> {
    return this.dependencies.remove([packageName]);
  }

  listDeps(): Promise<readonly string[]> {
    return this.dependencies.list();
  }

  syncDeps(): Promise<InstallResult> {
    return this.dependencies.sync();
  }

  async listTools(): Promise<readonly ToolInfo[]> {
    return (await this.#callHost('tools.list')) as readonly ToolInfo[];
  }

  async searchTools(query: string, limit = 10): Promise<readonly ToolInfo[]> {
    return (await this.#callHost('tools.search', { query, limit })) as readonly ToolInfo[];
  }

  onDidChangeState(listener: (state: ExecutorState) => void): Subscription {
    return this.#connection.onDidChangeState(listener);
  }

  onDidEmit(listener: (event: RunEvent) => void): Subscription {
    return this.#connection.onDidEmit(listener);
  }

  /** What Python's own namespaces would be answered. */
  async #callHost(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const handler = this.#handlers[method];
    if (!handler) return [];
    const { signal } = new AbortController();
    const reply = await handler({ method, params, buffers: [], signal, lifetime: signal });
    return reply.result;
  }

  #createDependencies(): DependencyService {
    const { deps, log } = this.#context;
    const connection = this.#connection;
    const codeLine: CodeLine = {
      whileIdle: (work, signal) => connection.whileIdle(work, signal),
      refresh: async ({ names }) => {
        const answer = await connection.ask('packages.refresh', { names });
        return answer === undefined ? [] : RefreshedSchema.parse(answer).stale;
      },
    };
    return new DependencyService({
      executor: this.id,
      installer: this.#python.packages,
      noInstaller: `The executor "${this.id}" cannot install or remove packages.`,
      configuration: deps?.configuration ?? openDependencyConfiguration({}, { log }),
      spec: deps?.spec ?? {},
      approvals: deps?.approvals,
      mask: deps?.mask ?? ((text) => text),
      codeLine,
      log,
    });
  }
}

/** A container whose Python ends before it, and starts after it. */
function controlled(container: ContainerControl, connection: PythonConnection): ContainerControl {
  return {
    onDidChange: container.onDidChange,
    report: () => container.report(),
    usage: () => container.usage(),
    log: () => container.log(),
    stop: async () => {
      await connection.stop();
      await container.stop();
    },
    rebuild: async (options) => {
      await container.rebuild(options);
      await connection.restart();
    },
  };
}

/** Nothing is promised before a start has shown it. */
function notStarted(report: readonly CapabilityReport[]): CapabilityReport[] {
  return report.map((entry) =>
    entry.supported
      ? { ...entry, supported: false, detail: 'Not checked yet: Python has not been started.' }
      : entry,
  );
}
