import { type ResumedTransport, untilReady } from '../connection/resumedTransport.ts';
import type { Transport } from '../connection/transport.ts';
import { CodeModeError } from '../contract/errors.ts';

/** Milliseconds after a start before the next spare is made, so that the first run has the processor for itself. */
const PAUSE_MS = 300;

/** A Python that was started, with whatever its backend keeps beside it. */
interface Started {
  readonly transport: Transport;
}

/** How a spare is made. */
export interface SparePlan<Python extends Started> {
  /** What it is made from, such as its interpreter's path: {@link SparePool.renew} makes all that share it anew. */
  readonly origin: string;
  readonly start: (signal: AbortSignal) => Promise<Python>;
  /** Ends one that nobody took, with all that belongs to it; also where it has ended by itself. */
  readonly end: (python: Python) => Promise<void>;
  readonly log: (line: string) => void;
}

/**
 * Pythons that are ready before anybody asks for one. A spare is as new as any other: nothing has run in it. The pool
 * lives as long as an executor uses it. A backend has one for all sessions of this process.
 */
export class SparePool<Python extends Started> {
  readonly #most: number;
  readonly #spares = new Map<string, Spare<Python>>();
  readonly #ending = new Set<Promise<void>>();
  readonly #pauses = new Map<string, NodeJS.Timeout>();
  #users = 0;

  /** `most`: how many are kept ready at the same time. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Says that one more executor uses the pool; the returned function that it no longer does. */
  enter(): () => Promise<void> {
    this.#users += 1;
    let inside = true;
    return async () => {
      if (inside) this.#users -= 1;
      inside = false;
      if (this.#users === 0) await this.#clear();
    };
  }

  /** The spare that was started for `key`, if it is ready; what it has said so far is said to whoever listens first. */
  take(key: string): Python | undefined {
    const spare = this.#spares.get(key);
    if (!spare?.isReady) return undefined;
    this.#spares.delete(key);
    return spare.release();
  }

  /** Sees to it that there is a spare for `key` a little later. */
  refill(key: string, plan: SparePlan<Python>): void {
    if (this.#users === 0 || this.#spares.has(key) || this.#pauses.has(key)) return;
    const pause = setTimeout(() => {
      this.#pauses.delete(key);
      if (this.#users === 0 || this.#spares.has(key)) return;
      // The oldest makes room: it is the one that nobody asked for.
      const oldest = this.#spares.size >= this.#most ? this.#spares.keys().next().value : undefined;
      if (oldest !== undefined) this.#drop(oldest);
      const spare = new Spare(plan, (why) => {
        plan.log(`no Python is kept ready: ${why}`);
        if (this.#spares.get(key) === spare) this.#drop(key);
      });
      this.#spares.set(key, spare);
    }, PAUSE_MS);
    // A program that has nothing else to do need not wait for it.
    pause.unref();
    this.#pauses.set(key, pause);
  }

  /** Makes those of an origin anew: what Python reads only as it starts has changed. */
  renew(origin: string): void {
    for (const [key, { plan }] of [...this.#spares]) {
      if (plan.origin !== origin) continue;
      this.#drop(key);
      this.refill(key, plan);
    }
  }

  async #clear(): Promise<void> {
    for (const pause of this.#pauses.values()) clearTimeout(pause);
    this.#pauses.clear();
    for (const key of [...this.#spares.keys()]) this.#drop(key);
    await Promise.all(this.#ending);
  }

  #drop(key: string): void {
    const spare = this.#spares.get(key);
    this.#spares.delete(key);
    const ending = spare?.end();
    if (!ending) return;
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}

/** A Python that is being made ready. */
class Spare<Python extends Started> {
  readonly #controller = new AbortController();
  readonly #starting: Promise<void>;
  #started: Python | undefined;
  #ready: ResumedTransport | undefined;
  #isReleased = false;

  constructor(
    readonly plan: SparePlan<Python>,
    onEnd: (why: string) => void,
  ) {
    const isOurs = () => !this.#isReleased && !this.#controller.signal.aborted;
    this.#starting = this.#start((why) => isOurs() && onEnd(why)).catch((error: unknown) => {
      if (isOurs()) onEnd(CodeModeError.describe(error));
    });
  }

  get isReady(): boolean {
    return this.#ready !== undefined && this.#ready.ended === undefined;
  }

  /** Hands it over; undefined while it is not ready. */
  release(): Python | undefined {
    if (!this.#started || !this.#ready || !this.isReady) return undefined;
    this.#isReleased = true;
    return { ...this.#started, transport: this.#ready };
  }

  /** Never rejects. */
  async end(): Promise<void> {
    this.#controller.abort();
    await this.#starting;
    if (!this.#started) return;
    await this.plan
      .end(this.#started)
      .catch((error: unknown) => this.plan.log(`a spare Python: ${CodeModeError.describe(error)}`));
  }

  async #start(onEnd: (why: string) => void): Promise<void> {
    const { signal } = this.#controller;
    const started = await this.plan.start(signal);
    this.#started = started;
    started.transport.onExit(({ description }) => onEnd(description));
    this.#ready = await untilReady(started.transport, signal);
  }
}
