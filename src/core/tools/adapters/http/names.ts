import { isPythonName, pythonNameFor } from '../../../python-source/identifiers.ts';

/** A Python name in snake case: `find_pets_by_status` for `findPetsByStatus`, `x_request_id` for `X-Request-Id`. */
export function snakeCase(name: string): string {
  const words = name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    // The last of several capitals begins a word, but not in `IDs`.
    .replace(/(\p{Lu})(\p{Lu}\p{Ll}{2})/gu, '$1_$2')
    .toLowerCase();
  const joined = words.replace(/\P{XID_Continue}+|_+/gu, '_').replace(/^_+|_+$/g, '');
  return pythonNameFor(joined === '' ? 'value' : joined);
}

/** A name that a person chose is kept where Python can say it; others come in snake case. */
export function nameAsWritten(name: string): string {
  return isPythonName(name) && !name.startsWith('_') ? name : snakeCase(name);
}

/** Names of which each is given once. */
export class NameSet {
  readonly #taken = new Set<string>();

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** The first of `wanted` that is free; where none is, the last with a number. */
  take(...wanted: readonly [string, ...string[]]): string {
    const last = wanted[wanted.length - 1] ?? wanted[0];
    let name = wanted.find((candidate) => !this.#taken.has(candidate));
    for (let number = 2; name === undefined; number++) {
      if (!this.#taken.has(`${last}_${number}`)) name = `${last}_${number}`;
    }
    this.#taken.add(name);
    return name;
  }
}
