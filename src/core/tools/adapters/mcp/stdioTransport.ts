import type { ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { killProcessTree } from '../../../executors/processTree.ts';
import { childEnvironment } from '../../../executors/subprocess/environmentVariables.ts';
import type { ProgramEndpoint } from './endpoint.ts';
import { LineReader } from './lineReader.ts';

/** Milliseconds that a server has to end by itself once its standard input is closed; then it is killed. */
const END_GRACE_MS = 1_500;
/** Milliseconds after the server's end in which its pipes are read to their end; others may hold them open. */
const DRAIN_MS = 500;
/** Bytes of a line on standard error that are kept. */
const MAX_COMPLAINT_BYTES = 64 * 1024;

/** What a {@link StdioTransport} is made of. */
export interface StdioOptions {
  /** Filled. */
  readonly endpoint: ProgramEndpoint;
  /** Absolute path. */
  readonly folder: string;
  /** Bytes of one message; a server that sends more is ended. */
  readonly maxMessageBytes: number;
  /** Checks what came as JSON. @throws where it is no message */
  readonly parse: (value: unknown) => JSONRPCMessage;
  /** Gets each line that the server prints on standard error, and those on standard output that are no messages. */
  readonly onLine: (line: string) => void;
}

/**
 * An MCP server as a program of ours, one message a line over its standard input and output. The program is the head of
 * a process group, so that all that it started ends with it: npx and uvx start the server as a process of its own.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #options: StdioOptions;
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => undefined;
  #program: ChildProcess | undefined;
  #end: string | undefined;
  #delivered: Promise<void> = Promise.resolve();

  constructor(options: StdioOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  /** How the program ended, to follow "the server"; undefined: it has not. */
  get end(): string | undefined {
    return this.#end;
  }

  /** @throws what the system says where there is no such program */
  async start(): Promise<void> {
    const { endpoint, folder, maxMessageBytes, onLine } = this.#options;
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
      throw new Error(`there is no folder ${folder}`);
    }
    const { execa } = await import('execa');
    const program = execa(endpoint.command, [...endpoint.args], {
      cwd: folder,
      env: { ...childEnvironment(process.env, []), ...endpoint.env },
      extendEnv: false,
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      windowsHide: true,
      detached: process.platform !== 'win32',
      cleanup: false,
    });
    this.#program = program;
    if (program.pid === undefined) {
      const { cause, shortMessage } = await program;
      this.#finish('could not be started');
      throw cause ?? new Error(shortMessage);
    }
    const messages = new LineReader(
      (line) => this.#receive(line),
      maxMessageBytes,
      () => {
        this.#end = `sent a message of more than ${maxMessageBytes.toLocaleString('en')} bytes, and was ended`;
        killProcessTree(program);
      },
    );
    const complaints = new LineReader(onLine, MAX_COMPLAINT_BYTES, () => onLine('(a very long line)'));
    program.stdout?.on('data', (bytes: Buffer) => messages.push(bytes));
    program.stderr?.on('data', (bytes: Buffer) => complaints.push(bytes)).on('end', () => complaints.end());
    // A pipe may break before the end is known; the end is what is reported.
    for (const stream of [program.stdin, program.stdout, program.stderr])
      stream?.on('error', () => undefined);
    program.once('exit', (code, signal) => {
      this.#end ??= signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
      killProcessTree(program);
      const drain = setTimeout(() => {
        for (const stream of [program.stdin, program.stdout, program.stderr]) stream?.destroy();
      }, DRAIN_MS);
      // 'close' rather than 'exit': what was printed last has been read by then.
      program.once('close', () => {
        clearTimeout(drain);
        this.#finish('ended');
      });
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#program?.stdin;
    if (!stdin?.writable) throw new Error('The server does not listen any more.');
    await new Promise<void>((resolve, reject) => {
      stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Ends the program and all that it started. Waits until they are gone. */
  async close(): Promise<void> {
    const program = this.#program;
    if (program?.pid === undefined) return;
    program.stdin?.end();
    const kill = setTimeout(() => killProcessTree(program), END_GRACE_MS);
    await this.#ended;
    clearTimeout(kill);
  }

  #receive(line: string): void {
    let message: JSONRPCMessage;
    try {
      message = this.#options.parse(JSON.parse(line));
    } catch {
      this.#options.onLine(`(on standard output, and no message) ${line}`);
      return;
    }
    // One after the other: the client looks at a notification a little later, and forgets a call at its answer.
    this.#delivered = this.#delivered.then(() => this.onmessage?.(message));
  }

  #finish(how: string): void {
    this.#end ??= how;
    this.#resolveEnded();
    this.onclose?.();
  }
}
