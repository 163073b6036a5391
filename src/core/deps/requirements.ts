/**
 * The packages that a `requirements.txt` names, as they are written there: `pandas>=2.0`. Comments, options
 * (`-r`, `--index-url`, hashes of a line) are left out.
 */
export function parseRequirements(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/(?:^|\s)#.*$/, '')
        .replace(/\s--\S.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '' && !line.startsWith('-'));
}
