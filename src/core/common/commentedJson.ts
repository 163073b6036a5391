const STRING_OR_COMMENT = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//gu;
const STRING_OR_LAST_COMMA = /"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/gu;

/** Reads JSON as editors write it: with comments, and with commas after the last item. @throws SyntaxError */
export function parseCommentedJson(text: string): unknown {
  const unlessString = (found: string) => (found.startsWith('"') ? found : ' ');
  const plain = text
    .replace(/^\uFEFF/u, '')
    .replaceAll(STRING_OR_COMMENT, unlessString)
    .replaceAll(STRING_OR_LAST_COMMA, unlessString);
  return JSON.parse(plain);
}
