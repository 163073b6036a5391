/**
 * The memory that Pyodide's thread shares with the thread that hosts it. One byte stream leads out; signals
 * lead in. Both threads import this file: it is the whole of what they agree on.
 */

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
} as const;

const WORDS = 8;

/** Signals that the host raises in Python: numbers of POSIX. */
export const Signal = { INTERRUPT: 2, FLUSH: 14 } as const;

/** What the worker thread is handed when it starts; survives the structured clone. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
  /** Pyodide's own interrupt buffer: the number of a signal, or 0. */
  readonly interrupt: SharedArrayBuffer;
}

/** Fresh memory for one interpreter. */
export function allocateSharedMemory(): SharedMemory {
  return {
    control: new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
    ring: new SharedArrayBuffer(RING_BYTES),
    interrupt: new SharedArrayBuffer(1),
  };
}

/** Python's end: writes the stream, waits for what comes in. Blocks its thread. */
export class PythonEnd {
  readonly interruptBuffer: Uint8Array;
  readonly #control: Int32Array;
  readonly #ring: Uint8Array;
  readonly #ringDoorbell: () => void;

  /** `ringDoorbell` tells the host that there is something to read. */
  constructor(memory: SharedMemory, ringDoorbell: () => void) {
    this.#control = new Int32Array(memory.control);
    this.#ring = new Uint8Array(memory.ring);
    this.interruptBuffer = new Uint8Array(memory.interrupt);
    this.#ringDoorbell = ringDoorbell;
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
    Atomics.compareExchange(this.interruptBuffer, 0, Signal.INTERRUPT, 0);
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
  readonly #interrupt: Uint8Array;

  constructor(memory: SharedMemory) {
    this.#control = new Int32Array(memory.control);
    this.#ring = new Uint8Array(memory.ring);
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

  /** Wakes Python if it waits: a message is on its way. */
  announce(): void {
    Atomics.add(this.#control, Word.INBOX, 1);
    Atomics.notify(this.#control, Word.INBOX);
  }

  /** Raises SIGINT in Python, for this run alone. */
  raiseInterrupt(run: number): void {
    Atomics.store(this.#control, Word.INTERRUPTED_RUN, run);
    Atomics.store(this.#interrupt, 0, Signal.INTERRUPT);
    this.announce();
  }

  /** Has Python flush its output at its next chance; an interrupt that is pending goes first. */
  raiseFlush(): void {
    Atomics.compareExchange(this.#interrupt, 0, 0, Signal.FLUSH);
    this.announce();
  }
}
