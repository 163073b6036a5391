import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { Emitter } from '../common/events.ts';
import { processTreeMemory } from '../common/processMemory.ts';
import { encodeFrame, type Frame, FrameDecoder, FrameError } from './frames.ts';
import type { ExitReason, Transport } from './transport.ts';

/** Which of a child's pipes carry what. */
export interface ChildStreams {
  /** Frames to Python. */
  readonly input: Writable;
  /** Frames from Python. */
  readonly output: Readable;
  /** What the child complains of, which explains its end. */
  readonly complaints?: Readable;
}

/** How Python in a child is reached beside the frames. */
export interface ChildControls {
  /** Interrupts run `run` if it is the one that computes. */
  interrupt(run: number): void;
  /** Asks the child to end Python at once and to deliver what it printed last; without it, it is killed. */
  end?(): void;
  /** Kills the child and all that it started; by default the child alone. */
  kill?(): void;
  /** Removes what the child had for itself, once it is gone; waited for by whoever ends it. */
  cleanUp?(): Promise<void>;
  /** Says for people why the child ended, where its code or signal has a meaning of its own. */
  describeEnd?(code: number | null, signal: NodeJS.Signals | null): string | undefined;
}

/** Milliseconds that a child has to end in its own way before it is killed. */
const END_GRACE_MS = 1_000;
/** Milliseconds after the child's end in which its pipes are read to their end; others may hold them open. */
const DRAIN_MS = 1_000;
/** Characters of the child's own complaints that are kept to explain its end. */
const COMPLAINT_CHARACTERS = 4_000;

/** Python in a child process, with frames over its pipes. */
export class ChildTransport implements Transport {
  readonly #child: ChildProcess;
  readonly #streams: ChildStreams;
  readonly #controls: ChildControls;
  readonly #frames = new Emitter<Frame>();
  readonly #exit = new Emitter<ExitReason>();
  readonly #decoder = new FrameDecoder();
  readonly #gone: Promise<void>;
  #complaint = '';
  #broken: string | undefined;
  #killed = false;

  readonly onFrame = this.#frames.event;
  readonly onExit = this.#exit.event;

  /** Takes over a child that was just spawned. */
  constructor(child: ChildProcess, streams: ChildStreams, controls: ChildControls) {
    this.#child = child;
    this.#streams = streams;
    this.#controls = controls;
    streams.output.on('data', (bytes: Buffer) => this.#receive(bytes));
    // The pipe may break before the exit is known; the exit is what is reported.
    for (const stream of [streams.input, streams.output]) stream.on('error', () => undefined);
    streams.complaints?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_CHARACTERS);
    });
    this.#gone = new Promise((resolve) => {
      let hasEnded = false;
      const end = (reason: ExitReason) => {
        // A child that could not be spawned may be said to be closed as well.
        if (hasEnded) return;
        hasEnded = true;
        this.#exit.fire(reason);
        (controls.cleanUp?.() ?? Promise.resolve()).then(resolve, resolve);
      };
      child.once('error', (error) => {
        if (child.pid === undefined) end({ description: error.message });
      });
      child.once('exit', () => {
        // What it started ends with it, and holds no pipe open any more.
        controls.kill?.();
        const timer = setTimeout(() => {
          for (const stream of child.stdio) stream?.destroy();
        }, DRAIN_MS);
        child.once('close', () => clearTimeout(timer));
      });
      // 'close' rather than 'exit': what was written last has been read by then.
      child.once('close', (code, signal) => end({ description: this.#describeEnd(code, signal) }));
    });
  }

  send(frame: Frame): void {
    if (this.#streams.input.destroyed) return;
    for (const bytes of encodeFrame(frame)) this.#streams.input.write(bytes);
  }

  interrupt(run: number): void {
    this.#controls.interrupt(run);
  }

  async memory(): Promise<number | undefined> {
    const { pid, exitCode, signalCode } = this.#child;
    // The id of a child that has ended may be somebody else's by now.
    if (pid === undefined || exitCode !== null || signalCode !== null) return undefined;
    return processTreeMemory(pid);
  }

  async kill(): Promise<void> {
    this.#killed = true;
    if (!this.#controls.end) this.#killNow();
    this.#controls.end?.();
    await this.#goneWithin(END_GRACE_MS);
  }

  /** Waits for an end that was asked for; past `graceMs` the child is killed. */
  async endWithin(graceMs: number): Promise<void> {
    this.#killed = true;
    await this.#goneWithin(graceMs);
  }

  async #goneWithin(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#killNow(), graceMs);
    await this.#gone;
    clearTimeout(timer);
  }

  #killNow(): void {
    if (this.#controls.kill) this.#controls.kill();
    else this.#child.kill('SIGKILL');
  }

  #receive(bytes: Buffer): void {
    try {
      for (const frame of this.#decoder.push(bytes)) this.#frames.fire(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // Somebody else wrote to the pipe: nothing after this can be understood.
      this.#broken = `its messages were disturbed (${error.message})`;
      this.#streams.output.removeAllListeners('data').resume();
      this.#killNow();
    }
  }

  #describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#broken) return this.#broken;
    const complaint = this.#complaint.trim().split('\n').at(-1)?.trim();
    if (this.#killed) return 'killed';
    const described = this.#controls.describeEnd?.(code, signal);
    if (described) return described;
    if (signal) return complaint ? `${complaint} (killed by ${signal})` : `killed by ${signal}`;
    return complaint ? `${complaint} (exit code ${code})` : `exit code ${code}`;
  }
}
