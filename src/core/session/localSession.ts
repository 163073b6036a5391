import { randomUUID } from 'node:crypto';
import { Emitter, type Subscription } from '../common/events.ts';
import { unlessAborted } from '../common/unlessAborted.ts';
import type { Capability } from '../contract/capability.ts';
import type { ContainerControl } from '../contract/container.ts';
import type { Dependencies } from '../contract/dependencies.ts';
import { ClosedError, CodeModeError } from '../contract/errors.ts';
import type { ExecutionResult, RunEvent, ToolCall } from '../contract/execution.ts';
import type { CapabilityReport, Executor } from '../contract/executor.ts';
import type { CompletionResult, Inspection, Variable } from '../contract/introspection.ts';
import type { DependencyConfiguration } from '../deps/configuration/dependencyConfiguration.ts';
import { openDependencyConfiguration } from '../deps/configuration/index.ts';
import { DEPS_DEFAULTS } from '../deps/depsSpec.ts';
import { withInstallHint } from '../deps/installHint.ts';
import type { ExecutorDescriptor } from '../executors/registry.ts';
import { createHostServices } from '../hostServices.ts';
import { ToolService } from '../tools/service.ts';
import type { LocalSessionsOptions } from './local.ts';
import type { Approver } from './runs/answers.ts';
import { RunHistory } from './runs/history.ts';
import { JOURNAL_START } from './runs/journal.ts';
import { type RunRequest, SessionRun } from './runs/sessionRun.ts';
import type {
  FollowOptions,
  RunInfo,
  RunToolCall,
  Session,
  SessionInfo,
  SessionLabel,
  SessionRunOptions,
  SessionSpec,
  SessionStatus,
} from './session.ts';
import { SessionStore } from './sessionStore.ts';
import type { Toolboxes } from './toolboxes.ts';

export { executorRegistry } from '../executors/index.ts';

/** A session whose executor this process started. */
export class LocalSession implements Session {
  readonly id: string;
  readonly #clientName: string;
  readonly #approve: Approver | undefined;
  readonly #executor: Executor;
  readonly #store: SessionStore | undefined;
  readonly #toolbox: ReturnType<Toolboxes['acquire']>;
  readonly #dependencies: DependencyConfiguration;
  readonly #createdAt = Date.now();
  readonly #history = new RunHistory();
  readonly #changed = new Emitter<SessionInfo>();
  readonly #ran = new Emitter<RunInfo>();
  readonly #calledTool = new Emitter<RunToolCall>();
  readonly #emitted = new Emitter<RunEvent>();
  readonly #closedEmitter = new Emitter<void>();
  #spec: SessionSpec;
  #activeRuns = 0;
  #clearings = 0;
  /** The capabilities of a report, so that they are not gathered for every run. */
  #reported: { report: readonly CapabilityReport[]; capabilities: readonly Capability[] } = {
    report: [],
    capabilities: [],
  };
  #started = false;
  #syncing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  readonly onDidChange = this.#changed.event;
  readonly onDidRun = this.#ran.event;
  readonly onDidCallTool = this.#calledTool.event;
  readonly onDidEmit = this.#emitted.event;
  readonly onDidClose = this.#closedEmitter.event;

  constructor(
    spec: SessionSpec,
    descriptor: ExecutorDescriptor,
    toolboxes: Toolboxes,
    { distFolder, log, clientName = '', secret, approve }: LocalSessionsOptions,
  ) {
    this.id = spec.id;
    this.#spec = spec;
    this.#clientName = clientName;
    this.#approve = approve;
    const prefixed = (line: string) => log(`[${this.#spec.title}, ${spec.executor}] ${line}`);
    this.#store = SessionStore.of(spec, { log: prefixed, ...(secret === undefined ? {} : { secret }) });
    const toolbox = toolboxes.acquire(spec);
    this.#toolbox = toolbox;
    const tools = new ToolService({
      toolbox: () => toolbox.toolbox,
      spec: spec.tools ?? {},
      approvals: toolbox.approvals,
      mask: toolbox.variables.mask,
      log: prefixed,
    });
    this.#dependencies = openDependencyConfiguration(spec, {
      log: prefixed,
      ...(secret === undefined ? {} : { secret }),
    });
    this.#executor = descriptor.create({
      distFolder,
      timeoutS: spec.timeoutS ?? null,
      ...(spec.executorSettings === undefined ? {} : { settings: spec.executorSettings }),
      ...(spec.workspaceFolder === undefined ? {} : { workspaceFolder: spec.workspaceFolder }),
      ...(spec.workingFolder === undefined ? {} : { workingFolder: spec.workingFolder }),
      ...(spec.baseFolder === undefined ? {} : { baseFolder: spec.baseFolder }),
      ...(spec.maxResultCharacters === undefined ? {} : { maxResultCharacters: spec.maxResultCharacters }),
      hostServices: (storage) =>
        createHostServices({
          storage,
          workflows: this.#store?.workflows,
          tools,
        }),
      deps: {
        configuration: this.#dependencies,
        spec: spec.deps ?? {},
        approvals: toolbox.approvals,
        mask: toolbox.variables.mask,
        secret,
      },
      log: prefixed,
    });
    this.#executor.onDidChangeState((state) => {
      if (state === 'dead' || (state === 'starting' && this.#started)) this.#clearings += 1;
      this.#changed.fire(this.info);
    });
    this.#executor.onDidEmit((event) => this.#emitted.fire(event));
  }

  get info(): SessionInfo {
    const { state, executionCount, queued, clearings } = this.status;
    const report = this.#executor.capabilityReport();
    if (report !== this.#reported.report) {
      const capabilities = report.filter((entry) => entry.supported).map((entry) => entry.capability);
      this.#reported = { report, capabilities };
    }
    return {
      id: this.id,
      title: this.#spec.title,
      notebook: this.#spec.notebook ?? null,
      executor: this.#spec.executor,
      interpreter: this.#executor.interpreter,
      state,
      capabilities: this.#reported.capabilities,
      capabilityReport: report,
      executionCount,
      queued,
      clearings,
      hasContainer: this.#executor.container !== undefined,
      createdAt: this.#createdAt,
      clients: [],
      spec: this.#spec,
    };
  }

  /** What of {@link info} changes with every run. */
  get status(): SessionStatus {
    const { state, executionCount, queued } = this.#executor;
    return { state, executionCount, queued, clearings: this.#clearings };
  }

  get dependencies(): Dependencies {
    return this.#executor.dependencies;
  }

  get container(): ContainerControl | undefined {
    return this.#executor.container;
  }

  /** Whether code waits or runs. */
  get isRunning(): boolean {
    return this.#activeRuns > 0;
  }

  start(): Promise<void> {
    return this.#start(this.#emitted.fire.bind(this.#emitted));
  }

  async #start(tell: (event: RunEvent) => void): Promise<void> {
    // Before Python: what is installed into a running one may take another start to be seen whole.
    await this.#syncOnce((message) => tell({ kind: 'progress', message }));
    await this.#executor.start(this.#store?.storage);
    if (this.#started) return;
    this.#started = true;
    // What the start has shown is known only now.
    this.#changed.fire(this.info);
  }

  /** Whoever cancels the run that alone waits for the start gives up the start as well: it may fetch an image for minutes. */
  async #startFor(run: SessionRun): Promise<void> {
    const giveUp = () => {
      if (this.#activeRuns === 1) this.#executor.cancelStart();
    };
    const tell = (event: RunEvent) => run.journal.append(event);
    const preparation = this.container && tellPreparation(this.container, tell);
    run.signal.addEventListener('abort', giveUp, { once: true });
    try {
      await this.#start(tell);
    } catch (error) {
      // Its result says that it was cancelled.
      if (!run.signal.aborted) throw error;
    } finally {
      run.signal.removeEventListener('abort', giveUp);
      preparation?.dispose();
    }
  }

  /** Installs what is configured and missing, where the settings want it at a start. What fails keeps no code from running. */
  #syncOnce(tell: (line: string) => void): Promise<void> {
    if (!this.#spec.deps?.syncOnStart) return Promise.resolve();
    this.#syncing ??= this.dependencies.sync({ onProgress: tell }).then(
      ({ failed }) => {
        for (const { package: name, reason } of failed) tell(`${name} could not be installed: ${reason}`);
      },
      (error: unknown) => tell(`Packages could not be installed: ${CodeModeError.describe(error)}`),
    );
    return this.#syncing;
  }

  async run(code: string, options: SessionRunOptions = {}): Promise<ExecutionResult> {
    const { timeoutS, origin, signal, onEvent, onInput, tag, initiator } = options;
    const run = this.prepare({
      id: randomUUID(),
      code,
      tag: tag ?? null,
      startedBy: this.#clientName,
      others: () => [],
      approvers: () => (this.#approve ? [this.#approve] : []),
      ...(initiator === undefined ? {} : { initiator }),
      ...(timeoutS === undefined ? {} : { timeoutS }),
      ...(origin === undefined ? {} : { origin }),
    });
    if (onEvent) run.journal.onDidAppend(onEvent);
    if (onInput) run.answers.add(onInput);
    const cancel = () => run.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      run.begin();
      const result = await run.result;
      run.markDelivered();
      return result;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /**
   * Makes a run of this session; it begins with its own `begin()`, once whoever listens does so.
   * @throws CodeModeError `usage` for an id that is taken
   */
  prepare(request: RunRequest): SessionRun {
    const run = new SessionRun(request, {
      execute: () => this.#execute(run, request),
      onEnd: () => {
        this.#history.trim();
        this.#ran.fire(run.info);
      },
    });
    this.#history.add(run);
    return run;
  }

  async #execute(run: SessionRun, request: RunRequest): Promise<ExecutionResult> {
    const { code, timeoutS, origin, initiator = 'person', startedBy } = request;
    this.#activeRuns += 1;
    this.#ran.fire(run.info);
    try {
      if (!this.#started) await this.#startFor(run);
      const result = await this.#executor.run(code, {
        ...(timeoutS === undefined ? {} : { timeoutS }),
        ...(origin === undefined ? {} : { origin }),
        signal: run.signal,
        initiator,
        onEvent: (event) => {
          if (event.kind === 'toolCall') {
            run.trace.note(event.call);
            this.#calledTool.fire({ run: run.id, call: event.call });
          }
          if (run.isKept) run.journal.append(event);
          else this.#emitted.fire(event);
        },
        onInput: (question, signal) => run.answers.ask(question, signal),
        onApproval: (question, signal) =>
          run.approvals.ask(
            { ...question, session: this.id, title: this.#spec.title, initiator, startedBy },
            signal,
          ),
      });
      return initiator === 'agent' ? await this.#withInstallHint(result) : result;
    } finally {
      this.#activeRuns -= 1;
    }
  }

  #withInstallHint(result: ExecutionResult): Promise<ExecutionResult> {
    const { workspaceFolder, workingFolder, deps } = this.#spec;
    return withInstallHint(result, {
      folders: [workingFolder, workspaceFolder].filter((folder) => folder !== undefined),
      allowsChanges: deps?.allowRuntimeChanges ?? DEPS_DEFAULTS.allowRuntimeChanges,
    });
  }

  /** There may be somebody new who answers what the code asks. */
  wakeQuestions(): void {
    this.#history.wakeQuestions();
  }

  async runs(): Promise<readonly RunInfo[]> {
    return this.#history.list();
  }

  /** Whoever allows calls to tools has gone, and is expected back. */
  expectApproverBack(): void {
    this.#history.expectApproverBack();
  }

  async toolCalls(id: string): Promise<readonly ToolCall[]> {
    return this.findRun(id).trace.calls;
  }

  /** A run that is kept. @throws CodeModeError `not-found` */
  findRun(id: string): SessionRun {
    return this.#history.get(id);
  }

  async follow(id: string, { onEvent, onInput, signal }: FollowOptions = {}): Promise<ExecutionResult> {
    const run = this.findRun(id);
    const subscriptions: Subscription[] = [];
    if (onEvent) {
      for (const event of run.journal.read(JOURNAL_START, Number.POSITIVE_INFINITY).events) onEvent(event);
      subscriptions.push(run.journal.onDidAppend(onEvent));
    }
    if (onInput) subscriptions.push(run.answers.add(onInput));
    try {
      const result = await unlessAborted(
        run.result,
        signal,
        () => new CodeModeError('cancelled', 'The run is not followed any more.'),
      );
      run.markDelivered();
      return result;
    } catch (error) {
      for (const subscription of subscriptions) subscription.dispose();
      throw error;
    }
  }

  async cancel(id: string): Promise<boolean> {
    return this.findRun(id).cancel();
  }

  /** Set from the moment that somebody closes the session; resolves when it is closed. */
  get closing(): Promise<void> | undefined {
    return this.#closing;
  }

  interrupt(): Promise<boolean> {
    return this.#executor.interrupt();
  }

  async cancelStart(): Promise<void> {
    this.#executor.cancelStart();
  }

  async reset(): Promise<void> {
    await this.#executor.reset();
    this.#clearings += 1;
    this.#changed.fire(this.info);
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

  async memory(): Promise<number | undefined> {
    return this.#executor.memory();
  }

  async relabel({ title, notebook }: SessionLabel): Promise<void> {
    if (this.#closing) throw new ClosedError('The session');
    const { notebook: _old, ...spec } = this.#spec;
    this.#spec = { ...spec, title, ...(notebook === undefined ? {} : { notebook }) };
    this.#changed.fire(this.info);
  }

  async #close(): Promise<void> {
    await this.#executor.close();
    await this.#dependencies[Symbol.asyncDispose]();
    await this.#toolbox.release();
    await this.#store?.[Symbol.asyncDispose]();
    this.#closedEmitter.fire();
    for (const emitter of [this.#changed, this.#ran, this.#calledTool, this.#emitted, this.#closedEmitter]) {
      emitter.dispose();
    }
  }
}

/** Tells what is done before a container can start, such as fetching its image. */
function tellPreparation(container: ContainerControl, tell: (event: RunEvent) => void): Subscription {
  let told: string | null = null;
  return container.onDidChange(() => {
    void container.report().then(({ preparing }) => {
      if (preparing !== null && preparing !== told) tell({ kind: 'progress', message: preparing });
      told = preparing;
    });
  });
}
