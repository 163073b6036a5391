import type { ToolCall } from '../../../core/contract/execution.ts';
import { isPythonName } from '../../../core/python-source/identifiers.ts';
import { calledName, pythonLiteral } from '../../../core/tools/pythonWords.ts';

/** A call to a tool as Python code: `tools.jq.query(filter=".")`. Secrets are masked as they are in the trace. */
export function callText(call: Pick<ToolCall, 'tool' | 'callable' | 'arguments'>): string {
  const given = Object.entries(call.arguments);
  const named = given.filter(([name]) => isPythonName(name));
  const others = given.filter(([name]) => !isPythonName(name));
  const texts = named.map(([name, value]) => `${name}=${pythonLiteral(value)}`);
  // The tool's own names can be given all the same.
  if (others.length > 0) texts.push(`**${pythonLiteral(Object.fromEntries(others))}`);
  return `tools.${calledName(call)}(${texts.join(', ')})`;
}
