import type { Subscription } from '../common/events.ts';
import type { HostCallHandlers } from '../connection/hostCalls.ts';
import { PythonConnection } from '../connection/pythonConnection.ts';
import type { Launcher } from '../connection/transport.ts';
import type { Capability } from '../contract/capability.ts';
import type { InstallResult, RemoveResult, UninstallResult } from '../contract/dependencies.ts';
import { ClosedError, StorageAccessError, UnsupportedError } from '../contract/errors.ts';
import type { ExecutionResult, RunEvent, RunOptions } from '../contract/execution.ts';
import type { CapabilityReport, Executor, ExecutorState } from '../contract/executor.ts';
import type { CompletionResult, Inspection, Variable } from '../contract/introspection.ts';
import { StorageAccessSchema, type StorageBackend } from '../contract/storage.ts';
import type { ToolInfo } from '../contract/tools.ts';
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
  /** For one executor. Loads nothing heavy and starts nothing. @throws SettingsError */
  prepare(context: ExecutorContext): PreparedPython;
}

/** How one executor's Python is started. */
export interface PreparedPython {
  /** Starts Python; loads what is heavy. */
  readonly launch: Launcher;
  /** All ten capabilities with the reason for each answer; asked once Python is ready. */
  capabilities(): readonly CapabilityReport[];
  /** Whether a reset is a fresh interpreter; by default the one that runs clears its variables. */
  readonly resetsByStart?: boolean;
  /** Ends what lives beside the interpreter. */
  close?(): Promise<void>;
}

/** The registry's entry of a backend. */
export function describeBackend(backend: PythonBackend): ExecutorDescriptor {
  const { id, label, description, isolation, settingsSchema, settingsForOneRun = {} } = backend;
  return {
    id,
    label,
    description,
    isolation,
    settingsSchema,
    settingsForOneRun,
    create: (context) => new PythonExecutor(backend, context),
  };
}

const DEFAULT_RESULT_CHARACTERS = 10_000_000;

/** The contract's Executor over a PythonConnection. */
class PythonExecutor implements Executor {
  readonly id: string;
  readonly #backend: PythonBackend;
  readonly #context: ExecutorContext;
  readonly #python: PreparedPython;
  readonly #connection: PythonConnection;
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
    this.#handlers = this.#context.hostServices?.(storage) ?? {};
    await this.#connection.start();
    this.#report = this.#python.capabilities();
  }

  async run(code: string, options?: RunOptions): Promise<ExecutionResult> {
    if (!this.#started) await this.start();
    return this.#connection.run(code, options);
  }

  async interrupt(): Promise<boolean> {
    return this.#connection.interrupt();
  }

  reset(): Promise<void> {
    return this.#connection.reset();
  }

  restart(): Promise<void> {
    return this.#connection.restart();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connection.close();
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
    return [];
  }

  async installDeps(_packages: readonly string[]): Promise<InstallResult> {
    throw this.#noInstaller();
  }

  async uninstallDeps(_packages: readonly string[]): Promise<UninstallResult> {
    throw this.#noInstaller();
  }

  async addDep(_packageSpec: string): Promise<InstallResult> {
    throw this.#noInstaller();
  }

  async removeDep(_packageName: string): Promise<RemoveResult> {
    throw this.#noInstaller();
  }

  async listDeps(): Promise<readonly string[]> {
    return (await this.#callHost('deps.list')) as readonly string[];
  }

  async syncDeps(): Promise<InstallResult> {
    const configured = await this.listDeps();
    if (configured.length > 0) throw this.#noInstaller();
    return { installed: [], alreadyPresent: [], failed: [] };
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

  #noInstaller(): UnsupportedError {
    return new UnsupportedError(
      `The executor "${this.id}" cannot install or remove packages.`,
      'It has the standard library alone.',
    );
  }
}

/** Nothing is promised before a start has shown it. */
function notStarted(report: readonly CapabilityReport[]): CapabilityReport[] {
  return report.map((entry) =>
    entry.supported
      ? { ...entry, supported: false, detail: 'Not checked yet: Python has not been started.' }
      : entry,
  );
}
