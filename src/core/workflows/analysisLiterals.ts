import type { SyntaxNode } from '@lezer/common';
import type { Json } from '../contract/execution.ts';

const LITERAL = /^([a-z]*)("""|'''|"|')/i;
const ESCAPE =
  /\\(?:\n|([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|N\{([^}]*)\}|([\\'"abfnrtv]))/g;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const INTEGER = /^(?:0x[\da-f]+|0o[0-7]+|0b[01]+|\d+)$/i;
const FLOAT = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The children of a node that are not comments. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'Comment') children.push(child);
  }
  return children;
}

/** What parentheses around an expression hold. */
export function withoutParentheses(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (inner.name === 'ParenthesizedExpression') {
    const held = childrenOf(inner)[1];
    if (!held) break;
    inner = held;
  }
  return inner;
}

/** The text of one or several string literals side by side; undefined for bytes, f-strings and all else. */
export function textOf(node: SyntaxNode, source: string): string | undefined {
  const unwrapped = withoutParentheses(node);
  if (unwrapped.name === 'String') return textOfLiteral(source.slice(unwrapped.from, unwrapped.to));
  if (unwrapped.name !== 'ContinuedString') return undefined;
  const parts = childrenOf(unwrapped).map((part) => textOfLiteral(source.slice(part.from, part.to)));
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}

/**
 * The value of an expression that Python's `ast.literal_eval` takes and JSON can say; undefined for all others
 * (bytes, sets, complex numbers, integers that a double cannot hold, keys that are not text).
 */
export function literalValue(expression: SyntaxNode, source: string): Json | undefined {
  const node = withoutParentheses(expression);
  switch (node.name) {
    case 'None':
      return null;
    case 'Boolean':
      return source.slice(node.from, node.to) === 'True';
    case 'Number':
      return numberValue(source.slice(node.from, node.to));
    case 'UnaryExpression':
      return signedValue(node, source);
    case 'String':
    case 'ContinuedString':
      return textOf(node, source);
    case 'ArrayExpression':
    case 'TupleExpression':
      return itemsValue(node, source);
    case 'DictionaryExpression':
      return dictionaryValue(node, source);
    default:
      return undefined;
  }
}

function textOfLiteral(literal: string): string | undefined {
  const [, prefix = '', quote = ''] = LITERAL.exec(literal) ?? [];
  if (quote === '' || /[bft]/i.test(prefix)) return undefined;
  const body = literal.slice(prefix.length + quote.length, -quote.length).replace(/\r\n?/g, '\n');
  if (/r/i.test(prefix)) return body;
  let isKnown = true;
  const text = body.replace(ESCAPE, (...[, octal, hex, short, long, name, simple]: string[]) => {
    if (octal) return String.fromCodePoint(Number.parseInt(octal, 8));
    const code = hex ?? short ?? long;
    if (code) {
      const point = Number.parseInt(code, 16);
      isKnown &&= point <= 0x10ffff;
      return isKnown ? String.fromCodePoint(point) : '';
    }
    // Names of characters are known to Python alone.
    if (name !== undefined) isKnown = false;
    return SIMPLE_ESCAPES[simple ?? ''] ?? '';
  });
  return isKnown ? text : undefined;
}

function numberValue(text: string): number | undefined {
  const digits = text.replaceAll('_', '');
  if (INTEGER.test(digits)) {
    const value = Number(digits);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const value = FLOAT.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function signedValue(node: SyntaxNode, source: string): number | undefined {
  const [sign, operand] = childrenOf(node);
  if (sign?.name !== 'ArithOp' || !operand) return undefined;
  const number = withoutParentheses(operand);
  if (number.name !== 'Number') return undefined;
  const value = numberValue(source.slice(number.from, number.to));
  if (value === undefined) return undefined;
  return source[sign.from] === '-' ? -value : value;
}

function itemsValue(node: SyntaxNode, source: string): Json[] | undefined {
  const values: Json[] = [];
  for (const item of childrenOf(node).slice(1, -1)) {
    if (item.name === ',') continue;
    const value = literalValue(item, source);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function dictionaryValue(node: SyntaxNode, source: string): Json | undefined {
  const entries: [string, Json][] = [];
  const parts = childrenOf(node)
    .slice(1, -1)
    .filter((part) => part.name !== ',');
  for (let index = 0; index < parts.length; index += 3) {
    const [key, colon, item] = parts.slice(index, index + 3);
    if (!key || colon?.name !== ':' || !item) return undefined;
    const name = textOf(key, source);
    const value = literalValue(item, source);
    if (name === undefined || value === undefined) return undefined;
    entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}
