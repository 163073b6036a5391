import { isRange, isVersion, satisfies } from './versions.ts';

/** What is known of the environment that packages are in. */
export interface MarkerEnvironment {
  /** With all its numbers: `3.12.1`. */
  readonly python?: string;
  /** As `sys.platform`: `linux`, `darwin`, `win32`, `emscripten`. */
  readonly platform?: string;
}

/** No marker that means something is as long. */
const MAX_LENGTH = 1000;

/** A variable's value, or undefined where it is not known. */
type Variables = Readonly<Record<string, string | undefined>>;

const TOKEN = /\s*(?:(\(|\))|(===|~=|==|!=|<=|>=|<|>)|"([^"]*)"|'([^']*)'|([A-Za-z_][A-Za-z0-9_.]*))/y;
const PLATFORMS: Readonly<Record<string, string>> = {
  linux: 'Linux',
  darwin: 'Darwin',
  win32: 'Windows',
  emscripten: 'Emscripten',
};

/** The environment marker of a package as it is written; undefined: it has none. */
export function markerOf(spec: string): string | undefined {
  // In a URL a semicolon is one of its characters unless a blank is before it.
  const at = spec.search(/@|:\/\//.test(spec) ? /\s;/ : /;/);
  return at === -1 ? undefined : spec.slice(spec.indexOf(';', at) + 1).trim();
}

/**
 * Whether an environment marker (PEP 508) holds, with no extras.
 *
 * @returns undefined where that depends on what is not known, or it is none
 */
export function evaluateMarker(marker: string, environment: MarkerEnvironment): boolean | undefined {
  const tokens = marker.length > MAX_LENGTH ? undefined : tokensOf(marker);
  if (!tokens) return undefined;
  const parser = new MarkerParser(tokens, variablesOf(environment));
  const holds = parser.either();
  return parser.isAtEnd ? holds : undefined;
}

/** A part of a marker. */
interface Token {
  readonly kind: 'bracket' | 'operator' | 'text' | 'word';
  readonly text: string;
}

function tokensOf(marker: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const end = marker.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const found = TOKEN.exec(marker);
    if (!found) return undefined;
    const [, bracket, operator, double, single, word] = found;
    if (bracket !== undefined) tokens.push({ kind: 'bracket', text: bracket });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'text', text: double ?? single ?? '' });
  }
  return tokens;
}

/** `a or b and (c or d)`, with "not known" as a third value beside true and false. */
class MarkerParser {
  readonly #tokens: readonly Token[];
  readonly #variables: Variables;
  #at = 0;

  constructor(tokens: readonly Token[], variables: Variables) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(): boolean | undefined {
    const parts = [this.#both()];
    while (this.#takes('word', 'or')) parts.push(this.#both());
    return parts.includes(true) || (parts.includes(undefined) ? undefined : false);
  }

  #both(): boolean | undefined {
    const parts = [this.#single()];
    while (this.#takes('word', 'and')) parts.push(this.#single());
    return !parts.includes(false) && (parts.includes(undefined) ? undefined : true);
  }

  #single(): boolean | undefined {
    if (this.#takes('bracket', '(')) {
      const inner = this.either();
      return this.#takes('bracket', ')') ? inner : undefined;
    }
    const left = this.#next();
    const operator = this.#operator();
    const right = this.#next();
    return left && operator && right ? this.#compare(left, operator, right) : undefined;
  }

  #operator(): string | undefined {
    const token = this.#next();
    if (token?.kind === 'operator' || token?.text === 'in') return token.text;
    return token?.text === 'not' && this.#takes('word', 'in') ? 'not in' : undefined;
  }

  #compare(left: Token, operator: string, right: Token): boolean | undefined {
    const [a, b] = [this.#valueOf(left), this.#valueOf(right)];
    if (a === undefined || b === undefined) return undefined;
    if (operator === 'in') return b.includes(a);
    if (operator === 'not in') return !b.includes(a);
    // Versions are compared as such, whichever side they are on; all else as text.
    if (left.kind === 'word' && isVersion(a) && isRange(operator + b)) return satisfies(a, operator + b);
    if (right.kind === 'word' && isVersion(b)) return satisfies(b, mirrored(operator) + a);
    if (operator === '==' || operator === '===') return a === b;
    return operator === '!=' ? a !== b : undefined;
  }

  #valueOf({ kind, text }: Token): string | undefined {
    return kind === 'text' ? text : this.#variables[text];
  }

  #takes(kind: Token['kind'], text: string): boolean {
    const token = this.#tokens[this.#at];
    const isSo = token?.kind === kind && token.text === text;
    if (isSo) this.#at += 1;
    return isSo;
  }

  #next(): Token | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }
}

function mirrored(operator: string): string {
  return operator.startsWith('<') ? operator.replace('<', '>') : operator.replace('>', '<');
}

function variablesOf({ python, platform }: MarkerEnvironment): Variables {
  const [release = ''] = /^\d+\.\d+/.exec(python ?? '') ?? [];
  return {
    python_full_version: python,
    python_version: release === '' ? undefined : release,
    sys_platform: platform,
    platform_system: platform === undefined ? undefined : PLATFORMS[platform],
    os_name: platform === undefined ? undefined : platform === 'win32' ? 'nt' : 'posix',
    extra: '',
  };
}
