import { ToolArgumentsError } from '../../../contract/errors.ts';
import type { ToolParameter } from '../../../contract/tools.ts';
import type { ToolArgument } from '../../tool.ts';
import type { Input, Operation } from './operation.ts';
import { encodedPairs, encodePart, pathText } from './styles.ts';

/** What a call gives, by the original names of its parameters. */
export type Arguments = Readonly<Record<string, ToolArgument>>;

/** What of a URL is the same for every call of a tool. */
export interface FixedParts {
  readonly baseUrl: string;
  readonly query: readonly (readonly [name: string, value: string])[];
}

/**
 * What counts for `parameter`: what is given, else its default; undefined where it is left out. Null is a value only where
 * the API knows it.
 */
export function argumentFor(parameter: ToolParameter, given: Arguments): ToolArgument | undefined {
  const { originalName, default: fallback, required, schema } = parameter;
  const value = Object.hasOwn(given, originalName) ? given[originalName] : fallback;
  if (value !== null) return value;
  const takesNull = required || (Array.isArray(schema.type) && schema.type.includes('null'));
  return takesNull ? null : undefined;
}

/**
 * The address of a call. Where the fixed parts are not filled yet, their `${NAME}` stay as they are.
 * @throws ToolArgumentsError for a value that would lead to another place
 */
export function targetOf(operation: Operation, given: Arguments, { baseUrl, query }: FixedParts): string {
  const pairs = [
    ...query.map(([name, value]) => `${encodePart(name)}=${encodeFixed(value)}`),
    ...operation.inputs
      .filter(({ place }) => place === 'query')
      .flatMap((input) => {
        const value = argumentFor(input.parameter, given);
        return value === undefined || value === null
          ? []
          : encodedPairs(input, value).map((pair) => pair.join('='));
      }),
  ];
  const path = baseUrl.replace(/\/+$/, '') + pathOf(operation, given);
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/** Encodes all but `${NAME}`. */
function encodeFixed(value: string): string {
  return value
    .split(/(\$\{[^{}]*\})/)
    .map((piece, index) => (index % 2 === 1 ? piece : encodePart(piece)))
    .join('');
}

function pathOf({ path, inputs }: Operation, given: Arguments): string {
  const byName = new Map(
    inputs.filter(({ place }) => place === 'path').map((input) => [input.wireName, input]),
  );
  return path
    .split('/')
    .map((segment) => {
      const filled = segment.replace(/\{([^{}]+)\}/g, (_, name: string) =>
        filledIn(byName.get(name), name, given),
      );
      // Several values of one segment could come together as one of these.
      if (filled !== segment && /^\.{1,2}$/.test(filled)) {
        throw new ToolArgumentsError(`${JSON.stringify(filled)} in a path leads to another place.`);
      }
      return filled;
    })
    .join('/');
}

function filledIn(input: Input | undefined, name: string, given: Arguments): string {
  const value = input && argumentFor(input.parameter, given);
  if (!input || value === undefined)
    throw new ToolArgumentsError(`${name} is missing: it is a part of the path.`);
  const text = pathText(input, value);
  if (text === '' || text === '.' || text === '..') {
    throw new ToolArgumentsError(
      `${input.parameter.name} cannot be ${JSON.stringify(value)}: the path would lead to another place.`,
    );
  }
  return text;
}
