/** What a subscription gives back: `dispose()` ends it. Structurally the editor's own `Disposable`. */
export interface Subscription {
  dispose(): void;
}

/** Subscribes `listener` until the returned subscription is disposed. */
export type Event<T> = (listener: (value: T) => void) => Subscription;

/**
 * A typed event source. A listener that throws does not keep the others from hearing: its error goes to
 * `onListenerError`, by default thrown on a later turn so that it is never lost.
 */
export class Emitter<T> implements Subscription {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onListenerError: (error: unknown) => void;

  constructor(onListenerError: (error: unknown) => void = throwLater) {
    this.#onListenerError = onListenerError;
  }

  readonly event: Event<T> = (listener) => {
    // A wrapper, so that subscribing the same function twice makes two subscriptions.
    const entry = (value: T) => listener(value);
    this.#listeners.add(entry);
    return { dispose: () => void this.#listeners.delete(entry) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
