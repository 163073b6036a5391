import type { PackageOffer } from '../../../core/contract/dependencies.ts';

/** What the index says of a name: that it has nothing under it, what it has, or why it can't be asked. */
export type Answer = { readonly offer: PackageOffer | null } | { readonly failure: string };

/** What {@link PackageLookUps} needs from whoever makes it. */
export interface PackageLookUpsOptions {
  /** As `Dependencies.lookUp`. */
  readonly lookUp: (name: string, signal: AbortSignal) => Promise<PackageOffer | null>;
  /** An answer has come. */
  readonly onAnswer: () => void;
  /** Milliseconds without a key after which the index is asked. */
  readonly pauseMs: number;
}

/** Asks the index for the names that somebody types, when they pause; what is not wanted any more is dropped. */
export class PackageLookUps {
  readonly #options: PackageLookUpsOptions;
  readonly #answers = new Map<string, Answer>();
  readonly #asking = new Map<string, AbortController>();
  #wanted: readonly string[] = [];
  #pause: NodeJS.Timeout | undefined;

  constructor(options: PackageLookUpsOptions) {
    this.#options = options;
  }

  /** Whether an answer is waited for. */
  get isBusy(): boolean {
    return this.#wanted.some((name) => !this.#answers.has(name));
  }

  /** What is known of a name by now; undefined: nothing. */
  answer(name: string): Answer | undefined {
    return this.#answers.get(name);
  }

  /** These names are typed now. @param names - normalised */
  want(names: readonly string[]): void {
    this.#wanted = names;
    for (const [name, asking] of this.#asking) {
      if (!names.includes(name)) asking.abort();
    }
    for (const [name, answer] of this.#answers) {
      // Whoever types it once more may be luckier.
      if ('failure' in answer && !names.includes(name)) this.#answers.delete(name);
    }
    clearTimeout(this.#pause);
    if (!this.isBusy) return;
    this.#pause = setTimeout(() => {
      for (const name of this.#wanted) void this.#ask(name);
    }, this.#options.pauseMs);
  }

  dispose(): void {
    clearTimeout(this.#pause);
    this.#wanted = [];
    for (const asking of this.#asking.values()) asking.abort();
  }

  async #ask(name: string): Promise<void> {
    if (this.#answers.has(name) || this.#asking.has(name)) return;
    const asking = new AbortController();
    this.#asking.set(name, asking);
    try {
      this.#answers.set(name, await this.#answerOf(name, asking.signal));
    } catch {
      // Nobody wants it any more.
    } finally {
      this.#asking.delete(name);
    }
    if (!this.#wanted.includes(name)) return;
    // Typed, changed, and typed again before the first question had ended.
    if (asking.signal.aborted && !this.#answers.has(name)) return this.#ask(name);
    this.#options.onAnswer();
  }

  async #answerOf(name: string, signal: AbortSignal): Promise<Answer> {
    try {
      return { offer: await this.#options.lookUp(name, signal) };
    } catch (error) {
      signal.throwIfAborted();
      return { failure: error instanceof Error ? error.message : String(error) };
    }
  }
}
