/** Where a module is imported in a document; 0-based, of one line. */
export interface ImportPlace {
  readonly line: number;
  readonly startCharacter: number;
  readonly endCharacter: number;
}

/**
 * The statement that imports a module.
 *
 * @param lines - of the document
 * @param module - top-level, such as `sklearn`
 * @param range - lines to look at, 0-based, the last one included
 * @returns the module's name in it; undefined where none is found, such as for an import that a library makes
 */
export function importPlace(
  lines: readonly string[],
  module: string,
  { startLine, endLine }: { readonly startLine: number; readonly endLine: number },
): ImportPlace | undefined {
  const statement = new RegExp(
    String.raw`^\s*(?:[^#'"]*[;:]\s*)?(?:from\s+|import\s+(?:[\p{L}\p{N}_.]+(?:\s+as\s+[\p{L}\p{N}_]+)?\s*,\s*)*)(?=${module}(?![\p{L}\p{N}_]))`,
    'u',
  );
  for (let line = startLine; line <= endLine; line++) {
    const before = statement.exec(lines[line] ?? '')?.[0];
    if (before === undefined) continue;
    return { line, startCharacter: before.length, endCharacter: before.length + module.length };
  }
  return undefined;
}
