import { createHash } from 'node:crypto';

/** A file that an installed package has. */
export interface RecordedFile {
  /** Relative to the folder of all packages, with slashes. */
  readonly path: string;
  /** In URL-safe base64 without padding. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** A file with this content. */
export function recordedFile(path: string, content: string): RecordedFile {
  const bytes = Buffer.from(content);
  return {
    path,
    sha256: createHash('sha256').update(bytes).digest('base64url'),
    size: bytes.byteLength,
  };
}

/**
 * The text of a package's RECORD.
 * @param own - the path of the RECORD, which can't say its own hash
 */
export function formatRecord(files: readonly RecordedFile[], own: string): string {
  const lines = files.map(({ path, sha256, size }) => `${quoted(path)},sha256=${sha256},${size}`);
  return `${[...lines, `${quoted(own)},,`].join('\n')}\n`;
}

/** The paths in a RECORD, as they are written: also such that lead elsewhere. */
export function parseRecord(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => {
      const [, inQuotes, plain] = /^(?:"((?:[^"]|"")*)"|([^,]*))/.exec(line) ?? [];
      return inQuotes?.replaceAll('""', '"') ?? plain ?? '';
    })
    .filter((path) => path !== '');
}

function quoted(path: string): string {
  return /[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}
