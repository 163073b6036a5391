/** Milliseconds between two updates. */
const PERIOD_MS = 100;

/** One line of standard error that says what is being done, while it is; nothing where that is no terminal. */
export class ProgressLine {
  #shownAt = 0;
  #shown = false;

  show(text: string): void {
    if (!process.stderr.isTTY || performance.now() - this.#shownAt < PERIOD_MS) return;
    this.#shownAt = performance.now();
    this.#shown = true;
    process.stderr.write(`\r\u001b[K${text.slice(0, Math.max(0, (process.stderr.columns ?? 80) - 1))}`);
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
    this.#shown = false;
  }
}
