import { stripVTControlCharacters } from 'node:util';
import { MASK, maskCommonSecrets } from '../../tools/masking.ts';

const MOST_LINES = 2_000;
const MOST_CHARACTERS_A_LINE = 2_000;
/** What is shorter would be found in any text. */
const LEAST_SECRET_CHARACTERS = 6;

/** What happened with the containers of one executor, the newest lines of it: each with its time, and without secrets. */
export class ContainerLog {
  readonly #lines: string[] = [];
  readonly #mask: (text: string) => string;
  readonly #secrets: readonly string[];

  /**
   * @param options `mask` takes the secrets out of a text that are known elsewhere; `secrets` are values of environment
   *   variables, any of which may be one
   */
  constructor({ mask, secrets }: { mask: (text: string) => string; secrets: readonly string[] }) {
    this.#mask = mask;
    // The longest first: one may be part of another.
    this.#secrets = secrets
      .filter(({ length }) => length >= LEAST_SECRET_CHARACTERS)
      .sort((one, other) => other.length - one.length);
  }

  /** @param text - one line, or several */
  add(text: string): void {
    const time = new Date().toISOString();
    for (const line of this.#clean(text).split(/[\r\n]+/)) {
      if (line.trim()) this.#lines.push(`${time} ${line.trimEnd().slice(0, MOST_CHARACTERS_A_LINE)}`);
    }
    this.#lines.splice(0, this.#lines.length - MOST_LINES);
  }

  /** The oldest first; ends with a line feed, where there is any. */
  text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  #clean(text: string): string {
    const masked = maskCommonSecrets(this.#mask(stripVTControlCharacters(text)));
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), masked);
  }
}
