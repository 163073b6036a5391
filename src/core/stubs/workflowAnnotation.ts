import { ANY } from './annotations.ts';

/** The names of types that mean the same in every module, and what a stub calls them. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ...['str', 'int', 'float', 'bool', 'bytes', 'object', 'list', 'dict', 'tuple', 'set', 'frozenset'].map(
    (name) => [name, `_builtins.${name}`] as const,
  ),
  ...['Any', 'Optional', 'Union'].map((name) => [name, `_typing.${name}`] as const),
  ['None', 'None'],
]);

/**
 * The annotation of a workflow's parameter as a stub can say it; undefined where it names anything that only the workflow's
 * own module knows.
 */
export function knownAnnotation(annotation: string): string | undefined {
  const tokens = annotation.match(/\w+|\S/gu) ?? [];
  let at = 0;
  const union = (): string | undefined => {
    const types: string[] = [];
    for (;;) {
      const type = single();
      if (type === undefined) return undefined;
      types.push(type);
      if (tokens[at] !== '|') return types.includes(ANY) ? ANY : types.join(' | ');
      at += 1;
    }
  };
  const single = (): string | undefined => {
    const name = KNOWN.get(tokens[at] ?? '');
    at += 1;
    if (name === undefined || tokens[at] !== '[') return name;
    const parts: string[] = [];
    do {
      at += 1;
      const part = union();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (tokens[at] === ',');
    if (tokens[at] !== ']') return undefined;
    at += 1;
    return `${name}[${parts.join(', ')}]`;
  };
  const read = union();
  return at === tokens.length ? read : undefined;
}
