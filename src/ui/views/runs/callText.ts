import type { Json, ToolCall } from '../../../core/contract/execution.ts';
import { isPythonName } from '../../../core/python-source/identifiers.ts';

/** A call to a tool as Python code: `tools.jq.query(filter=".")`. Secrets are masked as they are in the trace. */
export function callText(call: Pick<ToolCall, 'tool' | 'callable' | 'arguments'>): string {
  const given = Object.entries(call.arguments);
  const named = given.filter(([name]) => isPythonName(name));
  const others = given.filter(([name]) => !isPythonName(name));
  const texts = named.map(([name, value]) => `${name}=${valueText(value)}`);
  // The tool's own names can be given all the same.
  if (others.length > 0) texts.push(`**${valueText(Object.fromEntries(others))}`);
  return `tools.${calledName(call)}(${texts.join(', ')})`;
}

/** What was called, as Python says it behind `tools.`: `jq.query`, or `jq` for the tool itself. */
export function calledName({ tool, callable }: Pick<ToolCall, 'tool' | 'callable'>): string {
  return callable === tool ? tool : `${tool}.${callable}`;
}

/** A JSON value as Python writes it. */
export function valueText(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map((item: Json) => valueText(item)).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${valueText(item as Json)}`)
    .join(', ')}}`;
}
