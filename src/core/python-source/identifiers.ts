const IDENTIFIER = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;
const KEYWORDS = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global
  if import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

/** Whether `name` can be a name in Python, as it is written: no keyword, and in the form that Python makes of names. */
export function isPythonName(name: string): boolean {
  return IDENTIFIER.test(name) && !KEYWORDS.has(name) && name.normalize('NFKC') === name;
}

/**
 * A name that Python code can say for one that it can't: `max_time` for `max-time`, `from_` for `from`, `_2fa` for
 * `2fa`. Two names may come out as one.
 */
export function pythonNameFor(name: string): string {
  const words = name.normalize('NFKC').replace(/\P{XID_Continue}+/gu, '_');
  const begun = IDENTIFIER.test(words) ? words : `_${words}`;
  return KEYWORDS.has(begun) ? `${begun}_` : begun;
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
