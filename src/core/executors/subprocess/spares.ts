import { type ResumedTransport, untilReady } from '../../connection/resumedTransport.ts';
import { CodeModeError } from '../../contract/errors.ts';
import type { StartedPython } from './launch.ts';

/** Interpreters that are kept ready at the same time, over all sessions of this process. */
const MOST_SPARES = 2;
/** Milliseconds after a start before the next spare is made, so that the first run has the processor for itself. */
const PAUSE_MS = 300;

/**
 * Interpreters that are ready before anybody asks for one. A spare is as new as any other: nothing has run in it. The
 * pool lives as long as an executor uses it.
 */
class SparePool {
  readonly #spares = new Map<string, Spare>();
  readonly #ending = new Set<Promise<void>>();
  readonly #pauses = new Map<string, NodeJS.Timeout>();
  #users = 0;

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

  /** The spare that was started for `key`, if it is ready. */
  take(key: string): StartedPython | undefined {
    const spare = this.#spares.get(key);
    if (!spare?.isReady) return undefined;
    this.#spares.delete(key);
    return spare.release();
  }

  /** Sees to it that there is a spare for `key` a little later. */
  refill(
    key: string,
    start: (signal: AbortSignal) => Promise<StartedPython>,
    log: (line: string) => void,
  ): void {
    if (this.#users === 0 || this.#spares.has(key) || this.#pauses.has(key)) return;
    const pause = setTimeout(() => {
      this.#pauses.delete(key);
      if (this.#users === 0 || this.#spares.has(key)) return;
      // The oldest makes room: it is the one that nobody asked for.
      const oldest = this.#spares.size >= MOST_SPARES ? this.#spares.keys().next().value : undefined;
      if (oldest !== undefined) this.#drop(oldest);
      const spare = new Spare(start, (why) => {
        if (this.#spares.get(key) === spare) this.#spares.delete(key);
        log(`no interpreter is kept ready: ${why}`);
      });
      this.#spares.set(key, spare);
    }, PAUSE_MS);
    // A program that has nothing else to do need not wait for it.
    pause.unref();
    this.#pauses.set(key, pause);
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
    const ending = spare?.kill();
    if (!ending) return;
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}

/** The pool of this process. */
export const sparePool = new SparePool();

/** An interpreter that is being made ready. */
class Spare {
  readonly #controller = new AbortController();
  readonly #starting: Promise<void>;
  #ready: ReadyPython | undefined;
  #isReleased = false;

  constructor(start: (signal: AbortSignal) => Promise<StartedPython>, onEnd: (why: string) => void) {
    const isOurs = () => !this.#isReleased && !this.#controller.signal.aborted;
    this.#starting = this.#start(start, (why) => isOurs() && onEnd(why)).catch((error: unknown) => {
      if (isOurs()) onEnd(CodeModeError.describe(error));
    });
  }

  get isReady(): boolean {
    return this.#ready !== undefined && this.#ready.transport.ended === undefined;
  }

  /** Hands it over with what it has said so far; undefined while it is not ready. */
  release(): StartedPython | undefined {
    if (!this.isReady) return undefined;
    this.#isReleased = true;
    return this.#ready;
  }

  async kill(): Promise<void> {
    this.#controller.abort();
    await this.#starting;
    await this.#ready?.transport.kill();
  }

  async #start(
    start: (signal: AbortSignal) => Promise<StartedPython>,
    onEnd: (why: string) => void,
  ): Promise<void> {
    const { signal } = this.#controller;
    const started = await start(signal);
    started.transport.onExit(({ description }) => onEnd(description));
    this.#ready = { ...started, transport: await untilReady(started.transport, signal) };
  }
}

/** A Python that waits for whoever needs one. */
interface ReadyPython extends StartedPython {
  readonly transport: ResumedTransport;
}
