import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the person's configuration of uv and pip is looked for. */
export interface PersonalPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** For the log: what can't be used. Without secrets. */
  readonly log: (line: string) => void;
}

/** What the person's configuration of uv or pip says of where packages come from. Addresses may have passwords. */
export interface ToolConfiguration {
  readonly indexUrl: string | undefined;
  readonly extraIndexUrls: readonly string[];
  /** Folders, files and pages with links to wheels, as they are written. */
  readonly findLinks: readonly string[];
  readonly offline: boolean;
  readonly certificateFile: string | undefined;
  readonly proxy: string | undefined;
}

/** The absolute path that `~/wheels`, `file:///wheels` or `wheels` means. @param base - of what is relative */
export function resolvePlace(text: string, home: string, base: string): string {
  if (/^file:/i.test(text) && URL.canParse(text)) return fileURLToPath(text);
  if (text === '~' || /^~[\\/]/.test(text)) return path.join(home, text.slice(1));
  return path.resolve(base, text);
}

/** The words of a value that has several. */
export function wordsOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

/** Whether a value means yes, as uv and pip take it. */
export function isYes(text: string | undefined): boolean {
  return /^(?:y|yes|t|true|on|1)$/i.test(text?.trim() ?? '');
}
