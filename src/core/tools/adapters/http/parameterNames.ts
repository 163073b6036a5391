import { NameSet } from '../../../python-source/identifiers.ts';

/** Gives the parameters of one callable their names, so that each name means one of them. */
export class ParameterNames {
  readonly #names = new NameSet();
  readonly #pythonName: (wireName: string) => string;

  constructor(pythonName: (wireName: string) => string) {
    this.#pythonName = pythonName;
  }

  /** Whether a parameter of this name would need another one. */
  collides(wireName: string): boolean {
    return this.#names.has(wireName) || this.#names.has(this.#pythonName(wireName));
  }

  /** @param place in front of the name where another parameter has it: `query`, `header`, `body` */
  take(wireName: string, place: string): { readonly name: string; readonly originalName: string } {
    const free = !this.#names.has(wireName);
    const plain = this.#pythonName(wireName);
    const name = this.#names.take(plain, `${place}_${plain}`);
    if (!free) return { name, originalName: name };
    if (name !== wireName) this.#names.take(wireName);
    return { name, originalName: wireName };
  }
}
