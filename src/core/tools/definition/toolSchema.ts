import { adapterOf, adapterTypes } from '../adapters/index.ts';
import type { ToolAdapter } from '../tool.ts';
import { type JsonSchema, jsonSchemaOf } from './jsonSchema.ts';
import { DEFAULT_TYPE } from './parse.ts';

const DEFINITIONS = '#/definitions/';

/** The JSON schema of the files of tools, whatever their kind: what editors complete by. */
export function toolSchema(): object {
  const adapters = adapterTypes.flatMap((type) => adapterOf(type) ?? []);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A tool of Python Code Mode',
    type: 'object',
    required: ['name'],
    properties: {
      type: { enum: adapterTypes, default: DEFAULT_TYPE, description: 'What kind of tool it is.' },
    },
    allOf: adapters.map(({ type }) => ({
      if: isOfType(type),
      // biome-ignore lint/suspicious/noThenProperty: JSON schema calls it so.
      then: { $ref: DEFINITIONS + type },
    })),
    definitions: Object.assign({}, ...adapters.map(definitionsOf)),
  };
}

function isOfType(type: string): object {
  const properties = { type: { const: type } };
  return type === DEFAULT_TYPE ? { properties } : { properties, required: ['type'] };
}

/** The schema of a kind, and what it refers to, by names that no other kind has. */
function definitionsOf(adapter: ToolAdapter): Record<string, JsonSchema> {
  const moved = JSON.stringify(jsonSchemaOf(adapter.schema)).replaceAll(
    `"${DEFINITIONS}`,
    `"${DEFINITIONS}${adapter.type}.`,
  );
  const { $schema: _, definitions = {}, ...schema } = JSON.parse(moved) as JsonSchema & { $schema?: string };
  const parts = Object.entries(definitions).map(([name, part]) => [`${adapter.type}.${name}`, part] as const);
  return { [adapter.type]: schema, ...Object.fromEntries(parts) };
}
