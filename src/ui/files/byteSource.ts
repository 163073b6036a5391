/** A file, an artifact or a buffer, read in pieces. */
export interface ByteSource extends AsyncDisposable {
  /** In bytes. */
  readonly size: number;
  /** At most `length` bytes from `position` on; fewer at the end only. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** What is in memory already. */
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: async (position, length) => bytes.subarray(position, position + length),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
