import { Emitter } from '../common/events.ts';
import type { Frame } from './frames.ts';
import type { OrderedOutput, TextKind } from './orderedOutput.ts';
import type { ExitReason, Transport } from './transport.ts';

/** Milliseconds between the flushes of what was printed without a newline while a run goes on. */
const FLUSH_INTERVAL_MS = 25;
/** Milliseconds that Python has for its exit handlers and open files when it is asked to end. */
const END_GRACE_MS = 2_000;
/** Characters of what was printed before Python was ready that explain why it never was. */
const COMPLAINT_CHARACTERS = 4_000;

/** The process of a CPython: its frames, and its end. */
export interface CPythonChild extends Transport {
  /** Waits for an end that was asked for; past `graceMs` it is killed. */
  endWithin(graceMs: number): Promise<void>;
}

/** A CPython in a process of its own: its frames and its text in one order, flushed while it is busy. */
export class CPythonTransport implements Transport {
  readonly #child: CPythonChild;
  readonly #frames = new Emitter<Frame>();
  readonly #exit = new Emitter<ExitReason>();
  readonly #output: OrderedOutput;
  readonly #runs = new Set<unknown>();
  #flushTimer: NodeJS.Timeout | undefined;
  #isReady = false;
  /** What was printed before Python was ready: by its own complaint, or by what runs at its start. */
  #complaint = '';

  readonly onFrame = this.#frames.event;
  readonly onExit = this.#exit.event;

  /**
   * `createOutput` makes what brings frames and text together; the text pipes' bytes are given to it elsewhere.
   * `unsentText` is asked once the child is gone: for what it has printed and not written into those pipes.
   */
  constructor(
    child: CPythonChild,
    createOutput: (deliver: (frame: Frame) => void) => OrderedOutput,
    unsentText: () => Partial<Record<TextKind, Buffer>>,
  ) {
    this.#child = child;
    this.#output = createOutput((frame) => this.#receive(frame));
    child.onFrame((frame) => this.#output.acceptFrame(frame));
    child.onExit((reason) => {
      clearInterval(this.#flushTimer);
      const { stdout, stderr } = unsentText();
      if (stdout) this.#output.acceptText('stdout', stdout);
      if (stderr) this.#output.acceptText('stderr', stderr);
      this.#output.end();
      this.#exit.fire(this.#explain(reason));
    });
  }

  send(frame: Frame): void {
    const { type, id, method } = frame.header;
    if (type === 'request' && method === 'run') {
      this.#runs.add(id);
      this.#output.requested(id as number);
      this.#flushTimer ??= setInterval(() => this.#flush(), FLUSH_INTERVAL_MS);
    }
    this.#child.send(frame);
  }

  interrupt(): void {
    // A thread of Python reads the message that comes with each interrupt, and raises the signal.
  }

  async memory(): Promise<number | undefined> {
    return this.#child.memory?.();
  }

  kill(): Promise<void> {
    return this.#child.kill();
  }

  end(): Promise<void> {
    this.#child.send({ header: { type: 'end' }, buffers: [] });
    return this.#child.endWithin(END_GRACE_MS);
  }

  #receive(frame: Frame): void {
    const { type, id } = frame.header;
    if (type === 'reply') this.#runs.delete(id);
    if (type === 'ready') this.#isReady = true;
    if (type === 'event' && !this.#isReady) {
      const text = new TextDecoder().decode(frame.buffers[0]);
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_CHARACTERS);
      return;
    }
    this.#frames.fire(frame);
  }

  #explain(reason: ExitReason): ExitReason {
    const printed = this.#isReady ? '' : this.#complaint.trim();
    const complaint = printed.split('\n').at(-1)?.trim();
    return complaint ? { description: `${complaint} (${reason.description})`, printed } : reason;
  }

  #flush(): void {
    if (this.#runs.size > 0) {
      this.#child.send({ header: { type: 'flush' }, buffers: [] });
      return;
    }
    clearInterval(this.#flushTimer);
    this.#flushTimer = undefined;
  }
}
