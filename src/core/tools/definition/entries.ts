const TOOL_FILE = /^[^.].*\.ya?ml$/u;

/** Bytes that a tool's definition may have. */
export const MAX_DEFINITION_BYTES = 1024 * 1024;

/** Why a definition that is larger is not read. */
export const TOO_LARGE = 'The definition of a tool has at most 1 MiB.';

/** Whether a file in the folder of tools is one. @param file - its name */
export function isToolFile(file: string): boolean {
  return TOOL_FILE.test(file);
}

/** What a tool is called that does not say it. @param entry - name of its file, or its field in Redis */
export function nameOfEntry(entry: string): string {
  return entry.replace(/\.ya?ml$/u, '');
}
