import { Emitter } from '../common/events.ts';
import { CodeModeError } from '../contract/errors.ts';
import type { Frame } from './frames.ts';
import type { ExitReason, Transport } from './transport.ts';

/**
 * Waits until an interpreter is ready, before anybody else listens to it.
 *
 * @returns a transport that says the same from the beginning to whoever listens first
 * @throws CodeModeError `start-failed` when it ends before, or the signal aborts, which kills it
 */
export function untilReady(transport: Transport, signal: AbortSignal): Promise<ResumedTransport> {
  return new Promise((resolve, reject) => {
    const resumed = new ResumedTransport(transport);
    const kill = () => void transport.kill();
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    const ready = transport.onFrame((frame) => {
      if (frame.header.type === 'ready') settle(() => resolve(resumed));
    });
    const exit = transport.onExit(({ description }) =>
      settle(() => reject(new CodeModeError('start-failed', `Python could not be started: ${description}.`))),
    );
    function settle(outcome: () => void) {
      signal.removeEventListener('abort', kill);
      ready.dispose();
      exit.dispose();
      outcome();
    }
  });
}

/** A transport whose first frames came before anybody listened. */
class ResumedTransport implements Transport {
  readonly #inner: Transport;
  readonly #frames = new Emitter<Frame>();
  #earlier: Frame[] | undefined = [];
  #ended: ExitReason | undefined;

  constructor(inner: Transport) {
    this.#inner = inner;
    inner.onFrame((frame) => {
      if (this.#earlier) this.#earlier.push(frame);
      else this.#frames.fire(frame);
    });
    inner.onExit((reason) => {
      this.#ended = reason;
    });
  }

  /** Why the interpreter has ended; undefined while it lives. */
  get ended(): ExitReason | undefined {
    return this.#ended;
  }

  onFrame(listener: (frame: Frame) => void) {
    const subscription = this.#frames.event(listener);
    // Whoever listens first has the rest of its turn to get ready.
    queueMicrotask(() => {
      const earlier = this.#earlier ?? [];
      this.#earlier = undefined;
      for (const frame of earlier) this.#frames.fire(frame);
    });
    return subscription;
  }

  onExit(listener: (reason: ExitReason) => void) {
    const ended = this.#ended;
    if (ended) queueMicrotask(() => listener(ended));
    return this.#inner.onExit(listener);
  }

  send(frame: Frame): void {
    this.#inner.send(frame);
  }

  interrupt(run: number): void {
    this.#inner.interrupt(run);
  }

  async memory(): Promise<number | undefined> {
    return this.#inner.memory?.();
  }

  kill(): Promise<void> {
    return this.#inner.kill();
  }

  end(): Promise<void> {
    return this.#inner.end?.() ?? this.#inner.kill();
  }
}

export type { ResumedTransport };
