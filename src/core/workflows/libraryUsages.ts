import type { SyntaxNode } from '@lezer/common';
import type { WorkflowSource } from '../contract/storage.ts';
import { childrenOf, textOf } from './analysisLiterals.ts';
import { parsePython } from './analysisSyntax.ts';

/** A place where a workflow names another one. */
export interface WorkflowUsage {
  /** The one that it stands in. */
  readonly workflow: string;
  /** UTF-16 offsets of the name in its source, quotes included where it stands in quotes. */
  readonly start: number;
  readonly end: number;
  /** 0-based. */
  readonly line: number;
  /** The line without its indentation. */
  readonly text: string;
}

/** Where `workflow` names another one, by what its syntax tree says. */
export function findUsages({ name: workflow, source }: WorkflowSource, name: string): WorkflowUsage[] {
  // Names may be written in other characters that Python takes for the same.
  if (!source.normalize('NFKC').includes(name)) return [];
  const found: WorkflowUsage[] = [];
  parsePython(source).tree.iterate({
    enter: ({ node }) => {
      const place = node.name === 'MemberExpression' ? namedBy(node, source, name) : undefined;
      if (place) found.push({ workflow, start: place.from, end: place.to, ...lineAt(source, place.from) });
    },
  });
  return found;
}

function namedBy(member: SyntaxNode, source: string, name: string): SyntaxNode | undefined {
  const [object, dot, property] = childrenOf(member);
  const textAt = (node: SyntaxNode) => source.slice(node.from, node.to).normalize('NFKC');
  if (object?.name !== 'VariableName' || textAt(object) !== 'workflows') return undefined;
  if (dot?.name !== '.' || !property) return undefined;
  const attribute = textAt(property);
  if (attribute === name) return property;
  if (attribute !== 'invoke' && attribute !== 'get') return undefined;
  const call = member.parent;
  if (call?.name !== 'CallExpression') return undefined;
  const argument = call.getChild('ArgList')?.firstChild?.nextSibling;
  return argument && textOf(argument, source)?.normalize('NFKC') === name ? argument : undefined;
}

function lineAt(source: string, offset: number): { line: number; text: string } {
  const before = source.slice(0, offset).split(/\r\n|\n|\r/u);
  const rest = source.slice(offset).split(/\r\n|\n|\r/u, 1);
  return { line: before.length - 1, text: `${before.at(-1)}${rest[0]}`.trim() };
}
