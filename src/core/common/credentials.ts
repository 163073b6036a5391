/** Asks for the password of the server; undefined: there is none. */
export type AskPassword = (request: { readonly wasRefused: boolean }) => Promise<string | undefined>;

/** The password that all connections to a server share: asked for when it is needed first, and anew where it was refused. */
export class Credentials {
  readonly #ask: AskPassword;
  #known: Promise<string | undefined> | undefined;

  /** @param given from the address; it goes first */
  constructor(given: string | undefined, ask: AskPassword = async () => undefined) {
    this.#ask = ask;
    this.#known = given === undefined ? undefined : Promise.resolve(given);
  }

  async password(): Promise<string | undefined> {
    this.#known ??= this.#asked(false);
    return await this.#known;
  }

  /** Undefined where nobody has been asked, or has not answered. */
  get known(): Promise<string | undefined> | undefined {
    return this.#known;
  }

  /** Another password than the one that was refused. */
  async renew(refused: string | undefined): Promise<string | undefined> {
    // Another connection may have asked already.
    if ((await this.password()) === refused) this.#known = this.#asked(true);
    return await this.password();
  }

  #asked(wasRefused: boolean): Promise<string | undefined> {
    const answer = this.#ask({ wasRefused });
    answer.catch(() => {
      if (this.#known === answer) this.#known = undefined;
    });
    return answer;
  }
}
