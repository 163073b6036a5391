import { normalizeName, type PackageSpec, parsePackageSpec } from '../packageSpec.ts';

/** What a line of a requirements file says. */
export type RequirementContent =
  | Requirement
  /** Another file, relative to this one; one of constraints says which versions may be installed, and installs nothing. */
  | { readonly kind: 'include'; readonly target: string; readonly isConstraint: boolean }
  /** An option for the installer, a comment, nothing. */
  | { readonly kind: 'other' };

/** Something to install. */
interface Requirement {
  readonly kind: 'requirement';
  /** Normalised; undefined where it can't be told: a path, a URL. */
  readonly name: string | undefined;
  /** As it is written, with its marker; without options and comment. */
  readonly spec: string;
  /** Whether it holds only where a marker does. */
  readonly isConditional: boolean;
  /** Where the package and its versions are, without a marker, in the text of the line. */
  readonly start: number;
  readonly end: number;
}

/** A line with those that it is continued on. */
export interface RequirementLine {
  /** As it is written, with its ends. */
  readonly text: string;
  /** Of its beginning, counted from 1. */
  readonly number: number;
  readonly content: RequirementContent;
}

const BYTE_ORDER_MARK = '\uFEFF';
const OTHER: RequirementContent = { kind: 'other' };

/** Not the file of a package, which has such a name as well. */
const PACKAGE =
  /^(?!\S*\.(?:whl|zip|tgz|tar\.\w+)(?:$|\s))([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?: ?\[[^\]]*\])? ?(?=$|[;@(<>=!~])/i;
const EGG = /[#&]egg=([A-Za-z0-9._-]+)/;
const HASH = /(?<!\s)\s+--hash(?:=|\s+)\S+/g;
const INCLUDE = /^(?:-[rc]|--(?:requirement|constraint)(?=[\s=]))[\s=]*(?:"([^"]*)"|'([^']*)'|(\S+))/;
const EDITABLE = /^(?:-e|--editable(?=[\s=]))[\s=]*/;

/**
 * A requirements file as pip reads it. It keeps everything: the lines joined are the text, and a change of a package changes
 * only the lines of that package.
 */
export class RequirementsDocument {
  readonly #mark: string;
  readonly lines: readonly RequirementLine[];

  private constructor(mark: string, lines: readonly RequirementLine[]) {
    this.#mark = mark;
    this.lines = lines;
  }

  static parse(text: string): RequirementsDocument {
    const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
    return new RequirementsDocument(mark, logicalLines(text.slice(mark.length)));
  }

  get text(): string {
    return this.#mark + joined(this.lines);
  }

  /** The lines of a package. @param name - normalised */
  linesOf(name: string): readonly RequirementLine[] {
    return this.lines.filter((line) => isOf(line, name));
  }

  /** The text with a package in place of what its first line says, and without its others; at the end where it has none. */
  textWith(spec: PackageSpec): string {
    const [first] = this.linesOf(spec.name);
    if (!first) return this.#mark + withLine(joined(this.lines), spec.text);
    const changed = this.lines
      .filter((line) => line === first || !isOf(line, spec.name))
      .map((line) => (line === first ? withPackage(line, spec) : line.text));
    return this.#mark + changed.join('');
  }

  /** The text without the lines of a package. @param name - normalised */
  textWithout(name: string): string {
    return this.#mark + joined(this.lines.filter((line) => !isOf(line, name)));
  }
}

function joined(lines: readonly RequirementLine[]): string {
  return lines.map(({ text }) => text).join('');
}

function isOf({ content }: RequirementLine, name: string): boolean {
  return content.kind === 'requirement' && content.name === name;
}

/** A comment stands for itself whatever its end: it is not continued, and ends a line that is. */
function logicalLines(text: string): RequirementLine[] {
  const lines: RequirementLine[] = [];
  let raw = '';
  let said = '';
  let first = 1;
  let number = 0;
  const finish = () => {
    lines.push({ text: raw, number: first, content: contentOf(said) });
    raw = '';
    said = '';
  };
  for (const [line, body = ''] of text.matchAll(/([^\r\n]*)(?:\r\n|\n|\r|$)/g)) {
    if (line === '') break;
    number += 1;
    if (raw === '') first = number;
    raw += line;
    const isContinued = body.endsWith('\\') && !/^\s*#/.test(body);
    // Blanks for what continues it, so that places in what is said are places in the text.
    said += isContinued ? body.replace(/(?<!\\)\\+$/, '').padEnd(line.length) : body;
    if (!isContinued) finish();
  }
  if (raw !== '') finish();
  return lines;
}

function contentOf(line: string): RequirementContent {
  const said = before(line, /(?:^|\s)#/).trimEnd();
  const start = said.search(/\S/);
  if (start === -1) return OTHER;
  const text = said.slice(start);
  if (!text.startsWith('-')) return requirementOf(text, '', start);
  const [, ...targets] = INCLUDE.exec(text) ?? [];
  const target = targets.find((each) => each !== undefined);
  if (target !== undefined) {
    // What lies elsewhere is the installer's to fetch.
    if (/^[a-z]+:\/\//i.test(target)) return OTHER;
    return { kind: 'include', target, isConstraint: /^--?c/.test(text) };
  }
  const [editable] = EDITABLE.exec(text) ?? [];
  return editable === undefined ? OTHER : requirementOf(text.slice(editable.length), editable, start);
}

/** @param option - in front of it; {@link Requirement.start} is where that begins */
function requirementOf(text: string, option: string, start: number): Requirement {
  const whole = before(text, /\s-/).trimEnd();
  const place = before(whole, /@|:\/\//.test(whole) ? /\s;/ : /;/).trimEnd();
  const spec = whole.replace(/\s+/g, ' ');
  const [, name] = PACKAGE.exec(spec) ?? EGG.exec(spec) ?? [];
  return {
    kind: 'requirement',
    name: name === undefined ? undefined : normalizeName(name),
    spec: option.replace(/\s+/g, ' ') + spec,
    isConditional: place.length < whole.length,
    start,
    end: start + option.length + place.length,
  };
}

function before(text: string, pattern: RegExp): string {
  const at = text.search(pattern);
  return at === -1 ? text : text.slice(0, at);
}

/** The text of a line with another version of its package; marker, comment and options stay, hashes of the old one go. */
function withPackage({ text, content }: RequirementLine, spec: PackageSpec): string {
  if (content.kind !== 'requirement') return text;
  const { start, end } = content;
  if (isSame(unbroken(text.slice(start, end)), spec)) return text;
  return text.slice(0, start) + spec.text + withoutHashes(text.slice(end));
}

function withoutHashes(text: string): string {
  const said = unbroken(text);
  let kept = '';
  let from = 0;
  for (const { index, 0: hash } of before(said, /\s#/).matchAll(HASH)) {
    kept += text.slice(from, index);
    from = index + hash.length;
  }
  return kept + text.slice(from);
}

/** With blanks for what continues a line. */
function unbroken(text: string): string {
  return text.replace(/(?<!\\)\\+(?:\r\n|\n|\r)/g, (end) => ' '.repeat(end.length));
}

function isSame(written: string, { text }: PackageSpec): boolean {
  try {
    return parsePackageSpec(written).text === text;
  } catch {
    return false;
  }
}

function withLine(text: string, line: string): string {
  const end = /(\r\n|\n|\r)[^\r\n]*$/.exec(text)?.[1] ?? '\n';
  const ended = text === '' || /[\r\n]$/.test(text) ? text : text + end;
  // A backslash at the end of all would continue that line on the new one.
  return ended + (/\\(?:\r\n|\n|\r)$/.test(ended) ? end : '') + line + end;
}
