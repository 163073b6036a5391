import { type HelpOption, optionAt } from './options.ts';
import { type UsageArgument, usageArguments } from './usage.ts';

/** What a program says of itself. Plain data. */
export interface HelpText {
  /** What it is for; empty where it does not say. */
  readonly description: string;
  readonly options: readonly HelpOption[];
  /** What follows the options. */
  readonly positionals: readonly HelpPositional[];
  readonly subcommands: readonly HelpEntry[];
}

/** A name with what it means. */
export interface HelpEntry {
  readonly name: string;
  readonly description: string;
}

export interface HelpPositional extends HelpEntry {
  readonly required: boolean;
  readonly several: boolean;
  readonly choices: readonly string[];
}

/** What the part of a help text is about. */
type Section = 'beginning' | 'options' | 'positionals' | 'commands' | 'other';

const HEADER = /^\s{0,3}(\S.*?):?\s*$/u;
/** A name, and two blanks further what it means; a name may be followed by what it takes. */
const ENTRY = /^\s{1,8}(\S+(?: \S+)*?):?(?:\s{2,}|\t+)(\S.*)$/u;
const SENTENCE_CHARACTERS = 300;

/**
 * Reads a help text as GNU's programs, argparse, click, clap, Go's flag and their kin write them. What it can't make out
 * is left out. Never throws.
 *
 * @param words - the program and the subcommand that the help is of
 */
export function parseHelp(text: string, words: readonly string[]): HelpText {
  const lines = plainText(text).split('\n');
  const usage = takeUsage(lines);
  const options: HelpOption[] = [];
  const entries: Record<'positionals' | 'commands', HelpEntry[]> = { positionals: [], commands: [] };
  const beginning: string[] = [];
  let section: Section = 'beginning';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const found = optionAt(lines, index);
    if (found) {
      options.push(...found.options);
      index = found.last;
      if (section === 'beginning') section = 'options';
      continue;
    }
    const entry = section === 'positionals' || section === 'commands' ? ENTRY.exec(line) : null;
    if (entry && (section === 'positionals' || section === 'commands')) {
      const [, name = '', description = ''] = entry;
      const continued = continuation(lines, index, line.length - description.length);
      index += continued.length;
      entries[section].push({ name, description: [description, ...continued].join(' ') });
      continue;
    }
    section = sectionAt(line, section);
    if (section === 'beginning') beginning.push(line);
  }
  const { positionals, required } = usageArguments(usage, words);
  return {
    description: describe(beginning, words),
    options: unique(options).map((option) => ({
      ...option,
      required: option.required || required.some((flag) => option.flags.includes(flag)),
    })),
    positionals: positionals.flatMap((argument) => positionalsOf(argument, entries.positionals)),
    subcommands: entries.commands.flatMap(subcommandOf),
  };
}

/** Without colours and overstriking, with blanks for tabs. */
function plainText(text: string): string {
  return (
    text
      .replace(/\u001b\[[\d;?]*[A-Za-z]/gu, '')
      // How manual pages are made bold.
      .replace(/[^\n]\u0008/gu, '')
      .replace(/\r\n?/gu, '\n')
      .replace(/\t/gu, '    ')
  );
}

/** Takes the first usage out of the lines. @returns it in one line, without the word */
function takeUsage(lines: string[]): string {
  const start = lines.findIndex((line) => /^\s*usage:?(?:\s|$)/iu.test(line));
  if (start < 0) return '';
  let usage = lines[start]!.replace(/^\s*usage:?\s*/iu, '');
  let end = start + 1;
  const isBelow = usage === '';
  // A wide gap is before what the form means.
  while (usage === '' && end < lines.length) usage = lines[end++]!.trim().replace(/ {2,}.*/u, '');
  const indent = isBelow ? -1 : indentOf(lines[start]!);
  const isMore = (line: string) => line.trim() !== '' && indentOf(line) > indent;
  const isOther = (line: string) => /^\s*(?:or:|-{1,2}\w)/u.test(line);
  let isFirst = true;
  for (; end < lines.length && isMore(lines[end]!); end++) {
    if (isOther(lines[end]!)) {
      if (!lines[end]!.trimStart().startsWith('or:')) break;
      isFirst = false;
    }
    // A line that begins as the first does is another form of it.
    const [program = ''] = usage.split(' ');
    if (lines[end]!.trim().split(' ')[0] === program) isFirst = false;
    if (isFirst) usage += ` ${lines[end]!.trim()}`;
  }
  lines.splice(start, end - start);
  return usage;
}

function sectionAt(line: string, section: Section): Section {
  const [, title = ''] = HEADER.exec(line) ?? [];
  const isTitle = line.trimEnd().endsWith(':') || /^[A-Z][A-Z ]+$/u.test(title);
  if (title === '' || !isTitle) return section;
  if (/\bcommands?\b/iu.test(title)) return 'commands';
  if (/^(?:positional )?arg(?:ument)?s\b/iu.test(title)) return 'positionals';
  if (/option|flag/iu.test(title)) return 'options';
  // Programs with many commands list them in groups.
  return section === 'commands' && !/example|usage|environment|learn more|topic/iu.test(title)
    ? section
    : 'other';
}

/** What goes on below an entry: lines that are indented as far as its description, or nearly. */
function continuation(lines: readonly string[], index: number, column: number): string[] {
  const more: string[] = [];
  for (let next = index + 1; next < lines.length; next++) {
    const line = lines[next]!;
    if (line.trim() === '' || indentOf(line) < column - 2) break;
    more.push(line.trim());
  }
  return more;
}

/** The first paragraph that is one, up to its first sentence. */
function describe(lines: readonly string[], words: readonly string[]): string {
  const paragraphs = lines.join('\n').split(/\n\s*\n/u);
  for (const paragraph of paragraphs) {
    const text = paragraph.replace(/\s+/gu, ' ').trim();
    if (text === '' || text.endsWith(':') || /^(?:usage|example|try\b|[a-z-]+ \d)/iu.test(text)) continue;
    // An error, where the program doesn't know the option that asks for help.
    if (/(?:unknown|invalid|unrecognized|illegal) option/iu.test(text)) continue;
    if (!/\p{L} \p{L}/u.test(text) || /https?:\/\/\S+$/u.test(text)) continue;
    const sentence = /^.*?[.!](?=\s|$)/u.exec(text)?.[0] ?? text;
    const named = new RegExp(`^${literal(words.at(-1) ?? '')}\\s*(?:-+|:|–|—)\\s*`, 'iu');
    return sentence.replace(named, '').slice(0, SENTENCE_CHARACTERS);
  }
  return '';
}

function positionalsOf(argument: UsageArgument, entries: readonly HelpEntry[]): HelpPositional[] {
  const name = slug(argument.name);
  if (name === '') return [];
  const entry = entries.find((each) => slug(each.name.split(' ')[0] ?? '') === name);
  return [{ ...argument, name, description: entry?.description ?? '' }];
}

/** `package|pack [options] [version]` is the command package. */
function subcommandOf({ name, description }: HelpEntry): HelpEntry[] {
  const [word = ''] = name.split(/[\s|,:]/u);
  return /^[a-z][\w-]*$/iu.test(word) && word !== 'help' ? [{ name: word, description }] : [];
}

function unique(options: readonly HelpOption[]): HelpOption[] {
  const seen = new Set<string>();
  return options.filter(({ name }) => !seen.has(name) && seen.add(name));
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/gu, '');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}
