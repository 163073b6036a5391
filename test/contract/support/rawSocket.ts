import type { Socket } from 'node:net';
import { encodeMessage } from '../../../src/core/session/remote/messageContent.ts';

/** Writes one call to a raw socket. */
export function send(socket: Socket, id: number, method: string, params: object): void {
  const message = { jsonrpc: '2.0', id, method, params };
  socket.write(framed(Buffer.concat(encodeMessage(message))));
}

/** The content of a message as it is written. */
export function framed(content: string | Uint8Array, length = Buffer.byteLength(content)): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  return Buffer.concat([head, Buffer.from(content)]);
}

/** Resolves when a socket is closed by the other side. */
export async function untilClosed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}
