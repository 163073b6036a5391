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
