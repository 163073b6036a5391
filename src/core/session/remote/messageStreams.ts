import type { Socket } from 'node:net';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
} from 'vscode-jsonrpc/node';
import { decodeMessage, encodeMessage } from './messageContent.ts';

/** Before each message: the length of its content in bytes, unsigned, 32 bits, big-endian. */
const LENGTH_BYTES = 4;
/** Up to this, copying a message costs less than another piece to write. */
const MAX_COPIED_BYTES = 64 * 1024;
/** More than any message has. */
const MAX_CONTENT_BYTES = 1024 ** 3;

/**
 * Writes the messages of JSON-RPC. Those that follow another in one turn of the event loop leave together: each write of
 * its own would wake the other side once more.
 */
export class SocketMessageWriter extends AbstractMessageWriter {
  readonly #socket: Socket;
  /** Whether something was written in this turn of the event loop. */
  #isWriting = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('error', (error) => this.fireError(error));
    socket.on('close', () => this.fireClose());
  }

  /** Resolves once the message is in the hands of the operating system. */
  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      const parts = encodeMessage(message);
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt32BE(parts.reduce((sum, part) => sum + part.byteLength, 0));
      const [first] = parts;
      const isSmall = parts.length === 1 && first!.byteLength <= MAX_COPIED_BYTES;
      this.#beginWrite();
      const written = (error: Error | null | undefined) => (error ? reject(error) : resolve());
      if (isSmall) {
        this.#socket.write(Buffer.concat([length, first!]), written);
        return;
      }
      this.#socket.cork();
      this.#socket.write(length);
      for (const part of parts.slice(0, -1)) this.#socket.write(part);
      this.#socket.write(parts.at(-1)!, written);
      this.#socket.uncork();
    });
  }

  end(): void {}

  /** The first message of a turn leaves at once, as nobody may follow it; those that do follow leave together. */
  #beginWrite(): void {
    if (this.#isWriting) {
      if (this.#socket.writableCorked === 0) this.#socket.cork();
      return;
    }
    this.#isWriting = true;
    process.nextTick(() => {
      this.#isWriting = false;
      this.#socket.uncork();
    });
  }
}

/** Reads the messages of JSON-RPC. */
export class SocketMessageReader extends AbstractMessageReader {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Of the next message's content; undefined: not known yet. */
  #wanted: number | undefined;
  /** What announces more bytes of content than this is no message, and nothing is kept of it. */
  maxContentBytes = MAX_CONTENT_BYTES;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('error', (error) => this.fireError(error));
    socket.on('close', () => this.fireClose());
  }

  listen(callback: DataCallback): Disposable {
    const onData = (chunk: Buffer) => {
      try {
        this.#accept(chunk, callback);
      } catch (error) {
        this.fireError(error);
      }
    };
    this.#socket.on('data', onData);
    return { dispose: () => void this.#socket.off('data', onData) };
  }

  #accept(chunk: Buffer, callback: DataCallback): void {
    this.#chunks.push(chunk);
    this.#length += chunk.byteLength;
    for (;;) {
      if (this.#wanted === undefined) {
        if (this.#length < LENGTH_BYTES) return;
        this.#wanted = this.#take(LENGTH_BYTES).readUInt32BE();
        if (this.#wanted > this.maxContentBytes) throw new RangeError('This is no message of a session.');
      }
      if (this.#length < this.#wanted) return;
      const content = this.#take(this.#wanted);
      this.#wanted = undefined;
      callback(decodeMessage(content));
    }
  }

  #take(length: number): Buffer {
    // Put together only once there is enough: a message of 50 MB comes in a thousand pieces.
    const whole = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = whole.byteLength > length ? [whole.subarray(length)] : [];
    this.#length -= length;
    return whole.subarray(0, length);
  }
}
