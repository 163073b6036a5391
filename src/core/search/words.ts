/** Parts of `snake_case`, `camelCase` and `HTTPServer2`. */
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|[\p{L}\p{M}]+|\p{N}+/gu;
const WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{2,}/gu;
const MARKS = /\p{M}+/gu;
/** English words that say nothing about what is looked for. */
const FILLERS = new Set(
  `a an and any are as at be by can do does for from get has have how i in into is it its me my of on or out that the
  their them there these this to up want was what when where which who will with you your`.split(/\s+/),
);
const ASCII = /^[\x00-\x7f]*$/;

/**
 * The words of a text, in lower case and without accents: the parts of every identifier. Where a script writes no
 * spaces, pairs of neighbouring characters stand for words.
 */
export function wordsOf(text: string): string[] {
  const plain = ASCII.test(text) ? text : text.normalize('NFKC');
  return (plain.match(PART) ?? []).flatMap(folded);
}

/** Whether a word of a query may be left out where there are others. */
export function isFillerWord(word: string): boolean {
  return FILLERS.has(word);
}

function folded(word: string): string | string[] {
  const lower = word.toLowerCase();
  if (ASCII.test(lower)) return lower;
  // Upper case first, so that ß is ss.
  const plain = lower.toUpperCase().toLowerCase().normalize('NFKD').replace(MARKS, '').normalize('NFC');
  const pairs = [...plain.matchAll(WITHOUT_SPACES)].flatMap(([run]) => pairsOf(run));
  return pairs.length > 0 ? pairs : plain;
}

function pairsOf(run: string): string[] {
  const characters = [...run];
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}
