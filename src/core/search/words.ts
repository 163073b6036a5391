const IDENTIFIER = /[\p{L}\p{N}\p{M}_]+/gu;
/** Parts of `snake_case`, `camelCase` and `HTTPServer2`. */
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|[\p{L}\p{M}]+|\p{N}+/gu;
const WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{2,}/gu;
const MARKS = /\p{M}+/gu;
const ASCII = /^[\x00-\x7f]*$/;

/**
 * The words of a text, in lower case and without accents: the parts of every identifier, and each identifier of
 * several parts as one word. Where a script writes no spaces, pairs of neighbouring characters stand for words.
 */
export function wordsOf(text: string): string[] {
  const plain = ASCII.test(text) ? text : text.normalize('NFKC');
  const words: string[] = [];
  for (const [identifier] of plain.matchAll(IDENTIFIER)) {
    const parts = identifier.match(PART) ?? [];
    for (const part of parts) words.push(...folded(part));
    if (parts.length > 1) words.push(...folded(parts.join('')));
  }
  return words;
}

/** As {@link wordsOf}, of a query: an identifier is looked for by its parts. */
export function queryWords(text: string): string[] {
  const plain = ASCII.test(text) ? text : text.normalize('NFKC');
  const words = [...plain.matchAll(IDENTIFIER)].flatMap(([identifier]) => identifier.match(PART) ?? []);
  return [...new Set(words.flatMap(folded))];
}

function folded(word: string): string[] {
  const lower = word.toLowerCase();
  if (ASCII.test(lower)) return [lower];
  const plain = lower.normalize('NFKD').replace(MARKS, '').normalize('NFC');
  const pairs = [...plain.matchAll(WITHOUT_SPACES)].flatMap(([run]) => pairsOf(run));
  return pairs.length > 0 ? pairs : [plain];
}

function pairsOf(run: string): string[] {
  const characters = [...run];
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}
