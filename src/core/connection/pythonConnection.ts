import { Emitter } from '../common/events.ts';
import {
  ClosedError,
  CodeModeError,
  NobodyAnswersError,
  NobodyApprovesError,
  UsageError,
} from '../contract/errors.ts';
import {
  type ExecutionError,
  type ExecutionResult,
  type RunEvent,
  type RunOptions,
  type RunStatus,
  TimeoutSchema,
} from '../contract/execution.ts';
import type { ExecutorState } from '../contract/executor.ts';
import type { CallingRun, HostCallLookup, HostReply } from './hostCalls.ts';
import { Interpreter, InterpreterEnded, type Reply } from './interpreter.ts';
import { type RunEventMessage, RunReplySchema } from './messages.ts';
import { OutputCollector } from './output.ts';
import { ToolTrace } from './toolTrace.ts';
import type { ExitReason, Launcher } from './transport.ts';

/** Made once: making a schema costs more than a short run. */
const RunTimeoutSchema = TimeoutSchema.nullable();

/** What a connection is made with. */
export interface PythonConnectionOptions {
  readonly executorId: string;
  readonly launch: Launcher;
  readonly handlers: HostCallLookup;
  /** Seconds for runs that say nothing themselves; null: no limit. */
  readonly timeoutS: number | null;
  /** Characters of stdout and of stderr that a result keeps. */
  readonly maxResultCharacters: number;
  readonly log: (line: string) => void;
  /** Seconds that interrupted code has to end by itself before it is killed. */
  readonly graceS?: number;
  /** Seconds within which Python has to be ready. */
  readonly startTimeoutS?: number;
  /** Whether a reset is a fresh interpreter; by default the one that runs clears its variables. */
  readonly resetsByStart?: boolean;
}

/** Why a run is being ended from outside. */
type StopReason = 'timeout' | 'cancelled' | 'restarted' | 'stopped' | 'closed';

/** A job in the line: a run, or what is done between runs. */
type Job = {
  /** Called in place of `start` when the job is dropped or Python cannot be started. */
  drop(error: unknown): void;
} & (
  | { readonly needsPython: true; start(interpreter: Interpreter): Promise<void> }
  | { readonly needsPython: false; start(): Promise<void> }
);

interface ActiveRun {
  readonly id: number;
  readonly options: RunOptions;
  readonly collector: OutputCollector;
  readonly trace: ToolTrace;
  readonly startedAt: number;
  readonly executionCount: number;
  stop: StopReason | undefined;
  killTimer: NodeJS.Timeout | undefined;
}

/** Runs whose listeners still hear what background tasks print after the run's end. */
const REMEMBERED_RUNS = 64;

/**
 * A Python that is there whenever it is needed: the line of runs, their time limits, interrupt, and a fresh
 * start when the interpreter has died or had to be killed.
 */
export class PythonConnection {
  readonly #options: PythonConnectionOptions;
  readonly #graceMs: number;
  readonly #stateEmitter = new Emitter<ExecutorState>();
  readonly #strayEmitter = new Emitter<RunEvent>();
  readonly #jobs: Job[] = [];
  readonly #remembered = new Map<string, ActiveRun>();
  #state: ExecutorState = 'stopped';
  #interpreter: Interpreter | undefined;
  #starting: Promise<Interpreter> | undefined;
  #startController: AbortController | undefined;
  /** Interpreters that were replaced and are not gone yet. */
  readonly #ending = new Set<Promise<void>>();
  /** Counts interpreters, so that what an earlier one says late is not taken for the newest one's. */
  #generation = 0;
  #active: ActiveRun | undefined;
  #working = false;
  #closed = false;
  #executionCount = 0;
  /** Why the interpreter ended while nothing ran; the next run is told. */
  #endedIdle: string | undefined;

  readonly onDidChangeState = this.#stateEmitter.event;
  readonly onDidEmit = this.#strayEmitter.event;

  constructor(options: PythonConnectionOptions) {
    this.#options = options;
    this.#graceMs = (options.graceS ?? 2) * 1000;
  }

  get state(): ExecutorState {
    return this.#state;
  }

  /** What the interpreter calls itself; empty before the first start. */
  get interpreter(): string {
    return this.#interpreter?.description ?? '';
  }

  /** Runs that wait. */
  get queued(): number {
    return this.#jobs.length;
  }

  get executionCount(): number {
    return this.#executionCount;
  }

  /** Starts Python if it is not running. @throws CodeModeError `start-failed` */
  async start(): Promise<void> {
    this.#checkOpen();
    await this.#ensureInterpreter();
  }

  /** Runs code when its turn has come. An exception in the code is a result. */
  run(code: string, options: RunOptions = {}): Promise<ExecutionResult> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      const timeoutS = options.timeoutS === undefined ? this.#options.timeoutS : options.timeoutS;
      const parsed = RunTimeoutSchema.safeParse(timeoutS);
      if (!parsed.success) {
        throw new UsageError(
          `${JSON.stringify(timeoutS) ?? String(timeoutS)} is not a timeout: ${parsed.error.issues[0]?.message}.`,
          'Give a number of seconds above zero, or none for no limit.',
        );
      }
      const { signal } = options;
      const job: Job = {
        needsPython: true,
        start: async (interpreter) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(await this.#execute(interpreter, code, options, parsed.data));
        },
        drop: (error) => {
          signal?.removeEventListener('abort', onAbort);
          if (error instanceof DroppedRun) resolve(this.#droppedResult(error));
          else reject(error);
        },
      };
      const onAbort = () => {
        const index = this.#jobs.indexOf(job);
        if (index < 0) return;
        this.#jobs.splice(index, 1);
        job.drop(new DroppedRun('interrupted', 'Cancelled before it ran.'));
      };
      if (signal?.aborted) {
        resolve(this.#droppedResult(new DroppedRun('interrupted', 'Cancelled before it ran.')));
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#enqueue(job);
    });
  }

  /** Raises KeyboardInterrupt in the run under way; false if there is none. */
  interrupt(): boolean {
    if (!this.#active || !this.#interpreter) return false;
    this.#interpreter.interrupt(this.#active.id);
    return true;
  }

  /** Clears the variables, after the runs that wait. */
  reset(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      if (!this.#interpreter && !this.#starting && this.#jobs.length === 0) {
        // Nothing has run yet: there is nothing to clear.
        resolve();
        return;
      }
      this.#enqueue({
        needsPython: true,
        start: async (interpreter) => {
          if (this.#options.resetsByStart) await this.#replaceInterpreter();
          else await interpreter.reset();
          resolve();
        },
        drop: reject,
      });
    });
  }

  /**
   * Does what code is not to run beside: after the runs that wait, and before those that come later. Starts no Python.
   *
   * @throws CodeModeError `cancelled` where the signal is aborted before its turn has come, `closed`
   */
  whileIdle<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      const withdraw = () => {
        const index = this.#jobs.indexOf(job);
        if (index < 0) return;
        this.#jobs.splice(index, 1);
        job.drop(new CodeModeError('cancelled', 'Cancelled while it waited for the code that runs.'));
      };
      const job: Job = {
        needsPython: false,
        start: async () => {
          signal?.removeEventListener('abort', withdraw);
          resolve(await work());
        },
        drop: (error) => {
          signal?.removeEventListener('abort', withdraw);
          reject(error);
        },
      };
      signal?.addEventListener('abort', withdraw, { once: true });
      this.#enqueue(job);
      if (signal?.aborted) withdraw();
    });
  }

  /** Ends the interpreter, and what runs or waits with it, and starts a new one. */
  async restart(): Promise<void> {
    this.#checkOpen();
    this.#dropPythonJobs(() => new DroppedRun('died', 'Python was restarted before this ran.'));
    await this.#endInterpreter('restarted');
    this.#endedIdle = undefined;
    await this.#ensureInterpreter();
  }

  /** Ends the interpreter, and what runs or waits with it; the next run starts a new one. */
  async stop(): Promise<void> {
    this.#checkOpen();
    this.#dropPythonJobs(() => new DroppedRun('died', 'Python was stopped before this ran.'));
    await this.#endInterpreter('stopped');
    this.#endedIdle = undefined;
    if (!this.#closed && !this.#starting && !this.#interpreter) this.#setState('stopped');
  }

  /** Gives up a start that is under way; whoever waits for it hears that. */
  cancelStart(): void {
    if (this.#starting) this.#startController?.abort();
  }

  /** Ends everything; a second call waits for the first. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#dropPythonJobs(() => new DroppedRun('died', 'The session was closed before this ran.'));
    for (const job of this.#jobs.splice(0)) job.drop(new ClosedError('The session'));
    await this.#endInterpreter('closed');
    await Promise.all(this.#ending);
    this.#setState('stopped');
    this.#stateEmitter.dispose();
    this.#strayEmitter.dispose();
  }

  /** Asks Python something that changes nothing; undefined while code computes or Python is not running. */
  async ask(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#checkOpen();
    if (!this.#interpreter || this.#active) return undefined;
    return (await this.#interpreter.request(method, params).reply).result;
  }

  /** Bytes of memory that Python takes right now; undefined while it does not run, or where that can't be told. */
  async memory(): Promise<number | undefined> {
    return this.#interpreter?.memory();
  }

  // -------------------------------------------------------------------- the line

  #enqueue(job: Job): void {
    this.#jobs.push(job);
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (!this.#closed) {
        const [next] = this.#jobs;
        if (!next) break;
        if (!next.needsPython) {
          this.#jobs.shift();
          await next.start().catch((error: unknown) => next.drop(error));
          continue;
        }
        let interpreter: Interpreter;
        try {
          interpreter = await this.#ensureInterpreter();
        } catch (error) {
          // Each of those that wait hears why, and the next that comes tries again.
          this.#dropPythonJobs(() => error);
          continue;
        }
        // It may have been withdrawn meanwhile.
        if (this.#jobs[0] !== next) continue;
        this.#jobs.shift();
        const ended = next.start(interpreter).catch((error: unknown) => next.drop(error));
        // Only now: whoever hears of it may interrupt at once.
        this.#setState('busy');
        await ended;
        if (this.#state === 'busy') this.#setState('idle');
      }
    } finally {
      this.#working = false;
    }
  }

  /** What needs no Python goes on to wait. */
  #dropPythonJobs(reason: () => unknown): void {
    const dropped = this.#jobs.filter((job) => job.needsPython);
    this.#jobs.splice(0, this.#jobs.length, ...this.#jobs.filter((job) => !job.needsPython));
    for (const job of dropped) job.drop(reason());
  }

  // -------------------------------------------------------------------- a run

  async #execute(
    interpreter: Interpreter,
    code: string,
    options: RunOptions,
    timeoutS: number | null,
  ): Promise<ExecutionResult> {
    const generation = this.#generation;
    const { id, reply } = interpreter.request('run', {
      code,
      ...(options.origin
        ? { filename: options.origin.filename, firstLine: options.origin.firstLine }
        : undefined),
    });
    const run: ActiveRun = {
      id,
      options,
      collector: new OutputCollector(this.#options.maxResultCharacters),
      trace: new ToolTrace(),
      startedAt: performance.now(),
      executionCount: this.#executionCount + 1,
      stop: undefined,
      killTimer: undefined,
    };
    this.#active = run;
    this.#remember(generation, run);
    if (this.#endedIdle) {
      const message = `Python had ended (${this.#endedIdle}) and was started afresh: earlier variables are gone.`;
      this.#endedIdle = undefined;
      this.#emit(run, { kind: 'progress', message });
    }
    const timer =
      timeoutS === null ? undefined : setTimeout(() => this.#stop(run, 'timeout'), timeoutS * 1000);
    const onAbort = () => this.#stop(run, 'cancelled');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    try {
      return this.#finishedResult(run, await reply, timeoutS);
    } catch (error) {
      if (!(error instanceof InterpreterEnded)) throw error;
      return this.#endedResult(run, error, timeoutS);
    } finally {
      clearTimeout(timer);
      clearTimeout(run.killTimer);
      options.signal?.removeEventListener('abort', onAbort);
      this.#active = undefined;
    }
  }

  /** Interrupts the run and, when it goes on after the grace period, kills its interpreter. */
  #stop(run: ActiveRun, reason: StopReason): void {
    if (run.stop || this.#active !== run) return;
    run.stop = reason;
    const interpreter = this.#interpreter;
    interpreter?.interrupt(run.id);
    run.killTimer = setTimeout(() => {
      this.#options.log(`a run went on ${this.#graceMs} ms after its interrupt (${reason}): killing Python`);
      void interpreter?.kill();
    }, this.#graceMs);
  }

  #finishedResult(
    run: ActiveRun,
    { result, value, buffers }: Reply,
    timeoutS: number | null,
  ): ExecutionResult {
    const reply = RunReplySchema.parse(result);
    this.#executionCount = reply.executionCount;
    if (reply.display) {
      const display = {
        type: 'event',
        run: run.id,
        kind: 'display',
        ...reply.display,
        isValue: true,
      } as const;
      const event = run.collector.accept(display, buffers);
      if (event) this.#emit(run, event);
    }
    const timedOut = run.stop === 'timeout';
    return this.#result(run, {
      status: timedOut ? 'timeout' : reply.status,
      value: timedOut ? null : value,
      valueIsRepr: !timedOut && reply.valueIsRepr,
      error: timedOut
        ? {
            type: 'TimeoutError',
            message: `Stopped after ${timeoutS} s. The variables are still there.`,
            traceback: reply.error?.traceback ?? '',
          }
        : reply.error,
      executionTimeMs: reply.executionTimeMs,
      executionCount: reply.executionCount,
      variablesSurvived: true,
    });
  }

  #endedResult(run: ActiveRun, ended: InterpreterEnded, timeoutS: number | null): ExecutionResult {
    const because: Record<StopReason, { status: RunStatus; type: string; message: string }> = {
      timeout: {
        status: 'timeout',
        type: 'TimeoutError',
        message: `Stopped after ${timeoutS} s. It did not answer the interrupt, so Python was started afresh: variables are gone.`,
      },
      cancelled: {
        status: 'interrupted',
        type: 'KeyboardInterrupt',
        message:
          'Cancelled. It did not answer the interrupt, so Python was started afresh: variables are gone.',
      },
      restarted: { status: 'died', type: 'InterpreterRestarted', message: 'Python was restarted.' },
      stopped: { status: 'died', type: 'InterpreterStopped', message: 'Python was stopped.' },
      closed: { status: 'died', type: 'SessionClosed', message: 'The session was closed.' },
    };
    const { status, type, message } = run.stop
      ? because[run.stop]
      : {
          status: 'died' as const,
          type: 'InterpreterDied',
          message: `Python ended: ${ended.reason.description}. It is started afresh: variables are gone.`,
        };
    return this.#result(run, {
      status,
      value: null,
      valueIsRepr: false,
      error: { type, message, traceback: '' },
      executionTimeMs: performance.now() - run.startedAt,
      executionCount: run.executionCount,
      variablesSurvived: false,
    });
  }

  #droppedResult(dropped: DroppedRun): ExecutionResult {
    const error: ExecutionError = { type: 'CancelledError', message: dropped.message, traceback: '' };
    return {
      status: dropped.status,
      value: null,
      valueIsRepr: false,
      stdout: '',
      stderr: '',
      displays: [],
      error,
      executionTimeMs: 0,
      toolCalls: [],
      toolCallsOmitted: 0,
      executor: this.#options.executorId,
      executionCount: this.#executionCount,
      variablesSurvived: dropped.status !== 'died',
    };
  }

  #result(
    run: ActiveRun,
    outcome: Omit<
      ExecutionResult,
      'stdout' | 'stderr' | 'displays' | 'toolCalls' | 'toolCallsOmitted' | 'executor'
    >,
  ): ExecutionResult {
    return {
      ...outcome,
      ...run.collector.gathered(),
      toolCalls: run.trace.calls,
      toolCallsOmitted: run.trace.omitted,
      executor: this.#options.executorId,
    };
  }

  // -------------------------------------------------------------------- events and calls

  #remember(generation: number, run: ActiveRun): void {
    this.#remembered.set(`${generation}:${run.id}`, run);
    for (const key of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED_RUNS) break;
      this.#remembered.delete(key);
    }
  }

  #onEvent(generation: number, message: RunEventMessage, buffers: readonly Uint8Array[]): void {
    const run = this.#remembered.get(`${generation}:${message.run}`);
    const event = (run?.collector ?? new OutputCollector(2)).accept(message, buffers);
    if (!event) return;
    if (run) this.#emit(run, event);
    else this.#strayEmitter.fire(event);
  }

  #emit(run: ActiveRun, event: RunEvent): void {
    if (!run.options.onEvent) {
      if (this.#active !== run) this.#strayEmitter.fire(event);
      return;
    }
    try {
      run.options.onEvent(event);
    } catch (error) {
      this.#options.log(`a listener of a run failed: ${String(error)}`);
    }
  }

  #onRunCall(
    generation: number,
    method: string,
    runId: number,
    params: unknown,
    signal: AbortSignal,
  ): Promise<HostReply> | undefined {
    if (method !== 'input.request') return undefined;
    const run = this.#remembered.get(`${generation}:${runId}`);
    const { prompt = '', password = false } = params as { prompt?: string; password?: boolean };
    const request = { prompt: String(prompt), password: password === true };
    if (!run?.options.onInput) {
      return Promise.reject(new NobodyAnswersError());
    }
    this.#emit(run, { kind: 'inputRequest', request });
    return run.options.onInput(request, signal).then((text) => ({ result: text }));
  }

  #callingRun(generation: number, runId: number): CallingRun | undefined {
    const id = `${generation}:${runId}`;
    const run = this.#remembered.get(id);
    if (!run) return undefined;
    const { initiator = 'person', onApproval } = run.options;
    return {
      id,
      initiator,
      noteToolCall: (call) => {
        run.trace.note(call);
        this.#emit(run, { kind: 'toolCall', call });
      },
      tellProgress: (message) => this.#emit(run, { kind: 'progress', message }),
      approve: async (request, signal) => {
        if (!onApproval) throw new NobodyApprovesError(request.tool);
        return onApproval(request, signal);
      },
    };
  }

  // -------------------------------------------------------------------- the interpreter

  #ensureInterpreter(): Promise<Interpreter> {
    if (this.#interpreter) return Promise.resolve(this.#interpreter);
    this.#starting ??= this.#startInterpreter().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #startInterpreter(): Promise<Interpreter> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#executionCount = 0;
    this.#setState('starting');
    const controller = new AbortController();
    this.#startController = controller;
    try {
      const interpreter = await Interpreter.start({
        launch: this.#options.launch,
        handlers: this.#options.handlers,
        timeoutS: this.#options.startTimeoutS ?? 60,
        signal: controller.signal,
        log: this.#options.log,
        listener: {
          onEvent: (message, buffers) => this.#onEvent(generation, message, buffers),
          onExit: (reason) => this.#onExit(generation, reason),
          onRunCall: (method, run, params, signal) =>
            this.#onRunCall(generation, method, run, params, signal),
          callingRun: (run) => this.#callingRun(generation, run),
        },
      });
      if (this.#closed) {
        await interpreter.kill();
        throw new ClosedError('The session');
      }
      this.#interpreter = interpreter;
      this.#setState('idle');
      return interpreter;
    } catch (error) {
      // What was given up did not fail.
      this.#setState(controller.signal.aborted ? 'stopped' : 'dead');
      throw error;
    }
  }

  #onExit(generation: number, reason: ExitReason): void {
    if (generation !== this.#generation) return;
    this.#interpreter = undefined;
    const stopped = this.#active?.stop;
    if (this.#closed || stopped === 'restarted' || stopped === 'stopped' || stopped === 'closed') return;
    this.#options.log(`Python ended: ${reason.description}`);
    this.#setState('dead');
    if (!this.#active) {
      this.#endedIdle = reason.description;
      return;
    }
    // A run ended with it: the next one should not have to wait for the start.
    this.#ensureInterpreter().catch((error: unknown) => {
      if (!this.#closed)
        this.#options.log(`Python could not be started afresh: ${CodeModeError.describe(error)}`);
    });
  }

  async #endInterpreter(reason: 'restarted' | 'stopped' | 'closed'): Promise<void> {
    if (this.#active) this.#active.stop = reason;
    this.#startController?.abort();
    await this.#starting?.catch(() => undefined);
    const interpreter = this.#interpreter;
    if (!interpreter) return;
    this.#disown();
    // One that is busy would not listen.
    await (this.#active ? interpreter.kill() : interpreter.end());
  }

  /** A fresh interpreter takes over at once; the old one ends meanwhile. */
  async #replaceInterpreter(): Promise<void> {
    const old = this.#interpreter;
    this.#disown();
    const ending = old?.end();
    if (ending) {
      this.#ending.add(ending);
      void ending.finally(() => this.#ending.delete(ending));
    }
    await this.#ensureInterpreter();
  }

  /** Before an interpreter is ended, so that its end is not taken for a crash. */
  #disown(): void {
    this.#interpreter = undefined;
    this.#generation += 1;
  }

  #setState(state: ExecutorState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#stateEmitter.fire(state);
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError('The session');
  }
}

/** A run that ended before it began; becomes a result, not a rejection. */
class DroppedRun extends Error {
  readonly status: RunStatus;

  constructor(status: RunStatus, message: string) {
    super(message);
    this.status = status;
  }
}
