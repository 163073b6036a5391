/** An argument as a usage line has it. */
export interface UsageArgument {
  readonly name: string;
  readonly required: boolean;
  readonly several: boolean;
  readonly choices: readonly string[];
}

/** What a usage line tells. */
export interface Usage {
  readonly positionals: readonly UsageArgument[];
  /** The flags of options that can't be left out. */
  readonly required: readonly string[];
}

/** Words that stand for options, or for what is described elsewhere. */
const PLACEHOLDER = /(?:^|[-_ ])(?:options?|flags?|switches)\b/iu;

/** @param words - the program and the subcommand that the usage is of */
export function usageArguments(usage: string, words: readonly string[]): Usage {
  const all = piecesOf(usage);
  // The program itself may be written in other words: by its path, or as `python -m NAME`.
  const known = new Set(words.slice(1));
  const begin = all.findIndex((piece, index) => index > 0 && !known.has(piece));
  const positionals: UsageArgument[] = [];
  const required: string[] = [];
  const pieces = begin < 0 ? [] : all.slice(begin);
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index]!;
    // One of several, which can't be said here.
    if (piece.startsWith('(')) continue;
    if (/^-{1,2}\w/u.test(piece)) {
      const [flag = ''] = piece.split('=');
      required.push(flag);
      // Its value.
      if (piece === flag && /^[A-Z<{]/u.test(pieces[index + 1] ?? '')) index += 1;
      continue;
    }
    const isFollowedByDots = pieces[index + 1] === '...';
    positionals.push(...argumentsOf(piece, isFollowedByDots));
  }
  return { positionals, required };
}

function argumentsOf(piece: string, several: boolean): UsageArgument[] {
  const dots = /\.\.\.$/u.test(piece);
  const text = piece.replace(/\.\.\.$/u, '');
  if (text === '' || text === '--' || text === '-') return [];
  if (text.startsWith('[')) {
    const inner = piecesOf(text.slice(1, -1)).filter((each) => each !== '--' && each !== '[--]');
    const [first = ''] = inner;
    if (/^\(?-/u.test(first) || PLACEHOLDER.test(inner.join(' '))) return [];
    // The first of what can stand there.
    const end = inner.indexOf('|');
    const chosen = end < 0 ? inner : inner.slice(0, end);
    const isSeveral = dots || several || chosen.includes('...');
    const plain = chosen.filter((each) => /^[a-z]+$/u.test(each));
    if (plain.length > 1 && plain.length === chosen.length) {
      return [
        {
          name: plain.join(' '),
          required: false,
          several: isSeveral || isPlural(plain.join(' ')),
          choices: [],
        },
      ];
    }
    return chosen
      .flatMap((each) => (each === '...' ? [] : argumentsOf(each, isSeveral)))
      .map((argument) => ({
        ...argument,
        required: false,
        several: argument.several || isPlural(argument.name),
      }));
  }
  const isSeveral = dots || several;
  if (text.startsWith('{')) {
    const choices = text.slice(1, -1).split(/[,|]/u);
    if (choices.length === 1) return argumentsOf(choices[0] ?? '', isSeveral);
    return [{ name: 'command', required: true, several: isSeveral, choices }];
  }
  const name = text.replace(/^<(.*)>$/u, '$1').replace(/\.\.\.$/u, '');
  if (PLACEHOLDER.test(name) || !/^[\p{L}_]/u.test(name)) return [];
  return [{ name, required: true, several: isSeveral || /\.\.\.>?$/u.test(text), choices: [] }];
}

/** `[files]` may be several; `[address]` is one. */
function isPlural(name: string): boolean {
  return /[a-z][a-rt-z]s$/iu.test(name);
}

const BRACKETS = new Map([
  ['[', ']'],
  ['<', '>'],
  ['{', '}'],
  ['(', ')'],
]);

/** Splits at blanks, but for those in brackets. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  const open: string[] = [];
  for (const character of text) {
    const closing = BRACKETS.get(character);
    // One that closes nothing is taken for what it is: usage lines have such slips.
    if (closing !== undefined) open.push(closing);
    else if (character === open.at(-1)) open.pop();
    if (open.length > 0 || !/\s/u.test(character)) {
      piece += character;
    } else if (piece !== '') {
      pieces.push(piece);
      piece = '';
    }
  }
  return piece === '' ? pieces : [...pieces, piece];
}
