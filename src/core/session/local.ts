import { Emitter } from '../common/events.ts';
import type { ExecutionResult, RunEvent, RunOptions } from '../contract/execution.ts';
import type { Executor } from '../contract/executor.ts';
import type { CompletionResult, Inspection, Variable } from '../contract/introspection.ts';
import { executorRegistry } from '../executors/index.ts';
import type { ExecutorDescriptor } from '../executors/registry.ts';
import { createHostServices } from '../hostServices.ts';
import { FileStorage } from '../storage/file/fileStorage.ts';
import type { Session, SessionInfo, SessionManager, SessionSpec } from './session.ts';

/** Makes the form of the SessionManager whose sessions live in this process. */
export function createSessionManager(options: {
  /** Absolute path of the built `dist` folder. */
  distFolder: string;
  /** For the log: one line each, never code, output or secrets. */
  log: (line: string) => void;
}): SessionManager {
  return new LocalSessionManager(options.distFolder, options.log);
}

class LocalSessionManager implements SessionManager {
  readonly #distFolder: string;
  readonly #log: (line: string) => void;
  readonly #sessions = new Map<string, LocalSession>();
  readonly #changed = new Emitter<void>();

  readonly onDidChangeSessions = this.#changed.event;

  constructor(distFolder: string, log: (line: string) => void) {
    this.#distFolder = distFolder;
    this.#log = log;
  }

  async open(spec: SessionSpec): Promise<Session> {
    for (let live = this.#sessions.get(spec.id); live; live = this.#sessions.get(spec.id)) {
      if (!live.closing) return live;
      // Its successor begins once it is gone; somebody else may have opened it by then.
      await live.closing;
    }
    const descriptor = executorRegistry.get(spec.executor);
    const session = new LocalSession(spec, descriptor, this.#distFolder, this.#log);
    this.#sessions.set(spec.id, session);
    session.onDidChange(() => this.#changed.fire());
    session.onDidClose(() => {
      if (this.#sessions.get(spec.id) === session) this.#sessions.delete(spec.id);
      this.#changed.fire();
    });
    this.#changed.fire();
    return session;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  async list(): Promise<readonly SessionInfo[]> {
    return [...this.#sessions.values()].map((session) => session.info);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
    this.#changed.dispose();
  }
}

class LocalSession implements Session {
  readonly id: string;
  readonly #spec: SessionSpec;
  readonly #executor: Executor;
  readonly #storage: FileStorage | undefined;
  readonly #createdAt = Date.now();
  readonly #changed = new Emitter<SessionInfo>();
  readonly #ran = new Emitter<ExecutionResult>();
  readonly #emitted = new Emitter<RunEvent>();
  readonly #closedEmitter = new Emitter<void>();
  #started = false;
  #closing: Promise<void> | undefined;

  readonly onDidChange = this.#changed.event;
  readonly onDidRun = this.#ran.event;
  readonly onDidEmit = this.#emitted.event;
  readonly onDidClose = this.#closedEmitter.event;

  constructor(
    spec: SessionSpec,
    descriptor: ExecutorDescriptor,
    distFolder: string,
    log: (line: string) => void,
  ) {
    this.id = spec.id;
    this.#spec = spec;
    const prefixed = (line: string) => log(`[${spec.title}, ${spec.executor}] ${line}`);
    this.#storage =
      spec.baseFolder === undefined
        ? undefined
        : new FileStorage({ baseFolder: spec.baseFolder, log: prefixed });
    this.#executor = descriptor.create({
      distFolder,
      timeoutS: spec.timeoutS ?? null,
      ...(spec.executorSettings === undefined ? {} : { settings: spec.executorSettings }),
      ...(spec.workspaceFolder === undefined ? {} : { workspaceFolder: spec.workspaceFolder }),
      ...(spec.workingFolder === undefined ? {} : { workingFolder: spec.workingFolder }),
      ...(spec.baseFolder === undefined ? {} : { baseFolder: spec.baseFolder }),
      ...(spec.maxResultCharacters === undefined ? {} : { maxResultCharacters: spec.maxResultCharacters }),
      hostServices: (storage) => createHostServices({ storage, baseFolder: spec.baseFolder }),
      log: prefixed,
    });
    this.#executor.onDidChangeState(() => this.#changed.fire(this.info));
    this.#executor.onDidEmit((event) => this.#emitted.fire(event));
  }

  get info(): SessionInfo {
    const report = this.#executor.capabilityReport();
    return {
      id: this.id,
      title: this.#spec.title,
      executor: this.#spec.executor,
      interpreter: this.#executor.interpreter,
      state: this.#executor.state,
      capabilities: report.filter((entry) => entry.supported).map((entry) => entry.capability),
      capabilityReport: report,
      executionCount: this.#executor.executionCount,
      queued: this.#executor.queued,
      createdAt: this.#createdAt,
    };
  }

  async start(): Promise<void> {
    await this.#executor.start(this.#storage);
    if (this.#started) return;
    this.#started = true;
    // What the start has shown is known only now.
    this.#changed.fire(this.info);
  }

  async run(code: string, options?: RunOptions): Promise<ExecutionResult> {
    if (!this.#started) await this.start();
    const result = await this.#executor.run(code, options);
    this.#ran.fire(result);
    return result;
  }

  /** Set from the moment that somebody closes the session; resolves when it is closed. */
  get closing(): Promise<void> | undefined {
    return this.#closing;
  }

  interrupt(): Promise<boolean> {
    return this.#executor.interrupt();
  }

  reset(): Promise<void> {
    return this.#executor.reset();
  }

  restart(): Promise<void> {
    return this.#executor.restart();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  complete(code: string, cursor: number): Promise<CompletionResult> {
    return this.#executor.complete(code, cursor);
  }

  inspect(code: string, cursor: number): Promise<Inspection | null> {
    return this.#executor.inspect(code, cursor);
  }

  variables(): Promise<readonly Variable[]> {
    return this.#executor.variables();
  }

  async #close(): Promise<void> {
    await this.#executor.close();
    this.#closedEmitter.fire();
    for (const emitter of [this.#changed, this.#ran, this.#emitted, this.#closedEmitter]) emitter.dispose();
  }
}
