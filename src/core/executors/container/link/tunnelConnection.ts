import { Duplex } from 'node:stream';
import { Window } from './window.ts';

/** How a connection reaches the container. */
export interface TunnelEnd {
  /** No bytes are the end of what is sent. */
  send(bytes: Uint8Array): void;
  /** As many bytes were taken here. */
  taken(size: number): void;
  disconnect(): void;
}

/** A connection that a program inside has made. */
export class TunnelConnection extends Duplex {
  readonly #end: TunnelEnd;
  readonly #window: Window;
  /** Bytes that came and are not read yet. */
  #unread = 0;
  #isGone = false;

  constructor(end: TunnelEnd) {
    super({ allowHalfOpen: true });
    this.#end = end;
    this.#window = new Window((bytes) => end.send(bytes));
  }

  /** Bytes came; none are their end. */
  receive(bytes: Buffer): void {
    if (bytes.byteLength === 0) {
      this.push(null);
      return;
    }
    this.#unread += bytes.byteLength;
    if (this.push(bytes)) this.#tellTaken();
  }

  /** As many bytes were taken inside. */
  taken(size: number): void {
    this.#window.taken(size);
  }

  /** It was ended inside. */
  gone(): void {
    this.#isGone = true;
    this.destroy();
  }

  override _read(): void {
    this.#tellTaken();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#window.write(chunk, callback);
  }

  override _final(callback: () => void): void {
    this.#end.send(new Uint8Array(0));
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // One that both sides have ended ends inside once what is on its way has arrived.
    const isOver = this.#isGone || (this.readableEnded && this.writableFinished);
    if (!isOver) this.#end.disconnect();
    callback(error);
  }

  #tellTaken(): void {
    if (this.#unread === 0) return;
    this.#end.taken(this.#unread);
    this.#unread = 0;
  }
}
