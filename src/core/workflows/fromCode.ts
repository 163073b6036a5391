import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import { dedent } from '../python-source/dedent.ts';
import { scan } from '../python-source/scanner.ts';
import { freeNames } from './freeNames.ts';

/** What a workflow is made of from code that ran in a session. */
export interface CodeOfWorkflow {
  readonly code: string;
  /** Becomes the module's docstring; may be empty. */
  readonly description: string;
  /** The type that the session has for a name, such as `int` or `DataFrame`. */
  readonly types?: ReadonlyMap<string, string>;
}

const INDENT = '    ';
/** What every workflow sees: these need not be handed to it. */
const NAMESPACES: ReadonlySet<string> = new Set(['tools', 'workflows', 'artifacts', 'deps']);
/** What only a session sees without importing it. */
const DISPLAY: ReadonlySet<string> = new Set(['display', 'update_display', 'clear_output']);
/** Types that a parameter can be given from outside. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(['str', 'int', 'float', 'bool', 'list', 'dict']);

/** A workflow to begin with. */
export function workflowTemplate(description: string): string {
  return `${docstring(description)}async def run(name: str = "world") -> str:\n${INDENT}return f"Hello, {name}!"\n`;
}

/**
 * A workflow whose `run` does what the code does: the names that it takes from the session become parameters, and what its last
 * line gives becomes the result. The code is only read, never run.
 */
export function workflowFromCode({ code, description, types = new Map() }: CodeOfWorkflow): string {
  const body = withoutMagics(dedent(code)).replace(/^(?:[ \t]*\n)+|\s+$/gu, '');
  const names = freeNames(body).filter((name) => !NAMESPACES.has(name));
  const shown = names.filter((name) => DISPLAY.has(name));
  const parameters = names
    .filter((name) => !DISPLAY.has(name))
    .map((name) => withType(name, types.get(name)));
  const { imports, rest } = liftImports(withReturn(body));
  if (shown.length > 0) imports.push(`from code_mode.display import ${shown.join(', ')}`);
  const header = imports.length > 0 ? `${imports.join('\n')}\n\n\n` : '';
  return `${docstring(description)}${header}async def run(${parameters.join(', ')}):\n${indented(rest)}\n`;
}

/** Without lines such as `%pip install six`, which are for cells; a body that they stand in keeps a statement. */
function withoutMagics(code: string): string {
  const { lines, logicalLines } = scan(code);
  const written = [...lines];
  for (const { startLine, endLine, indent, keyword } of logicalLines) {
    if (keyword !== '%') continue;
    written.fill('', startLine, endLine + 1);
    if (indent > 0) written[startLine] = `${/^\s*/u.exec(lines[startLine] ?? '')?.[0]}pass`;
  }
  return written.join('\n');
}

function withType(name: string, type: string | undefined): string {
  return type !== undefined && PLAIN_TYPES.has(type) ? `${name}: ${type}` : name;
}

/** The docstring with the blank lines behind it; empty where there is nothing to say. */
function docstring(description: string): string {
  const text = description.trim().replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"');
  if (text === '') return '';
  return `"""${text.endsWith('"') ? `${text.slice(0, -1)}\\"` : text}"""\n\n\n`;
}

/** Gives back what the last line of the code gives, unless that is something that is called to be seen. */
function withReturn(body: string): string {
  const last = lastStatement(body);
  if (last?.name !== 'ExpressionStatement') return body;
  const text = body.slice(last.from, last.to);
  if (/^(?:print|display|update_display|clear_output)\s*\(/u.test(text) || /^yield\b/u.test(text))
    return body;
  return `${body.slice(0, last.from)}return ${body.slice(last.from)}`;
}

function lastStatement(body: string): SyntaxNode | null {
  let last = parser.parse(body).topNode.lastChild;
  while (last && (last.name === 'Comment' || last.name === ';')) last = last.prevSibling;
  return last?.name === 'StatementGroup' ? last.lastChild : last;
}

/** Takes out what Python allows at the top of a module only: imports of everything, and from the future. */
function liftImports(body: string): { imports: string[]; rest: string } {
  const { topNode } = parser.parse(body);
  const imports: string[] = [];
  let rest = '';
  let from = 0;
  for (let node = topNode.firstChild; node; node = node.nextSibling) {
    const text = body.slice(node.from, node.to);
    const isLifted =
      node.name === 'ImportStatement' && /^from\s+(?:__future__\b|[\s\S]*\bimport\s*\*)/u.test(text);
    if (!isLifted) continue;
    imports.push(text);
    rest += body.slice(from, node.from);
    from = body[node.to] === '\n' ? node.to + 1 : node.to;
  }
  return { imports: imports.sort(futureFirst), rest: rest + body.slice(from) };
}

function futureFirst(one: string, other: string): number {
  return Number(other.includes('__future__')) - Number(one.includes('__future__'));
}

/** The lines below `run`; the inner lines of strings are their content and stay as they are. */
function indented(body: string): string {
  const { lines, starts } = scan(body);
  const hasCode = starts.some((start) => start === 'code');
  const written = lines.map((line, index) =>
    starts[index] === 'string' || line.trim() === '' ? line : INDENT + line,
  );
  return (hasCode ? written : [...written.filter((line) => line.trim() !== ''), `${INDENT}pass`]).join('\n');
}
