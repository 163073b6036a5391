import type { Json } from '../contract/execution.ts';
import type { ToolValueType } from '../contract/tools.ts';

/** What Python calls the types of parameters and results. */
export const PYTHON_TYPES: Readonly<Record<ToolValueType, string>> = {
  string: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  array: 'list',
  object: 'dict',
  bytes: 'bytes',
  any: 'Any',
};

/** A JSON value as Python writes it. */
export function pythonLiteral(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => pythonLiteral(item)).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonLiteral(item)}`)
    .join(', ')}}`;
}

/** What was called, as Python says it behind `tools.`: `jq.query`, or `jq` for the tool itself. */
export function calledName({ tool, callable }: { readonly tool: string; readonly callable: string }): string {
  return callable === tool ? tool : `${tool}.${callable}`;
}
