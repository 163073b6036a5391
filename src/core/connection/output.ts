import type { DisplayOutput, ExecutionResult, MimeBundle, RunEvent } from '../contract/execution.ts';
import type { RunEventMessage } from './messages.ts';

/** Text that grows up to a bound; past it the middle is dropped and counted. */
class BoundedText {
  readonly #limit: number;
  #head: string[] = [];
  #headLength = 0;
  #tail: string[] = [];
  #tailLength = 0;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = Math.max(2, limit);
  }

  append(text: string): void {
    const half = this.#limit / 2;
    const room = half - this.#headLength;
    if (room >= text.length) {
      this.#head.push(text);
      this.#headLength += text.length;
      return;
    }
    if (room > 0) {
      this.#head.push(text.slice(0, room));
      this.#headLength = half;
      text = text.slice(room);
    }
    this.#tail.push(text);
    this.#tailLength += text.length;
    // Cut rarely, when twice the bound has gathered: each character is then copied a constant number of times.
    if (this.#tailLength > 2 * half) this.#cut(half);
  }

  toString(): string {
    if (this.#tailLength > this.#limit / 2) this.#cut(this.#limit / 2);
    const mark =
      this.#dropped > 0 ? `\n… ${this.#dropped.toLocaleString('en-US')} characters left out …\n` : '';
    return this.#head.join('') + mark + this.#tail.join('');
  }

  #cut(keep: number): void {
    const whole = this.#tail.join('');
    this.#dropped += whole.length - keep;
    this.#tail = [whole.slice(whole.length - keep)];
    this.#tailLength = keep;
  }
}

/** Turns the event messages of one run into RunEvents and gathers what its result will hold. */
export class OutputCollector {
  #stdout: BoundedText;
  #stderr: BoundedText;
  // A character whose bytes arrive in two pieces stays whole.
  readonly #decoders = {
    stdout: new TextDecoder('utf-8', { ignoreBOM: true }),
    stderr: new TextDecoder('utf-8', { ignoreBOM: true }),
  };
  #displays: DisplayOutput[] = [];
  #clearOnNext = false;

  constructor(maxCharacters: number) {
    this.#stdout = new BoundedText(maxCharacters);
    this.#stderr = new BoundedText(maxCharacters);
  }

  /** The event that a message stands for; undefined where a piece of text is no whole character yet. */
  accept(message: RunEventMessage, buffers: readonly Uint8Array[]): RunEvent | undefined {
    switch (message.kind) {
      case 'stdout':
      case 'stderr': {
        const text = this.#decoders[message.kind].decode(buffers[0] ?? new Uint8Array(0), { stream: true });
        if (text === '') return undefined;
        this.#applyClear();
        (message.kind === 'stdout' ? this.#stdout : this.#stderr).append(text);
        return { kind: message.kind, text };
      }
      case 'display': {
        const output = displayOutput(message, buffers, message.isValue);
        this.#applyClear();
        if (!output.isValue) this.#displays.push(output);
        return { kind: 'display', output };
      }
      case 'updateDisplay': {
        const output = { ...displayOutput(message, buffers), displayId: message.displayId };
        this.#displays = this.#displays.map((old) => (old.displayId === output.displayId ? output : old));
        return { kind: 'updateDisplay', output };
      }
      case 'clearOutput':
        if (message.wait) this.#clearOnNext = true;
        else this.#displays = [];
        return { kind: 'clearOutput', wait: message.wait };
      case 'progress':
        return { kind: 'progress', message: message.message };
    }
  }

  /**
   * What was gathered, for the result, and is let go of: a collector lives on for what background tasks still print. Text
   * that was printed is kept whole when a cell clears its output.
   */
  gathered(): Pick<ExecutionResult, 'stdout' | 'stderr' | 'displays'> {
    const all = { stdout: String(this.#stdout), stderr: String(this.#stderr), displays: this.#displays };
    this.#stdout = new BoundedText(0);
    this.#stderr = new BoundedText(0);
    this.#displays = [];
    return all;
  }

  #applyClear(): void {
    if (!this.#clearOnNext) return;
    this.#clearOnNext = false;
    this.#displays = [];
  }
}

function displayOutput(
  message: Extract<RunEventMessage, { data: unknown }>,
  buffers: readonly Uint8Array[],
  isValue?: boolean,
): DisplayOutput {
  const data: Record<string, MimeBundle[string]> = { ...message.data };
  for (const [mime, index] of Object.entries(message.binary)) {
    const bytes = buffers[index];
    // A copy: the frame's memory is shared with whatever else came in the same piece.
    if (bytes) data[mime] = bytes.slice();
  }
  return {
    data,
    metadata: message.metadata,
    ...(message.displayId === undefined ? {} : { displayId: message.displayId }),
    ...(isValue ? { isValue } : {}),
  };
}
