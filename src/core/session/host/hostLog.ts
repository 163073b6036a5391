import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

/** A log that is larger than this is put aside when the next host starts. */
const MAX_BYTES = 1_000_000;

/** The log of a host: a file beside its announcement. */
export class HostLog {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
    try {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) {
        renameSync(file, `${file}.old`);
      }
    } catch {
      // Without a log the host works as well.
    }
  }

  /** Adds a line. What can't be written, on a full disk, is dropped. */
  write(line: string): void {
    try {
      appendFileSync(this.file, `${new Date().toISOString()} [${process.pid}] ${line}\n`, { mode: 0o600 });
    } catch {
      // There is nobody to tell but the log.
    }
  }
}
