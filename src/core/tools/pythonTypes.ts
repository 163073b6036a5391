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
