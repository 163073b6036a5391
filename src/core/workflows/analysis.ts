import type { SyntaxNode } from '@lezer/common';
import type { WorkflowParameter } from '../contract/storage.ts';
import { firstLine, parameterDescriptions } from './analysisDocstrings.ts';
import { childrenOf, literalValue, textOf } from './analysisLiterals.ts';
import { nameProblem } from './analysisNames.ts';
import { parsePython } from './analysisSyntax.ts';
import { typeName } from './analysisTypes.ts';

/** What a source cannot be used with (`error`), or would be better with (`hint`). */
export interface WorkflowProblem {
  readonly severity: 'error' | 'hint';
  readonly code:
    | 'syntax'
    | 'no-run'
    | 'run-not-async'
    | 'run-yields'
    | 'positional-only'
    | 'reserved-name'
    | 'unannotated';
  readonly message: string;
  /** UTF-16 offsets in the source. */
  readonly start: number;
  readonly end: number;
}

/** A parameter of `run` with how it is written. */
export interface AnalysedParameter extends WorkflowParameter {
  /** Source text, '' where there is none. */
  readonly annotation: string;
  /** Source text, '' where there is none. */
  readonly defaultSource: string;
}

/** What the source of a workflow says. */
export interface WorkflowAnalysis {
  /** The first line of the module's docstring, else of `run`'s. */
  readonly description: string;
  /** What a caller of `run` can give by name. */
  readonly parameters: readonly AnalysedParameter[];
  /** By place. */
  readonly problems: readonly WorkflowProblem[];
}

/** What a workflow sees; a parameter of such a name is filled with it, not asked of the caller. */
const NAMESPACE_NAMES = new Set(['tools', 'workflows', 'artifacts', 'deps']);

interface Parameter extends AnalysedParameter {
  readonly node: SyntaxNode;
  readonly positionalOnly: boolean;
}

/**
 * Works out what a workflow is from its source alone; nothing of it is run. Never throws. A source that Python takes
 * is not said to have an error of syntax; not every one that Python refuses is found.
 */
export function analyseWorkflow(name: string, source: string): WorkflowAnalysis {
  const { tree, error } = parsePython(source);
  const problems: WorkflowProblem[] = [];
  if (error) problems.push({ severity: 'error', code: 'syntax', ...error });

  const run = lastRun(tree.topNode, source);
  const place = nameNode(run) ?? { from: 0, to: 0 };
  const report = (
    code: WorkflowProblem['code'],
    message: string,
    { from, to }: { from: number; to: number } = place,
    severity: WorkflowProblem['severity'] = 'error',
  ) => problems.push({ severity, code, message, start: from, end: to });

  const wrongName = nameProblem(name);
  if (wrongName) report('reserved-name', wrongName);
  const documentation = run && docstringOf(run.getChild('Body'), source);
  const described = firstLine(docstringOf(tree.topNode, source) ?? '') || firstLine(documentation ?? '');
  if (!run) {
    if (!error) report('no-run', 'There is no `run`: define `async def run(...)` at the top level.');
    return { description: described, parameters: [], problems };
  }

  if (run.firstChild?.name !== 'async') {
    report('run-not-async', '`run` is a plain function: write `async def run(...)`.');
  }
  const yielding = findYield(run.getChild('Body'), source);
  if (yielding) report('run-yields', 'A workflow gives one result: return a list instead.', yielding);

  const descriptions = documentation ? parameterDescriptions(documentation) : undefined;
  const parameters = readParameters(run.getChild('ParamList'), source, descriptions);
  for (const { node, name: parameter, annotation, positionalOnly } of parameters) {
    if (positionalOnly) {
      const message = `\`${parameter}\` cannot be given by name: take the \`/\` out of the parameters.`;
      report('positional-only', message, node);
    } else if (annotation === '') {
      report(
        'unannotated',
        `\`${parameter}\` has no type: \`${parameter}: str\` says what it takes.`,
        node,
        'hint',
      );
    }
  }
  return {
    description: described,
    parameters: parameters.map(({ node: _, positionalOnly: __, ...parameter }) => parameter),
    problems: problems.sort((a, b) => a.start - b.start),
  };
}

/** As when the module runs, the last definition counts. */
function lastRun(module: SyntaxNode, source: string): SyntaxNode | undefined {
  let found: SyntaxNode | undefined;
  for (const statement of childrenOf(module)) {
    const definition =
      statement.name === 'DecoratedStatement' ? statement.getChild('FunctionDefinition') : statement;
    if (definition?.name !== 'FunctionDefinition') continue;
    const name = nameNode(definition);
    if (name && source.slice(name.from, name.to).normalize('NFKC') === 'run') found = definition;
  }
  return found;
}

function nameNode(definition: SyntaxNode | undefined): SyntaxNode | undefined {
  return definition?.getChild('VariableName') ?? undefined;
}

function readParameters(
  list: SyntaxNode | null,
  source: string,
  descriptions: ReadonlyMap<string, string> | undefined,
): Parameter[] {
  if (!list) return [];
  const groups: SyntaxNode[][] = [[]];
  for (const node of childrenOf(list).slice(1)) {
    if (node.name === ',' || node.name === ')') groups.push([]);
    else groups.at(-1)?.push(node);
  }
  // The parser gives `/` no node; a comma at the end leaves nothing either, but nothing follows that.
  const slash = groups.findIndex((group, index) => group.length === 0 && isSlash(list, index, source));
  const parameters: Parameter[] = [];
  for (const [index, [node, ...rest]] of groups.entries()) {
    if (node?.name !== 'VariableName') continue;
    const name = source.slice(node.from, node.to).normalize('NFKC');
    if (NAMESPACE_NAMES.has(name)) continue;
    const annotation = rest.find((part) => part.name === 'TypeDef')?.lastChild;
    const assign = rest.findIndex((part) => part.name === 'AssignOp');
    const value = assign < 0 ? undefined : rest[assign + 1];
    const defaultSource = value ? source.slice(value.from, value.to) : '';
    const literal = value && literalValue(value, source);
    parameters.push({
      node,
      name,
      type: annotation ? typeName(annotation, source) : 'any',
      description: descriptions?.get(name) ?? '',
      required: value === undefined,
      // Not by `??`: the literal None is null.
      default: value === undefined ? null : literal === undefined ? defaultSource : literal,
      annotation: annotation ? source.slice(annotation.from, annotation.to) : '',
      defaultSource,
      positionalOnly: index < slash,
    });
  }
  return parameters;
}

/** Whether what stands between the commas at `index` of a list of parameters is a `/`. */
function isSlash(list: SyntaxNode, index: number, source: string): boolean {
  const separators = childrenOf(list).filter((node) => ['(', ',', ')'].includes(node.name));
  const [before, after] = [separators[index], separators[index + 1]];
  if (!before || !after) return false;
  return source.slice(before.to, after.from).replace(/#.*/g, '').includes('/');
}

/** The text of the docstring that a module or body begins with. */
function docstringOf(block: SyntaxNode | null, source: string): string | undefined {
  let first = block && childrenOf(block).find((node) => node.name !== ':');
  if (first?.name === 'StatementGroup') first = childrenOf(first)[0];
  if (first?.name !== 'ExpressionStatement') return undefined;
  const [expression, ...more] = childrenOf(first);
  return expression && more.length === 0 ? textOf(expression, source) : undefined;
}

/** The first `yield` of a function's own, not of those defined inside. */
function findYield(body: SyntaxNode | null, source: string): { from: number; to: number } | undefined {
  let found: { from: number; to: number } | undefined;
  body?.cursor().iterate(({ name, from, to }) => {
    if (found || ['FunctionDefinition', 'LambdaExpression', 'ClassDefinition'].includes(name)) return false;
    if (source.startsWith('yield', from) && to - from === 5) found = { from, to };
    return undefined;
  });
  return found;
}
