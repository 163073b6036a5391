import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { Emitter, type Event } from '../../../common/events.ts';
import type { ContainerUsage } from '../../../contract/container.ts';
import { CodeModeError } from '../../../contract/errors.ts';
import type { Json } from '../../../contract/execution.ts';
import type { ContainerFacts } from '../facts.ts';
import { encodePiece, FromContainer, PieceDecoder, ToContainer } from './envelope.ts';
import { ContainerInterpreter } from './interpreter.ts';
import { type Ended, type Report, ReportSchema } from './reports.ts';
import { TunnelConnection } from './tunnelConnection.ts';

/** Where the tunnel begins inside: a port of the container's own 127.0.0.1. */
export const TUNNEL_PORT = 3128;

/** How the client ends where the engine made no container, or did not start it. */
const ENGINE_FAILED = [125, 126, 127];
/** Milliseconds that a container has to end in its own way. */
const END_GRACE_MS = 10_000;
/** Characters of what the engine or the first process inside complains of. */
const COMPLAINT_CHARACTERS = 8_000;

/** How an interpreter in a container begins. */
export interface InterpreterStart {
  /** What `cpython_platform.main` is given: JSON. */
  readonly configuration: string;
  /** Set besides what the image says; null removes a variable. */
  readonly environment: Readonly<Record<string, string | null>>;
  /** Absolute path inside; where it can't be entered, `/tmp`. */
  readonly folder: string;
}

/** What a link is opened with. */
export interface LinkOptions {
  /** What Python in the container reads first. */
  readonly payload: Uint8Array;
  readonly signal: AbortSignal;
  /** What the container has made of the modules, where it was not given that. */
  readonly onCompiled: (compiled: Buffer) => void;
  /** Says for people why a process inside ended. */
  readonly describeEnd: (ended: Ended) => string;
  /** An error for what was complained of as the container did not start; undefined: nothing more is known. */
  readonly problem: (complaint: string) => Error | undefined;
  /** What a person can do where no more is known. */
  readonly startHint: string;
  /** Removes the container where the end of its client has not. Never rejects. */
  readonly remove: () => Promise<void>;
  readonly log: (line: string) => void;
}

/** The way to a container that runs: to the interpreters in it, and to what it says of itself. */
export class ContainerLink {
  readonly #child: ChildProcess;
  readonly #options: LinkOptions;
  readonly #decoder: PieceDecoder;
  readonly #interpreters = new Map<number, ContainerInterpreter>();
  readonly #lookUps = new Map<number, LookUp>();
  readonly #questions = new Map<number, (usage: ContainerUsage | null) => void>();
  readonly #connections = new Map<number, TunnelConnection>();
  readonly #connect = new Emitter<Duplex>();
  readonly #end = new Emitter<{ readonly description: string }>();
  readonly #gone: Promise<void>;
  #facts: ContainerFacts | undefined;
  #onHello: (() => void) | undefined;
  #complaint = '';
  #newest = 0;
  #isGone = false;
  #engineFailed = false;
  /** How the client has ended. */
  #how = '';
  #isClosing = false;
  #broken: string | undefined;

  /** A program inside has connected to the tunnel. */
  readonly onConnect: Event<Duplex> = this.#connect.event;
  /** Fired once, when the container has ended, whoever ended it. */
  readonly onEnd: Event<{ readonly description: string }> = this.#end.event;

  private constructor(child: ChildProcess, options: LinkOptions) {
    this.#child = child;
    this.#options = options;
    this.#decoder = new PieceDecoder(
      (kind, owner, data) => this.#accept(kind, owner, data),
      (kind) => kind === FromContainer.REPORT || kind === FromContainer.COMPILED,
    );
    child.stdout?.on('data', (bytes: Buffer) => this.#receive(bytes));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_CHARACTERS);
    });
    for (const stream of child.stdio) stream?.on('error', () => undefined);
    this.#gone = new Promise((resolve) => {
      child.once('error', (error) => {
        if (child.pid !== undefined) return;
        this.#complaint ||= error.message;
        this.#ended(null, null);
        resolve();
      });
      child.once('close', (code, signal) => {
        this.#ended(code, signal);
        resolve();
      });
    });
  }

  /**
   * Follows a client of an engine that was started with `run -i` and {@link Payload.program}, its three streams being
   * pipes, until Python in the container has said what it sees.
   *
   * @throws CodeModeError by what the engine says, `start-failed`, `cancelled`; the container is gone then
   */
  static async open(child: ChildProcess, options: LinkOptions): Promise<ContainerLink> {
    const link = new ContainerLink(child, options);
    const { signal } = options;
    const hello = new Promise<void>((resolve) => {
      link.#onHello = resolve;
    });
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    child.stdin?.write(options.payload);
    await Promise.race([hello, link.#gone, aborted]);
    if (link.#facts && !signal.aborted) return link;
    await link.close();
    // One that was made and could not be started may stay.
    if (link.#engineFailed) await options.remove();
    if (signal.aborted) throw new CodeModeError('cancelled', 'The start was cancelled.');
    throw link.#startError();
  }

  /** As the container has seen itself before any code of a person ran in it. */
  get facts(): ContainerFacts {
    if (!this.#facts) throw new Error('A link that is open knows the facts.');
    return this.#facts;
  }

  /** Whether the container has ended; told of by {@link onEnd} once all in it are said to have. */
  get hasEnded(): boolean {
    return this.#isGone;
  }

  /** Starts an interpreter; several may live at once. */
  start(options: InterpreterStart): ContainerInterpreter {
    const id = this.#nextNumber();
    const interpreter = new ContainerInterpreter(
      {
        send: (bytes) => this.#send(ToContainer.INPUT, id, bytes),
        kill: () => this.#control({ op: 'kill', id }),
        memory: async () => (await this.usage())?.memory ?? undefined,
        abandon: () => void this.close(),
      },
      this.#options.describeEnd,
    );
    this.#interpreters.set(id, interpreter);
    // Whoever has asked for it listens by then.
    if (this.#isGone) setImmediate(() => this.#endAll('its container has ended'));
    else this.#control({ op: 'start', id, ...options });
    return interpreter;
  }

  /** Answered while code computes; null: the container is gone. */
  usage(): Promise<ContainerUsage | null> {
    if (this.#isGone) return Promise.resolve(null);
    const id = this.#nextNumber();
    return new Promise((resolve) => {
      this.#questions.set(id, resolve);
      this.#control({ op: 'usage', id });
    });
  }

  /**
   * Runs Python code of ours in a process of its own, in which the JSON value `request` is there and `result` is to be set.
   *
   * @param onPrinted - gets what is printed meanwhile
   * @throws CodeModeError `python-died` with what it complained of
   */
  run(code: string, request: Json, onPrinted?: (bytes: Buffer) => void): Promise<Json> {
    if (this.#isGone) return Promise.reject(lookUpFailed('its container has ended'));
    const id = this.#nextNumber();
    return new Promise((resolve, reject) => {
      this.#lookUps.set(id, { output: [], complaint: [], onPrinted, resolve, reject });
      this.#control({ op: 'run', id, code, request });
    });
  }

  /** Has programs inside connect to the tunnel, at {@link TUNNEL_PORT}. */
  listen(): void {
    this.#control({ op: 'listen', id: 0, port: TUNNEL_PORT });
  }

  /** Ends the container with all that runs in it; resolves once its client is gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    // What lives in it by: the first process inside ends with its standard input.
    this.#child.stdin?.end();
    const timer = setTimeout(() => {
      this.#child.kill('SIGKILL');
      void this.#options.remove();
    }, END_GRACE_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  // -------------------------------------------------------------------- messages

  #nextNumber(): number {
    this.#newest += 1;
    return this.#newest;
  }

  #control(message: Readonly<Record<string, unknown>>): void {
    this.#send(ToContainer.CONTROL, 0, Buffer.from(JSON.stringify(message)));
  }

  #send(kind: number, owner: number, data: Uint8Array): void {
    const stream = this.#child.stdin;
    if (stream && !stream.destroyed && !stream.writableEnded) stream.write(encodePiece(kind, owner, data));
  }

  #receive(bytes: Buffer): void {
    if (this.#broken !== undefined) return;
    try {
      this.#decoder.push(bytes);
    } catch (error) {
      this.#broken = `its messages were disturbed (${CodeModeError.describe(error)})`;
      void this.close();
    }
  }

  #accept(kind: number, owner: number, data: Buffer): void {
    switch (kind) {
      case FromContainer.OUTPUT:
        this.#interpreters.get(owner)?.receiveFrames(data);
        this.#lookUps.get(owner)?.output.push(data);
        return;
      case FromContainer.STDOUT:
        this.#interpreters.get(owner)?.receiveText('stdout', data);
        this.#lookUps.get(owner)?.onPrinted?.(data);
        return;
      case FromContainer.STDERR:
        this.#interpreters.get(owner)?.receiveText('stderr', data);
        this.#lookUps.get(owner)?.complaint.push(data);
        return;
      case FromContainer.TUNNEL:
        this.#connections.get(owner)?.receive(data);
        return;
      case FromContainer.COMPILED:
        // After it, code of a person may have written that.
        if (!this.#facts) this.#options.onCompiled(data);
        return;
      case FromContainer.REPORT:
        this.#report(ReportSchema.parse(JSON.parse(data.toString())));
        return;
      default:
        throw new Error(`a piece of kind ${kind}`);
    }
  }

  #report(report: Report): void {
    switch (report.op) {
      case 'hello':
        this.#facts ??= report.facts;
        this.#onHello?.();
        return;
      case 'ended':
        this.#endOne(report.id, report);
        return;
      case 'usage':
        this.#questions.get(report.id)?.(report.usage);
        this.#questions.delete(report.id);
        return;
      case 'taken':
        (report.tunnel ? this.#connections : this.#interpreters).get(report.id)?.taken(report.bytes);
        return;
      case 'connect':
        this.#connected(report.id);
        return;
      case 'disconnect':
        this.#connections.get(report.id)?.gone();
        return;
    }
  }

  #connected(id: number): void {
    const connection = new TunnelConnection({
      send: (bytes) => this.#send(ToContainer.TUNNEL, id, bytes),
      taken: (bytes) => this.#control({ op: 'taken', id, bytes }),
      disconnect: () => this.#control({ op: 'disconnect', id }),
    });
    this.#connections.set(id, connection);
    connection.on('error', () => undefined);
    connection.once('close', () => this.#connections.delete(id));
    this.#connect.fire(connection);
  }

  // -------------------------------------------------------------------- ends

  #endOne(id: number, ended: Ended | string): void {
    const interpreter = this.#interpreters.get(id);
    this.#interpreters.delete(id);
    interpreter?.ended(ended);
    const lookUp = this.#lookUps.get(id);
    this.#lookUps.delete(id);
    if (!lookUp) return;
    const complaint = Buffer.concat(lookUp.complaint).toString().trim();
    try {
      if (typeof ended === 'string' || ended.code !== 0) {
        const how = typeof ended === 'string' ? ended : this.#options.describeEnd(ended);
        throw lookUpFailed(complaint.split('\n').at(-1) || how);
      }
      lookUp.resolve(JSON.parse(Buffer.concat(lookUp.output).toString()) as Json);
    } catch (error) {
      lookUp.reject(error);
    }
  }

  #endAll(description: string): void {
    for (const id of [...this.#interpreters.keys(), ...this.#lookUps.keys()]) this.#endOne(id, description);
    for (const resolve of this.#questions.values()) resolve(null);
    this.#questions.clear();
    for (const connection of [...this.#connections.values()]) connection.gone();
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#engineFailed = code !== null && ENGINE_FAILED.includes(code);
    this.#how = signal ? `killed by ${signal}` : `exit code ${code}`;
    const description = this.#describe();
    if (!this.#isClosing && this.#facts) this.#options.log(`container: ${description}`);
    this.#endAll(description);
    this.#end.fire({ description });
  }

  #describe(): string {
    if (this.#broken) return this.#broken;
    if (this.#isClosing) return 'its container was ended';
    const complaint = this.#complaint.trim().split('\n').at(-1)?.trim();
    return `its container has ended: ${complaint ? `${complaint} (${this.#how})` : this.#how}`;
  }

  #startError(): Error {
    const complaint = this.#complaint.trim();
    const known = this.#options.problem(complaint);
    if (known) return known;
    const line = this.#broken ?? (complaint.split('\n').at(-1)?.trim() || `it ended (${this.#how})`);
    return new CodeModeError('start-failed', `Python in the container could not be started: ${line}.`, {
      hint: this.#options.startHint,
    });
  }
}

/** What is waited for of a process that looks something up. */
interface LookUp {
  readonly output: Buffer[];
  readonly complaint: Buffer[];
  readonly onPrinted: ((bytes: Buffer) => void) | undefined;
  readonly resolve: (result: Json) => void;
  readonly reject: (error: unknown) => void;
}

function lookUpFailed(reason: string): CodeModeError {
  return new CodeModeError('python-died', `Python in the container could not look that up: ${reason}`);
}
