import { parser } from '@lezer/python';

/** Whether a text is one Python expression, which may span lines: it stays one wherever it is put in brackets. */
export function isExpression(text: string): boolean {
  // As an argument by name: there nothing else can follow or begin, such as another argument or a statement.
  const source = `f(x=\n${text}\n)`;
  const { topNode } = parser.parse(source);
  const call = topNode.firstChild?.firstChild;
  const list = call?.name === 'CallExpression' ? call.lastChild : null;
  if (topNode.firstChild?.nextSibling || list?.name !== 'ArgList' || list.to !== source.length) return false;
  const parts: string[] = [];
  for (let part = list.firstChild; part; part = part.nextSibling) {
    if (part.name !== 'Comment') parts.push(part.name);
  }
  if (parts.length !== 5 || parts[4] !== ')') return false;
  let isWhole = true;
  topNode.cursor().iterate(({ type, from, to }) => {
    // The parser takes a string that its line ends for a whole one.
    const isOpen =
      (type.name === 'String' || type.name === 'FormatString') && !isClosed(source.slice(from, to));
    if (type.isError || isOpen) isWhole = false;
  });
  return isWhole;
}

function isClosed(literal: string): boolean {
  return /^[a-z]*("""|'''|["']).*\1$/isu.test(literal);
}
