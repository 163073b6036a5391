import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import type { WorkflowParameter } from '../contract/storage.ts';
import { childrenOf, textOf, withoutParentheses } from './analysisLiterals.ts';

type TypeName = WorkflowParameter['type'];

const TYPES: ReadonlyMap<string, TypeName> = new Map([
  ['str', 'string'],
  ['int', 'integer'],
  ['float', 'number'],
  ['bool', 'boolean'],
  ['list', 'array'],
  ['dict', 'object'],
]);

/** The JSON type that an annotation stands for, by the last part of its name; `any` where it has no one name. */
export function typeName(annotation: SyntaxNode, source: string): TypeName {
  const node = withoutParentheses(annotation);
  const written = textOf(node, source);
  if (written !== undefined) return typeOfText(written);
  if (node.name === 'BinaryExpression') return typeOfUnion(node, source);
  if (node.name === 'MemberExpression' && childrenOf(node)[1]?.name === '[') {
    const [generic, , ...subscript] = childrenOf(node);
    if (!generic) return 'any';
    if (lastName(generic, source) !== 'Optional') return typeName(generic, source);
    const [only, closing] = subscript;
    return only && closing?.name === ']' ? typeName(only, source) : 'any';
  }
  return TYPES.get(lastName(node, source).toLowerCase()) ?? 'any';
}

/** An annotation in quotes is read as the expression that it holds. */
function typeOfText(text: string): TypeName {
  if (/^[ \t\f]/.test(text)) return 'any';
  const tree = parser.parse(text);
  const [statement, ...more] = childrenOf(tree.topNode);
  if (statement?.name !== 'ExpressionStatement' || more.length > 0) return 'any';
  const [expression, ...rest] = childrenOf(statement);
  return expression && rest.length === 0 ? typeName(expression, text) : 'any';
}

/** The type of `X | None`; other unions have no one name. */
function typeOfUnion(node: SyntaxNode, source: string): TypeName {
  const [left, operator, right] = childrenOf(node);
  if (!left || !right || !operator || source.slice(operator.from, operator.to) !== '|') return 'any';
  if (withoutParentheses(right).name === 'None') return typeName(left, source);
  return withoutParentheses(left).name === 'None' ? typeName(right, source) : 'any';
}

function lastName(annotation: SyntaxNode, source: string): string {
  const node = withoutParentheses(annotation);
  const name = node.name === 'MemberExpression' ? node.lastChild : node;
  return name?.name === 'VariableName' || name?.name === 'PropertyName'
    ? source.slice(name.from, name.to).normalize('NFKC')
    : '';
}
