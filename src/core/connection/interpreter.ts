import { CodeModeError } from '../contract/errors.ts';
import type { Json } from '../contract/execution.ts';
import type { Frame } from './frames.ts';
import type { CallingRun, HostCallLookup, HostReply } from './hostCalls.ts';
import { type PythonMessage, parseMessage, prepareSchemas, type RunEventMessage } from './messages.ts';
import type { ExitReason, Launcher, Transport } from './transport.ts';

/** An answer of Python to a request. */
export interface Reply {
  readonly result: unknown;
  /** The value of a run. */
  readonly value: Json;
  readonly buffers: readonly Uint8Array[];
}

/** The interpreter ended; `reason` says why. What waited for it is rejected with this. */
export class InterpreterEnded extends CodeModeError {
  readonly reason: ExitReason;

  constructor(reason: ExitReason) {
    super('python-died', `Python ended: ${reason.description}.`, {
      hint: 'The next run starts a fresh interpreter.',
    });
    this.reason = reason;
  }
}

/** Who hears what one interpreter says on its own. */
export interface InterpreterListener {
  onEvent(message: RunEventMessage, buffers: readonly Uint8Array[]): void;
  onExit(reason: ExitReason): void;
  /** Answers what is not in the handlers: calls that belong to a run. */
  onRunCall(
    method: string,
    run: number,
    params: unknown,
    signal: AbortSignal,
  ): Promise<HostReply> | undefined;
  /** The run of that id; undefined where it is long over. */
  callingRun(run: number): CallingRun | undefined;
}

interface PendingRequest {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** One live Python from its start to its end: requests to it, calls from it. */
export class Interpreter {
  /** Such as `CPython 3.12.4`. */
  readonly description: string;
  readonly #transport: Transport;
  readonly #handlers: HostCallLookup;
  readonly #listener: InterpreterListener;
  readonly #requests = new Map<number, PendingRequest>();
  readonly #calls = new Map<number, { run: number; controller: AbortController }>();
  /** Aborted when the variables are gone; see {@link HostCall.lifetime}. */
  #variables = new AbortController();
  #nextRequest = 0;
  #ended: ExitReason | undefined;

  /**
   * Launches Python and waits until it is ready.
   * @throws CodeModeError `start-failed` when it ends or says nothing for `timeoutS` seconds
   */
  static async start(options: {
    launch: Launcher;
    handlers: HostCallLookup;
    listener: InterpreterListener;
    timeoutS: number;
    signal: AbortSignal;
    /** For what Python printed where it never was ready: one line each. */
    log: (line: string) => void;
  }): Promise<Interpreter> {
    const { launch, handlers, listener, timeoutS, signal, log } = options;
    const transport = await launch(signal);
    setImmediate(prepareSchemas);
    transport.onExit(({ printed }) => {
      for (const line of printed?.split('\n') ?? []) log(`Python printed: ${line}`);
    });
    return new Promise<Interpreter>((resolve, reject) => {
      const fail = (why: string) => {
        settle();
        const error = new CodeModeError('start-failed', `Python could not be started: ${why}.`, {
          hint: 'See the log for what it printed (command "Show Log").',
        });
        // Whoever hears of it finds nothing of it left, and what it printed in the log.
        void transport.kill().finally(() => reject(error));
      };
      const timer = setTimeout(() => fail(`it was not ready after ${timeoutS} s`), timeoutS * 1000);
      const onAbort = () => fail('the start was cancelled');
      signal.addEventListener('abort', onAbort, { once: true });
      const exit = transport.onExit((reason) => fail(reason.description));
      const first = transport.onFrame((frame) => {
        try {
          const message = parseMessage(frame);
          if (message.type !== 'ready') return;
          settle();
          resolve(new Interpreter(transport, message.interpreter, handlers, listener));
        } catch (error) {
          fail(CodeModeError.describe(error));
        }
      });
      function settle() {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        exit.dispose();
        first.dispose();
      }
      if (signal.aborted) onAbort();
    });
  }

  private constructor(
    transport: Transport,
    description: string,
    handlers: HostCallLookup,
    listener: InterpreterListener,
  ) {
    this.#transport = transport;
    this.description = description;
    this.#handlers = handlers;
    this.#listener = listener;
    transport.onFrame((frame) => this.#receive(frame));
    transport.onExit((reason) => this.#end(reason));
  }

  /** Sends a request; `id` names it (and, for a run, the run) before the answer is there. */
  request(method: string, params: Readonly<Record<string, unknown>>): { id: number; reply: Promise<Reply> } {
    this.#nextRequest += 1;
    const id = this.#nextRequest;
    const reply = new Promise<Reply>((resolve, reject) => {
      if (this.#ended) reject(new InterpreterEnded(this.#ended));
      else this.#requests.set(id, { resolve, reject });
    });
    this.#transport.send({ header: { type: 'request', id, method, params }, buffers: [] });
    return { id, reply };
  }

  /** Clears the variables, and ends what was open for them. */
  async reset(): Promise<void> {
    await this.request('reset', {}).reply;
    this.#variables.abort();
    if (!this.#ended) this.#variables = new AbortController();
  }

  /** Interrupts the run: code that computes by a signal, code that awaits by a message; its calls are aborted. */
  interrupt(run: number): void {
    for (const call of this.#calls.values()) if (call.run === run) call.controller.abort();
    this.#transport.interrupt(run);
    this.#transport.send({ header: { type: 'interrupt', run }, buffers: [] });
  }

  /** As {@link Transport.memory}. */
  async memory(): Promise<number | undefined> {
    return this.#ended ? undefined : this.#transport.memory?.();
  }

  kill(): Promise<void> {
    return this.#transport.kill();
  }

  /** Ends Python in its own way where it can: for one that is idle. */
  end(): Promise<void> {
    return this.#transport.end?.() ?? this.#transport.kill();
  }

  #receive(frame: Frame): void {
    let message: PythonMessage;
    try {
      message = parseMessage(frame);
    } catch {
      // Out of step with Python: nothing that follows can be trusted.
      this.#end({ description: 'it sent a message that is not part of the protocol' });
      void this.#transport.kill();
      return;
    }
    switch (message.type) {
      case 'event':
        this.#listener.onEvent(message, frame.buffers);
        break;
      case 'reply':
        this.#settle(message, frame.buffers);
        break;
      case 'call':
        void this.#answer(message, frame.buffers);
        break;
      case 'cancel':
        this.#calls.get(message.id)?.controller.abort();
        break;
      case 'ready':
        break;
    }
  }

  #settle(message: Extract<PythonMessage, { type: 'reply' }>, buffers: readonly Uint8Array[]): void {
    const request = this.#requests.get(message.id);
    if (!request) return;
    this.#requests.delete(message.id);
    if (message.error) {
      request.reject(new CodeModeError('protocol', `${message.error.type}: ${message.error.message}`));
    } else {
      request.resolve({ result: message.result, value: runValue(message, buffers), buffers });
    }
  }

  async #answer(
    message: Extract<PythonMessage, { type: 'call' }>,
    buffers: readonly Uint8Array[],
  ): Promise<void> {
    const controller = new AbortController();
    this.#calls.set(message.id, { run: message.run, controller });
    const { method, params } = message;
    const { signal } = controller;
    const lifetime = this.#variables.signal;
    let answer: Frame;
    try {
      const handler = this.#handlers(method);
      const reply = await (this.#listener.onRunCall(method, message.run, params, signal) ??
        handler?.({
          method,
          params,
          buffers,
          signal,
          lifetime,
          run: this.#listener.callingRun(message.run),
        }) ??
        Promise.reject(new CodeModeError('unsupported', `There is no "${method}" here.`)));
      answer = {
        header: { type: 'reply', id: message.id, result: reply.result },
        buffers: reply.buffers ?? [],
      };
    } catch (error) {
      answer = { header: { type: 'reply', id: message.id, error: errorForPython(error) }, buffers: [] };
    }
    this.#calls.delete(message.id);
    if (!this.#ended) this.#transport.send(answer);
  }

  #end(reason: ExitReason): void {
    if (this.#ended) return;
    this.#ended = reason;
    for (const call of this.#calls.values()) call.controller.abort();
    this.#variables.abort();
    const error = new InterpreterEnded(reason);
    for (const request of this.#requests.values()) request.reject(error);
    this.#requests.clear();
    this.#listener.onExit(reason);
  }
}

function runValue(
  { value, valueBuffer }: { value?: Json | undefined; valueBuffer?: number | undefined },
  buffers: readonly Uint8Array[],
): Json {
  const bytes = valueBuffer === undefined ? undefined : buffers[valueBuffer];
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Json) : (value ?? null);
}

function errorForPython(error: unknown): { code: string; message: string; hint: string | null } {
  if (CodeModeError.is(error)) {
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), hint: null };
}
