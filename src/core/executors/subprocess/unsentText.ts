import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Bytes for each of the two streams; `text_pipes.py` has the same numbers. */
const REGION_BYTES = 65_536;
/** They begin with the place up to which text was sent. */
const HEADER_BYTES = 4;
/** What stands where no text does: no UTF-8 has this byte. */
const BLANK = 0xff;

/**
 * What a Python has printed and not sent yet: memory that it shares with us, in the form of a file without a name.
 * Whatever ends Python, that text is still there. The owner closes it.
 */
export class UnsentText {
  /** For `stdio` of `spawn`. */
  readonly descriptor: number;

  private constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** @returns undefined where no file can be made: text that was not sent is then lost with its process */
  static create(folder: string): UnsentText | undefined {
    let descriptor: number | undefined;
    try {
      const file = path.join(folder, 'unsent-text');
      descriptor = openSync(file, 'wx+', 0o600);
      // Written rather than left out: on a disk that is full, the error comes here and does not end Python later.
      writeSync(descriptor, Buffer.alloc(2 * REGION_BYTES, BLANK));
      // For Python's code, the folder is empty.
      unlinkSync(file);
      return new UnsentText(descriptor);
    } catch {
      if (descriptor !== undefined) closeSync(descriptor);
      return undefined;
    }
  }

  /** What was left in it by a Python that has ended. */
  read(): { readonly stdout: Buffer; readonly stderr: Buffer } {
    const memory = Buffer.alloc(2 * REGION_BYTES, BLANK);
    readSync(this.descriptor, memory, 0, memory.byteLength, 0);
    return {
      stdout: textOf(memory.subarray(0, REGION_BYTES)),
      stderr: textOf(memory.subarray(REGION_BYTES)),
    };
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

function textOf(region: Buffer): Buffer {
  const sent = region.readUInt32LE(0);
  let end = region.byteLength;
  while (end > HEADER_BYTES && region[end - 1] === BLANK) end -= 1;
  // Python has not begun, or its code has written there: nothing that could be told from text.
  return sent >= HEADER_BYTES && sent < end ? region.subarray(sent, end) : Buffer.alloc(0);
}
