/** An option as a help text lists it. Plain data. */
export interface HelpOption {
  /** Its long name where it has one, without dashes. */
  readonly name: string;
  /** All that stand for it, with their dashes. */
  readonly flags: readonly string[];
  /** What its value is called; undefined: it takes none. */
  readonly value: string | undefined;
  /** The value is written after `=`, in the same argument. */
  readonly joined: boolean;
  /** It can be given without its value, too. */
  readonly optionalValue: boolean;
  /** It can be given several times. */
  readonly several: boolean;
  readonly choices: readonly string[];
  readonly description: string;
  readonly required: boolean;
}

/** Options that were found, and the last line that is theirs. */
export interface FoundOptions {
  readonly options: readonly HelpOption[];
  readonly last: number;
}

interface Flags {
  flags: string[];
  /** With `--[no-]name`, there is `--no-name` as well. */
  negative: string | undefined;
  values: string[];
  joined: boolean;
  optionalValue: boolean;
}

const FLAG = /^(?:--?\[no-?\][\w.-]+|--?[\w?#@][\w.-]*)/u;
/** `, `, ` | `, ` / `, ` or ` between flags that stand for one option. */
const BETWEEN = /^(?:,\s*|\s*\|\s*|\s\/\s|\sor\s|\s+)(?=-{1,2}[\w[])/u;
const VALUES = [
  { form: /^\[=?\s?([^\]]*)\]/u, joined: true, optional: true },
  { form: /^=(\{[^}]*\}|<[^>]*>|\[[^\]]*\]|[^\s,]+)/u, joined: true, optional: false },
  // In brackets of any kind, or in capitals, also several of them.
  {
    form: /^ ((?:\{[^}]*\}|<[^>]*>|\[[^\]]*\]|[A-Z][A-Z0-9_:.|/-]*)(?:\.\.\.)?(?: (?:<[^>]*>|[A-Z][A-Z0-9_]*|\.\.\.))*)(?: \[[^\]]*\])?(?=\s|,|$)/u,
    joined: false,
    optional: false,
  },
  // Words, where a gap or a colon ends them.
  {
    form: /^ ([a-z][\w|:-]*(?: [a-z][\w|:-]*){0,2})(?=\s{2,}\S|\s*:\s|,\s*-)/u,
    joined: false,
    optional: false,
  },
  // In brackets, with more behind them.
  { form: /^ ([<[{]\S*)/u, joined: false, optional: false },
  // The types of Go's flags, and what is alone on its line.
  { form: /^ ([a-z][\w|-]*)$/u, joined: false, optional: false },
] as const;
/** Every program's; not what a tool is for. */
const OF_PEOPLE = new Set(['--help', '-help', '--version', '-version']);
const MAX_DESCRIPTION_CHARACTERS = 400;

/** The options that line `index` begins; undefined: none. */
export function optionAt(lines: readonly string[], index: number): FoundOptions | undefined {
  let last = index;
  let line = lines[index]!;
  const indent = line.length - line.trimStart().length;
  if (!/^\s*-{1,2}[\w?[#@]/u.test(line)) return undefined;
  // Flags that go on in the next line.
  while (/^\s*-[^\s]*(?:,\s*-\S*)*,\s*$/u.test(line) && /^\s*-/u.test(lines[last + 1] ?? '')) {
    last += 1;
    line = `${line.trimEnd()} ${lines[last]!.trim()}`;
  }
  const read = readFlags(line.trimStart());
  if (!read) return undefined;
  const { rest, ...flags } = read;
  const description = [rest.replace(/^\s*:?\s*/u, '').trim()];
  for (let next = last + 1; next < lines.length; next++) {
    const more = lines[next]!;
    const isMore = more.trim() !== '' && more.length - more.trimStart().length > indent;
    if (!isMore || (readFlags(more.trimStart()) && /^\s*-/u.test(more) && !isIndentedText(more, indent)))
      break;
    description.push(more.trim());
    last = next;
  }
  return { options: optionsOf(flags, description.join(' ').trim()), last };
}

/** Deeper than any list of options is within its section: text that happens to begin with a dash. */
function isIndentedText(line: string, indent: number): boolean {
  return line.length - line.trimStart().length > indent + 12;
}

function readFlags(text: string): (Flags & { rest: string }) | undefined {
  const read: Flags = { flags: [], negative: undefined, values: [], joined: false, optionalValue: false };
  let rest = text;
  while (true) {
    const flag = FLAG.exec(rest)?.[0];
    if (flag === undefined) break;
    rest = rest.slice(flag.length);
    // `-NUM` is a number after a dash.
    if (/^-[A-Z]{3,}$/u.test(flag)) return undefined;
    const plain = flag.replace(/\[no-?\]/u, '');
    if (plain !== flag) read.negative = flag.replace(/\[|\]/gu, '');
    read.flags.push(plain);
    const value = VALUES.map(({ form, ...how }) => ({ found: form.exec(rest), how })).find(
      ({ found }) => found,
    );
    if (value?.found) {
      rest = rest.slice(value.found[0].length);
      read.values.push(value.found[1] ?? '');
      read.joined ||= value.how.joined;
      read.optionalValue ||= value.how.optional;
    }
    const between = BETWEEN.exec(rest)?.[0];
    if (between === undefined) break;
    rest = rest.slice(between.length);
  }
  // What goes on at once is no flag but text, such as `-NUM` or `-I<folder>`.
  return read.flags.length > 0 && /^(?:,?$|\s)/u.test(rest) ? { ...read, rest } : undefined;
}

function optionsOf({ flags, negative, values, joined, optionalValue }: Flags, text: string): HelpOption[] {
  if (flags.some((flag) => OF_PEOPLE.has(flag))) return [];
  const long = flags.find((flag) => flag.startsWith('--')) ?? flags.find((flag) => flag.length > 2);
  const name = (long ?? flags[0] ?? '').replace(/^-+/u, '');
  // Yargs says it at the end of the description.
  const value = values.find((each) => each !== '') ?? /\[(string|number|array)\]/u.exec(text)?.[1];
  // Two values for one option, which a definition can't say.
  if (name === '' || (value !== undefined && /^\S+ (?!\.\.\.)\S+/u.test(value) && !/^[<[{]/u.test(value)))
    return [];
  const description =
    text.length > MAX_DESCRIPTION_CHARACTERS ? `${text.slice(0, MAX_DESCRIPTION_CHARACTERS)}…` : text;
  const option: HelpOption = {
    name,
    flags,
    value,
    joined,
    optionalValue,
    several:
      value !== undefined &&
      (/\S\.\.\.$|^array$/u.test(value) ||
        /(?:multiple|several|many|more than one) times?|repeat(?:ed|able)|more than once/iu.test(text)),
    choices: choicesOf(value, text),
    description,
    required: /[[(]required[\])]/iu.test(text),
  };
  return negative === undefined
    ? [option]
    : [
        option,
        {
          ...option,
          name: negative.replace(/^-+/u, ''),
          flags: [negative],
          value: undefined,
          description: '',
        },
      ];
}

function choicesOf(value: string | undefined, text: string): string[] {
  if (value === undefined) return [];
  const listed =
    /^\{(.+)\}/u.exec(value)?.[1] ??
    /^[<[]?([\w.-]+(?:\|[\w.-]+)+)[>\]]?$/u.exec(value)?.[1] ??
    /\[possible values: ([^\]]+)\]/u.exec(text)?.[1] ??
    '';
  return listed
    .split(/[|,]/u)
    .map((each) => each.trim())
    .filter(Boolean);
}
