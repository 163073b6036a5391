import { parse as parseYaml, YAMLParseError } from 'yaml';
import { ToolFailedError } from '../../../../contract/errors.ts';
import type { Json } from '../../../../contract/execution.ts';

/** An object of a document. */
export type Fields = { readonly [key: string]: Json };

/** Something of a document, and where it is: `#/paths/~1pets/get`. */
export interface Place<T extends Json | undefined = Json | undefined> {
  readonly value: T;
  readonly pointer: string;
}

/** References that lead to references. */
const MAX_STEPS = 50;

/** An OpenAPI 3 document. What is wrong in it is named with its place. */
export class ApiDocument {
  readonly root: Fields;
  /** For people: a file's or a URL's, without secrets. */
  readonly name: string;
  /** Where it was loaded from; undefined: from a file. */
  readonly url: URL | undefined;

  /** @throws ToolFailedError for a text that is no OpenAPI 3 document */
  constructor(text: string, name: string, url: URL | undefined) {
    this.name = name;
    this.url = url;
    this.root = this.#parsed(text);
    const { openapi, swagger, paths } = this.root;
    if (swagger !== undefined) {
      throw this.error(
        '#/swagger',
        `is a document of Swagger ${String(swagger)}`,
        'Convert it to OpenAPI 3.',
      );
    }
    if (typeof openapi !== 'string' || !/^3\.\d/.test(openapi)) {
      throw this.error('#/openapi', 'does not say 3.0 or 3.1', 'OpenAPI 3 documents begin with it.');
    }
    if (paths !== undefined && !isFields(paths)) throw this.error('#/paths', 'is not an object');
  }

  /** An error that names this document and a place in it. */
  error(pointer: string, what: string, hint = 'Mend the document, or leave the operation out with exclude.') {
    return new ToolFailedError(`The OpenAPI document ${this.name}: ${pointer} ${what}.`, { hint });
  }

  /** What is below `place`. */
  at(place: Place, ...keys: readonly (string | number)[]): Place {
    let { value, pointer } = place;
    for (const key of keys) {
      value = isFields(value)
        ? own(value, String(key))
        : Array.isArray(value)
          ? value[Number(key)]
          : undefined;
      pointer += `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    }
    return { value, pointer };
  }

  /** The members of an object that is at `place`, or the items of a list; none where it is neither. */
  members(place: Place): readonly (readonly [key: string, place: Place])[] {
    const { value } = place;
    const keys = Array.isArray(value) || isFields(value) ? Object.keys(value) : [];
    return keys.map((key) => [key, this.at(place, key)]);
  }

  /**
   * Follows references, where there are some.
   * @throws ToolFailedError for one that leads nowhere, in a circle or to another document
   */
  resolve(place: Place): Place {
    let found = place;
    for (let step = 0; step < MAX_STEPS; step++) {
      const { value, pointer } = found;
      const reference = isFields(value) ? own(value, '$ref') : undefined;
      if (typeof reference !== 'string') return found;
      if (!reference.startsWith('#')) {
        throw this.error(
          pointer,
          `refers to another document, ${reference}`,
          'Bundle them into one document.',
        );
      }
      const keys = reference
        .slice(1)
        .split('/')
        .slice(1)
        .map((key) => decoded(key).replaceAll('~1', '/').replaceAll('~0', '~'));
      found = this.at({ value: this.root, pointer: '#' }, ...keys);
      if (found.value === undefined) throw this.error(pointer, `refers to ${reference}, which there is not`);
    }
    throw this.error(place.pointer, 'has references that lead in a circle');
  }

  #parsed(text: string): Fields {
    let value: unknown;
    try {
      value = /^\s*\{/.test(text) ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 10_000 });
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
      throw new ToolFailedError(
        `The OpenAPI document ${this.name} can't be read${line ? ` (line ${line})` : ''}: ${reason?.replace(/:$/, '')}.`,
        { hint: 'It has to be JSON or YAML.' },
      );
    }
    if (isFields(value as Json)) return value as Fields;
    throw new ToolFailedError(`${this.name} is no OpenAPI document.`, {
      hint: 'Name one of OpenAPI 3.0 or 3.1, in JSON or YAML.',
    });
  }
}

/** Whether `value` is an object with keys. */
export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of its own, not one that every object has. */
export function own(fields: Fields, key: string): Json | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** The text at `key`; empty where there is none. */
export function textAt(fields: Fields, key: string): string {
  const value = own(fields, key);
  return typeof value === 'string' ? value : '';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
