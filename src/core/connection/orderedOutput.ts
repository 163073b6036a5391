import type { Frame } from './frames.ts';

/** The two text pipes of a CPython, by the kind of event that their text becomes. */
export type TextKind = 'stdout' | 'stderr';

/** Bytes of the token that begins a mark. */
export const TOKEN_BYTES = 16;
/** A mark is the token and three numbers (unsigned, big-endian): its epoch, a run or 0, frames sent before it. */
const MARK_BYTES = TOKEN_BYTES + 12;
/** Milliseconds after which what waits for a mark is delivered without it: somebody closed the pipe for us. */
const STALL_MS = 1_000;

/** Text between two marks. */
interface Segment {
  readonly epoch: number;
  readonly run: number;
  readonly frames: number;
  readonly bytes: Buffer;
}

/** What was read of one text pipe and not delivered yet. */
class TextPipe {
  readonly kind: TextKind;
  readonly segments: Segment[] = [];
  /** Of the last mark that was read. */
  epoch = 0;
  run = 0;
  frames = 0;
  /** Bytes that may be the beginning of a mark. */
  rest: Buffer = Buffer.alloc(0);

  constructor(kind: TextKind) {
    this.kind = kind;
  }

  add(bytes: Buffer): void {
    if (bytes.byteLength === 0) return;
    const { epoch, run, frames } = this;
    this.segments.push({ epoch, run, frames, bytes });
  }

  /** Whether everything up to mark `epoch` was read and delivered. */
  isPast(epoch: number): boolean {
    return this.epoch >= epoch && (this.segments[0]?.epoch ?? epoch) >= epoch;
  }
}

/**
 * Brings together what a CPython sends on three pipes: frames, and the text of file descriptors 1 and 2, which
 * C code and child processes write to as well. Where order matters, Python writes a mark into both text pipes
 * (`cpython_platform.py`); text becomes event frames of the run that it belongs to.
 */
export class OrderedOutput {
  readonly #token: Buffer;
  readonly #deliver: (frame: Frame) => void;
  readonly #pipes: Readonly<Record<TextKind, TextPipe>> = {
    stdout: new TextPipe('stdout'),
    stderr: new TextPipe('stderr'),
  };
  readonly #frames: Frame[] = [];
  #delivered = 0;
  /** The run that was requested last: the one under way, or the last that was. */
  #run = 0;
  #stall: NodeJS.Timeout | undefined;

  /** `token`: {@link TOKEN_BYTES} bytes that begin each mark, the first of them 0xFF, which no UTF-8 text has. */
  constructor(token: Buffer, deliver: (frame: Frame) => void) {
    this.#token = token;
    this.#deliver = deliver;
  }

  /** A run was requested: text without a run of its own belongs to it from now on. */
  requested(run: number): void {
    this.#run = run;
  }

  acceptFrame(frame: Frame): void {
    this.#frames.push(frame);
    this.#pump();
  }

  acceptText(kind: TextKind, bytes: Buffer): void {
    const pipe = this.#pipes[kind];
    const data = pipe.rest.byteLength === 0 ? bytes : Buffer.concat([pipe.rest, bytes]);
    let start = 0;
    let at = data.indexOf(this.#token);
    for (; at >= 0 && at + MARK_BYTES <= data.byteLength; at = data.indexOf(this.#token, start)) {
      pipe.add(data.subarray(start, at));
      pipe.epoch = data.readUInt32BE(at + TOKEN_BYTES);
      pipe.run = data.readUInt32BE(at + TOKEN_BYTES + 4);
      pipe.frames = data.readUInt32BE(at + TOKEN_BYTES + 8);
      start = at + MARK_BYTES;
    }
    const end = at >= 0 ? at : this.#beginOfMark(data, start);
    pipe.add(data.subarray(start, end));
    pipe.rest = data.subarray(end);
    this.#pump();
  }

  /** Delivers all that is left; nothing more will come. */
  end(): void {
    this.#flush();
  }

  /** Where the data may end in the first bytes of a mark; its length where it does not. */
  #beginOfMark(data: Buffer, start: number): number {
    const earliest = Math.max(start, data.byteLength - TOKEN_BYTES + 1);
    for (let at = data.indexOf(0xff, earliest); at >= 0; at = data.indexOf(0xff, at + 1)) {
      if (this.#token.subarray(0, data.byteLength - at).equals(data.subarray(at))) return at;
    }
    return data.byteLength;
  }

  #pump(): void {
    const { stdout, stderr } = this.#pipes;
    for (let progress = true; progress; ) {
      progress = false;
      for (const [pipe, other] of [
        [stdout, stderr],
        [stderr, stdout],
      ] as const) {
        for (let text = pipe.segments[0]; text; text = pipe.segments[0]) {
          if (this.#delivered < text.frames || !other.isPast(text.epoch)) break;
          pipe.segments.shift();
          this.#deliverText(pipe.kind, text);
          progress = true;
        }
      }
      const frame = this.#frames[0];
      const epoch = frame?.header.epoch;
      if (frame && (typeof epoch !== 'number' || (stdout.isPast(epoch) && stderr.isPast(epoch)))) {
        this.#frames.shift();
        this.#deliverFrame(frame);
        progress = true;
      }
    }
    this.#watchStall();
  }

  #deliverText(kind: TextKind, { run, bytes }: Segment): void {
    this.#deliver({ header: { type: 'event', kind, run: run || this.#run }, buffers: [bytes] });
  }

  #deliverFrame(frame: Frame): void {
    // A run's end, before which Python saw that all was read: what looks like the beginning of a mark is none.
    if (frame.header.type === 'reply' && frame.header.epoch === undefined) this.#deliverRests();
    this.#delivered += 1;
    this.#deliver(frame);
  }

  #deliverRests(): void {
    for (const pipe of Object.values(this.#pipes)) {
      pipe.add(pipe.rest);
      pipe.rest = Buffer.alloc(0);
      for (const text of pipe.segments.splice(0)) this.#deliverText(pipe.kind, text);
    }
  }

  #watchStall(): void {
    const { stdout, stderr } = this.#pipes;
    const isHeld = this.#frames.length + stdout.segments.length + stderr.segments.length > 0;
    if (!isHeld) {
      clearTimeout(this.#stall);
      this.#stall = undefined;
    } else {
      this.#stall ??= setTimeout(() => this.#flush(), STALL_MS);
    }
  }

  #flush(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    this.#deliverRests();
    for (const frame of this.#frames.splice(0)) this.#deliverFrame(frame);
  }
}
