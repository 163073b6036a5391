import { Emitter } from '../../../common/events.ts';
import type { CPythonChild } from '../../../connection/cpythonTransport.ts';
import { encodeFrame, type Frame, FrameDecoder, FrameError } from '../../../connection/frames.ts';
import type { TextKind } from '../../../connection/orderedOutput.ts';
import type { ExitReason } from '../../../connection/transport.ts';
import type { Ended } from './reports.ts';
import { Window } from './window.ts';

/** How an interpreter is reached in its container. */
export interface InterpreterEnd {
  send(bytes: Uint8Array): void;
  kill(): void;
  memory(): Promise<number | undefined>;
  /** Ends the container, which does not kill it. */
  abandon(): void;
}

/** Milliseconds that the container has to kill it. */
const KILL_MS = 5_000;

/** Python as a process of a container. */
export class ContainerInterpreter implements CPythonChild {
  readonly #end: InterpreterEnd;
  readonly #window: Window;
  readonly #decoder = new FrameDecoder();
  readonly #frames = new Emitter<Frame>();
  readonly #text = new Emitter<{ readonly kind: TextKind; readonly bytes: Buffer }>();
  readonly #exit = new Emitter<ExitReason>();
  readonly #describeEnd: (ended: Ended) => string;
  readonly #gone: Promise<void>;
  #resolveGone: () => void = () => undefined;
  #hasEnded = false;
  #isKilled = false;
  #broken: string | undefined;

  readonly onFrame = this.#frames.event;
  /** What it has written to standard output and standard error, with its marks. */
  readonly onText = this.#text.event;
  readonly onExit = this.#exit.event;

  constructor(end: InterpreterEnd, describeEnd: (ended: Ended) => string) {
    this.#end = end;
    this.#describeEnd = describeEnd;
    this.#window = new Window((bytes) => end.send(bytes));
    this.#gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
  }

  send(frame: Frame): void {
    if (this.#hasEnded) return;
    for (const bytes of encodeFrame(frame)) this.#window.write(bytes);
  }

  interrupt(): void {
    // A thread of Python reads the message that comes with each interrupt.
  }

  async memory(): Promise<number | undefined> {
    return this.#hasEnded ? undefined : this.#end.memory();
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    this.#killNow();
    await this.#gone;
  }

  async endWithin(graceMs: number): Promise<void> {
    this.#isKilled = true;
    const timer = setTimeout(() => this.#killNow(), graceMs);
    await this.#gone;
    clearTimeout(timer);
  }

  /** Bytes of its frames came. */
  receiveFrames(bytes: Buffer): void {
    if (this.#broken !== undefined) return;
    try {
      for (const frame of this.#decoder.push(bytes)) this.#frames.fire(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // Somebody else wrote there: nothing after this can be understood.
      this.#broken = `its messages were disturbed (${error.message})`;
      this.#killNow();
    }
  }

  /** Text came. */
  receiveText(kind: TextKind, bytes: Buffer): void {
    this.#text.fire({ kind, bytes });
  }

  /** It has taken as many bytes. */
  taken(size: number): void {
    this.#window.taken(size);
  }

  /** It has ended, by itself or with its container. */
  ended(how: Ended | string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const description = typeof how === 'string' ? how : this.#isKilled ? 'killed' : this.#describeEnd(how);
    this.#exit.fire({ description: this.#broken ?? description });
    this.#resolveGone();
  }

  #killNow(): void {
    if (this.#hasEnded) return;
    this.#end.kill();
    const timer = setTimeout(() => this.#end.abandon(), KILL_MS);
    void this.#gone.then(() => clearTimeout(timer));
  }
}
