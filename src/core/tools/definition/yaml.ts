import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type ScalarTag,
  stringify,
  type Tags,
  visit,
} from 'yaml';
import type { Json } from '../../contract/execution.ts';

/** A place in a text, as UTF-16 offsets; `end` is not part of it. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** What is wrong with the YAML itself. */
export interface YamlProblem extends TextRange {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** Keys and indexes that lead to something in YAML. */
export type YamlPath = readonly (string | number)[];

/** PyYAML, which py-code-mode reads the same files with, takes these words for truth values as well. */
const BOOLEAN: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: (value) => typeof value === 'boolean',
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
  stringify: ({ value }) => String(value),
};

const OPTIONS = {
  merge: true,
  customTags: (tags: Tags): Tags => [
    BOOLEAN,
    ...tags.filter((tag) => typeof tag === 'string' || tag.tag !== BOOLEAN.tag),
  ],
};

const READING = {
  ...OPTIONS,
  prettyErrors: false,
  // It says so of keys that are no text; so do we.
  logLevel: 'error',
  // It compares each key with each.
  uniqueKeys: false,
} as const;

/** How often what is named once may be used: little YAML can be made to stand for very much. */
const MAX_ALIASES = 100;

/** What is said at most: one mistake can lead to many errors. */
const MAX_ERRORS = 20;

/** One YAML document: what it says, what is wrong with it, and where in the text something stands. */
export class YamlText {
  /** As plain data; undefined where it can't be read. */
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  readonly #text: string;
  readonly #document: Document | undefined;

  /** Never throws. */
  constructor(text: string) {
    this.#text = text;
    const problems: YamlProblem[] = [];
    try {
      this.#document = parseDocument(text, READING);
      for (const { message, pos } of this.#document.errors.slice(0, MAX_ERRORS)) {
        problems.push({ severity: 'error', message: sentence(message), ...this.#within(pos) });
      }
      for (const { message, pos } of this.#document.warnings.slice(0, MAX_ERRORS)) {
        problems.push({ severity: 'warning', message: sentence(message), ...this.#within(pos) });
      }
      problems.push(...this.#checkKeys(this.#document.contents));
      if (problems.every(({ severity }) => severity === 'warning')) {
        this.value = this.#document.toJS({ maxAliasCount: MAX_ALIASES });
      }
    } catch (error) {
      problems.push({ severity: 'error', message: unreadable(error), start: 0, end: this.#lineEnd(0) });
    }
    this.problems = problems;
  }

  /**
   * Where something stands, for a person to look at: a scalar itself, anything larger by its key. What is missing is said
   * of what it is missing in.
   *
   * @param part - `key`: the last key of the path, whatever it holds
   */
  rangeOf(path: YamlPath, part: 'key' | 'value' = 'value'): TextRange {
    let node: unknown = this.#document?.contents;
    let key: unknown;
    for (const step of path) {
      const container = this.#resolved(node);
      if (isMap(container)) {
        const pair = container.items.find((each) => keyText(each) === String(step));
        if (!pair) break;
        ({ key, value: node } = pair);
      } else if (isSeq(container) && typeof step === 'number' && step < container.items.length) {
        node = container.items[step];
        key = undefined;
      } else break;
    }
    const isValue = part === 'value' && (isScalar(node) ? node.value !== null : isAlias(node));
    return this.#rangeOfNode(isValue || key === undefined ? node : key);
  }

  /** The path of the key that stands at an offset; undefined where there is none. */
  keyAt(offset: number): YamlPath | undefined {
    let found: YamlPath | undefined;
    if (!this.#document) return undefined;
    visit(this.#document, {
      Pair: (_, pair, ancestors) => {
        const range = (pair.key as Node | null)?.range;
        if (!range || offset < range[0] || offset > range[1]) return undefined;
        found = pathOf([...ancestors, pair]);
        return visit.BREAK;
      },
    });
    return found;
  }

  #rangeOfNode(node: unknown): TextRange {
    const range = (node as Node | null | undefined)?.range;
    const first = isMap(node) ? (node.items[0]?.key as Node | undefined)?.range : undefined;
    if (first && node === this.#document?.contents) return this.#within([first[0], first[1]]);
    return range ? this.#within([range[0], range[1]]) : { start: 0, end: this.#lineEnd(0) };
  }

  /** In one line, and at least one character where the line has any. */
  #within([start, end]: readonly [number, number]): TextRange {
    const lineEnd = this.#lineEnd(start);
    return { start, end: Math.min(Math.max(end, Math.min(start + 1, lineEnd)), lineEnd) };
  }

  #lineEnd(start: number): number {
    const { length } = /^[^\r\n]*/u.exec(this.#text.slice(start))?.[0] ?? '';
    return start + length;
  }

  /** Keys are text, each of them once in its mapping. */
  #checkKeys(node: unknown): YamlProblem[] {
    if (isSeq(node)) return node.items.flatMap((item) => this.#checkKeys(item));
    if (!isMap(node)) return [];
    const problems: YamlProblem[] = [];
    const seen = new Set<string>();
    for (const pair of node.items) {
      const { key } = pair;
      if (!isScalar(key)) {
        const message = 'A key is text; this is a list or a mapping.';
        problems.push({ severity: 'error', message, ...this.#rangeOfNode(key) });
        continue;
      }
      // An option may be called `no`, or `1`.
      const isText = typeof key.value === 'string' || typeof key.value === 'symbol' || key.value === null;
      if (!isText) key.value = key.source ?? String(key.value);
      const name = keyText(pair);
      if (seen.has(name) && typeof key.value !== 'symbol') {
        const message = `\`${name}\` is there twice; the last one counts.`;
        problems.push({ severity: 'warning', message, ...this.#rangeOfNode(key) });
      }
      seen.add(name);
      problems.push(...this.#checkKeys(pair.value));
    }
    return problems;
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) && this.#document ? node.resolve(this.#document) : node;
  }
}

/** A configuration as YAML, in its order. */
export function toYaml(config: Readonly<Record<string, Json>>): string {
  return stringify(config, { ...OPTIONS, lineWidth: 0, aliasDuplicateObjects: false });
}

/** @param nodes - from the document down, as a visit of it has them */
function pathOf(nodes: readonly unknown[]): (string | number)[] {
  return nodes.flatMap<string | number>((node, depth) => {
    if (isPair(node)) return [keyText(node)];
    const above = nodes[depth - 1];
    return isSeq(above) ? [above.items.indexOf(node)] : [];
  });
}

function keyText({ key }: Pair): string {
  return isScalar(key) ? String(key.value ?? '') : '';
}

const TOO_DEEP = 'It is nested too deeply.';

function sentence(message: string): string {
  if (message.startsWith('Tabs are not allowed')) return 'Lines are indented by blanks in YAML, not by tabs.';
  if (message.startsWith('Maximum call stack')) return TOO_DEEP;
  const line = message.split('\n', 1)[0] ?? message;
  return /[.!?]$/u.test(line) ? line : `${line.replace(/:$/u, '')}.`;
}

function unreadable(error: unknown): string {
  if (error instanceof RangeError) return TOO_DEEP;
  if (error instanceof ReferenceError) return 'What is named once is used too often, by aliases of aliases.';
  return `It can't be read: ${error instanceof Error ? error.message : String(error)}.`;
}
