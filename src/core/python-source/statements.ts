import { dedent } from './dedent.ts';
import { type LogicalLine, type ScannedSource, scan } from './scanner.ts';

/** A statement with the statements of its body. Lines are 0-based, `endLine` is included. */
export interface Statement {
  readonly startLine: number;
  readonly endLine: number;
  /** The first word after `async`: `def`, `if`, `return`; `%` for `%pip install six`; empty for an expression or an assignment. */
  readonly keyword: string;
  /** The logical lines that belong to the statement itself: decorators, and the first line of every clause. */
  readonly headers: readonly LogicalLine[];
  readonly body: readonly Statement[];
  /** Which clause of its parent it stands in: 0 under `if`, 1 under the `else` that follows. */
  readonly clause: number;
}

/** What running "the statement under the cursor" means. */
export interface StatementAtLine {
  /** 0-based, `endLine` is included; undefined where the cursor is on a blank line or a comment. */
  readonly range: { readonly startLine: number; readonly endLine: number } | undefined;
  /** De-indented; empty without a range. */
  readonly code: string;
  /** Where the cursor goes next (0-based); undefined at the end of the source. */
  readonly nextLine: number | undefined;
}

const CLAUSES: ReadonlyMap<string, readonly string[]> = new Map([
  ['elif', ['if']],
  ['else', ['if', 'for', 'while', 'try']],
  ['except', ['try']],
  ['finally', ['try']],
]);

// A statement that Python refuses outside its enclosing one stands for that enclosing one.
const NEEDS_ENCLOSING: ReadonlyMap<string, readonly string[]> = new Map([
  ['return', ['def']],
  ['yield', ['def']],
  ['nonlocal', ['def']],
  ['break', ['for', 'while']],
  ['continue', ['for', 'while']],
  ['case', ['match']],
]);

interface MutableStatement extends Statement {
  endLine: number;
  keyword: string;
  headers: LogicalLine[];
  body: MutableStatement[];
}

/** The statements of a source as a tree, by indentation. Never throws: what isn't Python gives some tree. */
export function parseStatements(source: ScannedSource): readonly Statement[] {
  const roots: MutableStatement[] = [];
  const blocks: { indent: number; statements: MutableStatement[]; owner: MutableStatement | undefined }[] = [
    { indent: source.logicalLines[0]?.indent ?? 0, statements: roots, owner: undefined },
  ];
  const inOrder: { statement: MutableStatement; owner: MutableStatement | undefined }[] = [];
  for (const line of source.logicalLines) {
    while (blocks.length > 1 && line.indent < blocks.at(-1)!.indent) blocks.pop();
    let block = blocks.at(-1)!;
    const previous = block.statements.at(-1);
    if (line.indent > block.indent && previous) {
      block = { indent: line.indent, statements: previous.body, owner: previous };
      blocks.push(block);
    } else if (line.indent < block.indent) {
      block.indent = line.indent;
    }
    const last = block.statements.at(-1);
    // `case` is a name like any other outside a match; inside, each one is a branch of its own.
    const isCase = line.keyword === 'case' && block.owner?.keyword === 'match';
    const clause = isCase ? block.statements.length : (block.owner?.headers.length ?? 1) - 1;
    if (last && continues(last, line)) {
      last.headers.push(line);
      last.endLine = line.endLine;
      if (last.keyword === '@') last.keyword = line.keyword;
    } else {
      const statement: MutableStatement = {
        startLine: line.startLine,
        endLine: line.endLine,
        keyword: line.keyword === 'case' && !isCase ? '' : line.keyword,
        headers: [line],
        body: [],
        clause,
      };
      block.statements.push(statement);
      inOrder.push({ statement, owner: block.owner });
    }
  }
  // Backwards, so that every body has its own end before the statement around it asks for it.
  for (const { statement, owner } of inOrder.reverse()) {
    if (owner && owner.endLine < statement.endLine) owner.endLine = statement.endLine;
  }
  return roots;
}

function continues(last: Statement, line: LogicalLine): boolean {
  if (last.keyword === '@') return ['@', 'def', 'class'].includes(line.keyword);
  return CLAUSES.get(line.keyword)?.includes(last.keyword) ?? false;
}

/**
 * The statement that a cursor on `line` (0-based) means: inside a body the innermost statement; on a decorator,
 * or on the first line of a compound statement or of one of its clauses, the compound statement as a whole.
 * A `return` or `break` on its own can't run, so it means the function or loop around it.
 */
export function statementAt(source: string | ScannedSource, line: number): StatementAtLine {
  const scanned = typeof source === 'string' ? scan(source) : source;
  const path: { statement: Statement; siblings: readonly Statement[] }[] = [];
  let siblings: readonly Statement[] = parseStatements(scanned);
  let found = false;
  for (;;) {
    const statement = siblings.find((candidate) => candidate.startLine <= line && line <= candidate.endLine);
    if (!statement) break;
    path.push({ statement, siblings });
    found = statement.headers.some((header) => header.startLine <= line && line <= header.endLine);
    if (found) break;
    siblings = statement.body;
  }
  if (!found) {
    const next = scanned.logicalLines.find((candidate) => candidate.startLine > line);
    return { range: undefined, code: '', nextLine: next?.startLine };
  }
  const enclosing = NEEDS_ENCLOSING.get(path.at(-1)!.statement.keyword);
  if (enclosing) {
    const depth = path.findLastIndex(({ statement }) => enclosing.includes(statement.keyword));
    if (depth >= 0) path.length = depth + 1;
  }
  const { startLine, endLine } = path.at(-1)!.statement;
  return {
    range: { startLine, endLine },
    code: dedent(scanned.lines.slice(startLine, endLine + 1).join('\n')),
    nextLine: lineAfter(path),
  };
}

/** The next statement as Python would come to it: of the same clause, else after the statement around it. */
function lineAfter(
  path: readonly { statement: Statement; siblings: readonly Statement[] }[],
): number | undefined {
  for (const { statement, siblings } of path.toReversed()) {
    const next = siblings[siblings.indexOf(statement) + 1];
    if (next && next.clause === statement.clause) return next.startLine;
  }
  return undefined;
}
