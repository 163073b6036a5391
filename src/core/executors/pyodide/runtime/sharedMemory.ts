/**
 * The memory that Pyodide's thread shares with the thread that hosts it. One byte stream leads out; signals
 * lead in. Both threads import this file: it is the whole of what they agree on.
 */

import { encodeFrame } from '../../../connection/frames.ts';

/** Bytes of output that fit before the writing thread waits; a power of two. */
const RING_BYTES = 1 << 20;

/** Places in the control words. */
const Word = {
  /** Bytes ever written to the ring, modulo 2^32. */
  WRITTEN: 0,
  /** Bytes ever read from the ring, modulo 2^32. */
  READ: 1,
  /** 1 while the host has been told that there is something to read. */
  DOORBELL: 2,
  /** Counts what came in (messages, interrupts), so that a waiting Python notices each. */
  INBOX: 3,
  /** The run that the newest interrupt is meant for. */
  INTERRUPTED_RUN: 4,
  /** Messages that Python has dealt with. */
  HANDLED: 5,
  /** 1 while a run goes on, also while it awaits. */
  RUNNING: 6,
  /** Bytes of gathered text, the stream it was printed to, and the run that printed it. */
  TEXT_LENGTH: 7,
  TEXT_STREAM: 8,
  TEXT_RUN: 9,
  /** Pages of Python's WebAssembly memory; 0 before it has been told. */
  MEMORY_PAGES: 10,
} as const;

const WORDS = 11;

/** Bytes in a page of WebAssembly memory. */
const PAGE_BYTES = 1 << 16;

/** Bytes of text that gather before they go into the ring as one frame. */
const TEXT_BYTES = 1 << 15;

/** A standard stream by its file descriptor. */
export type TextStream = 1 | 2;
const streamNames = { 1: 'stdout', 2: 'stderr' } as const;

/** Signals that the host raises in Python: numbers of POSIX. */
export const Signal = { INTERRUPT: 2, FLUSH: 14 } as const;

/** What the worker thread is handed when it starts; survives the structured clone. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
  /** Text that was printed and is not in the ring yet: the host finds it here even if Python is killed. */
  readonly text: SharedArrayBuffer;
  /** Pyodide's own interrupt buffer: the number of a signal, or 0. */
  readonly interrupt: SharedArrayBuffer;
}

/** What the worker thread is started with. */
export interface WorkerStart {
  readonly memory: SharedMemory;
  /** Absolute paths. */
  readonly pyodideFolder: string;
  readonly pythonFolder: string;
  /** Undefined: start without the snapshot, from the Python sources. */
  readonly snapshotFile: string | undefined;
  /** Of the environment whose packages Python sees beside its own; undefined: there are none. */
  readonly packagesFolder: string | undefined;
}

/** The one message that the worker posts: the ring has something to read. */
export const DOORBELL = 0;

/** Fresh memory for one interpreter. */
export function allocateSharedMemory(): SharedMemory {
  return {
    control: new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
    ring: new SharedArrayBuffer(RING_BYTES),
    text: new SharedArrayBuffer(TEXT_BYTES),
    interrupt: new SharedArrayBuffer(1),
  };
}

/** Python's end: writes the stream, waits for what comes in. Blocks its thread. */
export class PythonEnd {
  /**
   * What Pyodide takes for its interrupt buffer: reading `[0]` takes the signal out in one step. With plain memory
   * Pyodide reads and then writes 0, all the time while Python computes, and about one signal in twenty that the
   * host raises falls between the two and is lost.
   */
  readonly interruptBuffer: Uint8Array;
  readonly #interrupt: Uint8Array;
  readonly #control: Int32Array;
  readonly #ring: Uint8Array;
  readonly #text: Uint8Array;
  readonly #ringDoorbell: () => void;

  /** `ringDoorbell` tells the host that there is something to read. */
  constructor(memory: SharedMemory, ringDoorbell: () => void) {
    this.#control = new Int32Array(memory.control);
    this.#ring = new Uint8Array(memory.ring);
    this.#text = new Uint8Array(memory.text);
    const interrupt = new Uint8Array(memory.interrupt);
    this.#interrupt = interrupt;
    // Of the array, Pyodide uses this one element.
    this.interruptBuffer = {
      get 0() {
        return interrupt[0] === 0 ? 0 : Atomics.exchange(interrupt, 0, 0);
      },
      set 0(_signal: number) {},
    } as unknown as Uint8Array;
    this.#ringDoorbell = ringDoorbell;
  }

  /** Gathers text of a run, so that many short lines make one frame. */
  appendText(stream: TextStream, run: number, bytes: Uint8Array): void {
    const control = this.#control;
    let length = Atomics.load(control, Word.TEXT_LENGTH);
    const fits = length + bytes.byteLength <= TEXT_BYTES;
    if (length > 0 && (!fits || control[Word.TEXT_STREAM] !== stream || control[Word.TEXT_RUN] !== run)) {
      this.flushText();
      length = 0;
    }
    if (bytes.byteLength > TEXT_BYTES) {
      this.#writeFrames(textFrame(stream, run, bytes.slice()));
      return;
    }
    this.#text.set(bytes, length);
    control[Word.TEXT_STREAM] = stream;
    control[Word.TEXT_RUN] = run;
    Atomics.store(control, Word.TEXT_LENGTH, length + bytes.byteLength);
  }

  /** Sends the text that has gathered; to be called before any other frame is written. */
  flushText(): void {
    const frame = takeText(this.#control, this.#text);
    if (frame) this.#writeFrames(frame);
  }

  /** Says that a message was dealt with. */
  countHandled(): void {
    Atomics.add(this.#control, Word.HANDLED, 1);
  }

  /** Says whether a run goes on. */
  setRunning(running: boolean): void {
    Atomics.store(this.#control, Word.RUNNING, running ? 1 : 0);
  }

  /** Says how large Python's WebAssembly memory is. */
  setMemory(bytes: number): void {
    Atomics.store(this.#control, Word.MEMORY_PAGES, bytes / PAGE_BYTES);
  }

  #writeFrames(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.write(piece);
  }

  /** Writes all of `bytes`, waiting for room: a flood is slowed down here instead of filling memory. */
  write(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.byteLength > 0) {
      const written = Atomics.load(this.#control, Word.WRITTEN);
      const read = Atomics.load(this.#control, Word.READ);
      const room = RING_BYTES - ((written - read) >>> 0);
      if (room === 0) {
        Atomics.wait(this.#control, Word.READ, read);
        continue;
      }
      const start = (written >>> 0) & (RING_BYTES - 1);
      const part = rest.subarray(0, Math.min(room, RING_BYTES - start, rest.byteLength));
      this.#ring.set(part, start);
      Atomics.store(this.#control, Word.WRITTEN, (written + part.byteLength) | 0);
      if (Atomics.exchange(this.#control, Word.DOORBELL, 1) === 0) this.#ringDoorbell();
      rest = rest.subarray(part.byteLength);
    }
  }

  /** How much came in so far; hand it to {@link waitForInbox} after looking for messages. */
  inboxCount(): number {
    return Atomics.load(this.#control, Word.INBOX);
  }

  /** Waits until more came in than `seen`, or `ms` milliseconds have passed. */
  waitForInbox(seen: number, ms = Number.POSITIVE_INFINITY): void {
    Atomics.wait(this.#control, Word.INBOX, seen, ms);
  }

  /** Takes back an interrupt that Python has not seen. */
  dropInterrupt(): void {
    Atomics.compareExchange(this.#interrupt, 0, Signal.INTERRUPT, 0);
  }

  /** The run that the newest interrupt is meant for; 0 before the first. */
  interruptedRun(): number {
    return Atomics.load(this.#control, Word.INTERRUPTED_RUN);
  }
}

/** The host's end: reads the stream, raises signals. Never blocks. */
export class HostEnd {
  readonly #control: Int32Array;
  readonly #ring: Uint8Array;
  readonly #text: Uint8Array;
  readonly #interrupt: Uint8Array;
  #announced = 0;

  constructor(memory: SharedMemory) {
    this.#control = new Int32Array(memory.control);
    this.#ring = new Uint8Array(memory.ring);
    this.#text = new Uint8Array(memory.text);
    this.#interrupt = new Uint8Array(memory.interrupt);
  }

  /** A copy of the bytes that are there, at most one ring of them; undefined when there are none. */
  read(): Uint8Array | undefined {
    // Before looking: what is written from now on rings again.
    Atomics.store(this.#control, Word.DOORBELL, 0);
    const read = Atomics.load(this.#control, Word.READ);
    const available = (Atomics.load(this.#control, Word.WRITTEN) - read) >>> 0;
    if (available === 0) return undefined;
    const start = (read >>> 0) & (RING_BYTES - 1);
    const bytes = new Uint8Array(available);
    const first = Math.min(available, RING_BYTES - start);
    bytes.set(this.#ring.subarray(start, start + first));
    if (first < available) bytes.set(this.#ring.subarray(0, available - first), first);
    Atomics.store(this.#control, Word.READ, (read + available) | 0);
    Atomics.notify(this.#control, Word.READ);
    return bytes;
  }

  /** The text that Python had gathered when it was killed, as pieces of a frame. Only once its thread is gone. */
  takeLeftText(): readonly Uint8Array[] {
    return takeText(this.#control, this.#text) ?? [];
  }

  /** Says that a message is on its way; wakes Python if it waits. */
  announceMessage(): void {
    this.#announced += 1;
    this.#wake();
  }

  /** Whether a run goes on, or a message waits that may start one. */
  isBusy(): boolean {
    return (
      Atomics.load(this.#control, Word.RUNNING) === 1 ||
      Atomics.load(this.#control, Word.HANDLED) !== (this.#announced | 0)
    );
  }

  /** Bytes of Python's WebAssembly memory, as it has last said; undefined before. */
  memory(): number | undefined {
    const pages = Atomics.load(this.#control, Word.MEMORY_PAGES);
    return pages === 0 ? undefined : pages * PAGE_BYTES;
  }

  #wake(): void {
    Atomics.add(this.#control, Word.INBOX, 1);
    Atomics.notify(this.#control, Word.INBOX);
  }

  /** Raises SIGINT in Python, for this run alone. */
  raiseInterrupt(run: number): void {
    Atomics.store(this.#control, Word.INTERRUPTED_RUN, run);
    Atomics.store(this.#interrupt, 0, Signal.INTERRUPT);
    this.#wake();
  }

  /** Has Python flush its output at its next chance; an interrupt that is pending goes first. */
  raiseFlush(): void {
    // Python that waits has flushed before: there is nobody to wake.
    Atomics.compareExchange(this.#interrupt, 0, 0, Signal.FLUSH);
  }
}

function takeText(control: Int32Array, text: Uint8Array): Uint8Array[] | undefined {
  const length = Atomics.load(control, Word.TEXT_LENGTH);
  if (length === 0) return undefined;
  const bytes = text.slice(0, length);
  const stream = control[Word.TEXT_STREAM] as TextStream;
  const run = control[Word.TEXT_RUN]!;
  Atomics.store(control, Word.TEXT_LENGTH, 0);
  return textFrame(stream, run, bytes);
}

function textFrame(stream: TextStream, run: number, bytes: Uint8Array): Uint8Array[] {
  return encodeFrame({ header: { type: 'event', kind: streamNames[stream], run }, buffers: [bytes] });
}
