import { Emitter } from '../../common/events.ts';
import { unlessAborted } from '../../common/unlessAborted.ts';

/** How one waits in an {@link EnvironmentLine}. */
export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Called where others are before it. */
  readonly onWait: () => void;
}

/** The changes of each environment, one after the other. */
export class EnvironmentLine {
  readonly #last = new Map<string, Promise<void>>();
  readonly #changed = new Emitter<string>();

  /** The packages of the environment of that key have changed. */
  readonly onDidChange = this.#changed.event;

  /**
   * Does the work after that which came before it.
   *
   * @param key - says which environment it is
   * @throws the signal's reason where it is aborted before the turn has come
   */
  async inTurn<T>(key: string, work: () => Promise<T>, { signal, onWait }: WaitOptions): Promise<T> {
    const before = this.#last.get(key);
    let finish = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    // One that gives up while it waits lets nobody pass the one before it.
    const last = before ? before.then(() => done) : done;
    this.#last.set(key, last);
    void last.then(() => {
      if (this.#last.get(key) === last) this.#last.delete(key);
    });
    try {
      if (before) {
        onWait();
        await unlessAborted(before, signal);
      }
      return await work();
    } finally {
      finish();
    }
  }

  /** Tells everybody who uses the environment. */
  tellChange(key: string): void {
    this.#changed.fire(key);
  }
}

/** That of this process: sessions of one environment share its line. */
export const environmentLine = new EnvironmentLine();
