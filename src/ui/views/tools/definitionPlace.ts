import { type TextRange, YamlText } from '../../../core/tools/definition/yaml.ts';

/**
 * Where a definition says what a callable is: the key of its recipe, or the name of its endpoint; undefined where the
 * text does not have it, since a server or a document does.
 *
 * @param name as the tool says it
 */
export function placeOfCallable(text: string, name: string): TextRange | undefined {
  const yaml = new YamlText(text);
  const { recipes, endpoints } = isObject(yaml.value) ? yaml.value : {};
  if (isObject(recipes) && Object.hasOwn(recipes, name)) return yaml.rangeOf(['recipes', name], 'key');
  if (!Array.isArray(endpoints)) return undefined;
  const at = endpoints.findIndex((endpoint) => isObject(endpoint) && endpoint.name === name);
  return at === -1 ? undefined : yaml.rangeOf(['endpoints', at, 'name']);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
