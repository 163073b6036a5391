import { z } from 'zod';
import type { Json } from '../../../contract/execution.ts';
import type { ToolCallableInfo, ToolParameter } from '../../../contract/tools.ts';
import { isPythonName, NameSet, pythonNameFor } from '../../../python-source/identifiers.ts';
import type { ToolDescription } from '../../tool.ts';
import { inlineReferences, isSchema, type Schema, typeOf } from './schemas.ts';

const SchemaObject = z.record(z.string(), z.unknown()).transform((schema) => schema as Schema);

const ListedTool = z.object({
  name: z.string().min(1),
  title: z.string().nullish(),
  description: z.string().nullish(),
  inputSchema: SchemaObject.nullish(),
  outputSchema: SchemaObject.nullish(),
});

/** One page of what a server answers to `tools/list`. */
export const ListedToolsSchema = z.object({
  tools: z.array(ListedTool),
  nextCursor: z.string().nullish(),
});

/** A tool as an MCP server lists it. */
export type ListedTool = z.infer<typeof ListedTool>;

/** What the tools of a server are as callables. */
export function describeTools(tools: readonly ListedTool[]): ToolDescription {
  const names = pythonNames(tools.map(({ name }) => name));
  return { callables: tools.map((tool, index) => describeTool(tool, names[index]!)), direct: null };
}

function describeTool(tool: ListedTool, name: string): ToolCallableInfo {
  return {
    name,
    originalName: tool.name,
    description: tool.description?.trim() || tool.title || '',
    parameters: describeParameters(tool.inputSchema ?? {}),
    returns: tool.outputSchema ? 'object' : 'any',
  };
}

function describeParameters(input: Schema): ToolParameter[] {
  const root = input.$ref === undefined ? input : inlineReferences(input, input);
  const required = new Set(Array.isArray(root.required) ? root.required : []);
  const properties = isSchema(root.properties) ? Object.entries(root.properties) : [];
  const names = pythonNames(properties.map(([name]) => name));
  return properties.map(([originalName, property], index) => {
    const schema = inlineReferences(isSchema(property) ? property : {}, input);
    return {
      name: names[index]!,
      originalName,
      type: typeOf(schema),
      description: textOf(schema.description) || textOf(schema.title),
      required: required.has(originalName),
      ...(schema.default !== undefined && { default: schema.default }),
      schema,
    };
  });
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** A Python name for each, no two alike: what is one already keeps it, so that `get-x` beside `get_x` is `get_x_2`. */
function pythonNames(originalNames: readonly string[]): string[] {
  const names = new NameSet();
  const kept = new Set(originalNames.filter(isPythonName));
  for (const name of kept) names.take(name);
  // Whoever says it a second time needs another one.
  return originalNames.map((name) => (kept.delete(name) ? name : names.take(pythonNameFor(name))));
}
