import { Credentials } from '../../common/credentials.ts';
import type { SecretRequest, SecretSource } from '../../session/secrets.ts';
import type { Login, SplitUrl } from './loginUrl.ts';

/** As which user a token is given where none is named. */
const TOKEN_USER = '__token__';
/** Who was asked and gave nothing is left in peace for so long. */
const PEACE_MS = 60_000;

/** What is asked for who an index is to be asked as. @param url - without user and password */
export function packageIndexRequest(url: string, wasRefused: boolean): SecretRequest {
  return {
    name: `package index ${url}`,
    title: `USER:PASSWORD, or a token, of the package index ${url}`,
    wasRefused,
  };
}

interface KnownIndex {
  readonly user: string | undefined;
  /** `USER:PASSWORD`, a password of {@link user}, or a token. */
  readonly secret: Credentials;
  asking: Promise<string | undefined> | undefined;
  leaveInPeaceUntil: number;
}

/** As whom package indexes are asked: by their addresses, by `.netrc`, else as a person says. */
export class IndexCredentials {
  readonly #netrc: ReadonlyMap<string, Login>;
  /** By origin: what is an index's is sent nowhere else. */
  readonly #indexes = new Map<string, KnownIndex>();

  /**
   * @param indexes - as they are written
   * @param netrc - by host; the empty one: every other
   * @param ask - for what an index refuses; undefined: there is nobody
   */
  constructor(indexes: readonly SplitUrl[], netrc: ReadonlyMap<string, Login>, ask?: SecretSource) {
    this.#netrc = netrc;
    // Of two indexes at one place, the one that has a password speaks for both.
    const byPassword = indexes.filter(({ password }) => password !== undefined);
    for (const { url, user, password } of [...byPassword, ...indexes]) {
      const { origin } = new URL(url);
      if (this.#indexes.has(origin) || url.startsWith('file:')) continue;
      const login = password === undefined ? this.#ofNetrc(url, user) : { user: user ?? '', password };
      const secret = new Credentials(login && `${login.user}:${login.password}`, async ({ wasRefused }) =>
        ask?.(packageIndexRequest(url, wasRefused)),
      );
      this.#indexes.set(origin, { user, secret, asking: undefined, leaveInPeaceUntil: 0 });
    }
  }

  /** As whom an address is asked; undefined: as nobody. Asks no person. */
  async loginFor(url: string): Promise<Login | undefined> {
    const index = this.#indexes.get(new URL(url).origin);
    if (!index) return this.#ofNetrc(url, undefined);
    return loginOf(await index.secret.known, index.user);
  }

  /** As {@link loginFor}, with what is kept of a person for it. Asks whoever keeps it, and no person. */
  async keptLoginFor(url: string): Promise<Login | undefined> {
    const index = this.#indexes.get(new URL(url).origin);
    if (!index) return this.#ofNetrc(url, undefined);
    return loginOf(await index.secret.password(), index.user);
  }

  /**
   * As whom else an address is asked that refused somebody.
   *
   * @param refused - undefined: nobody
   * @param mayAsk - whether a person may be asked
   * @returns undefined: there is nobody else
   */
  async otherLoginFor(url: string, refused: Login | undefined, mayAsk: boolean): Promise<Login | undefined> {
    const index = this.#indexes.get(new URL(url).origin);
    if (!index) return undefined;
    const other = (text: string | undefined) => {
      const login = loginOf(text, index.user);
      return login?.user === refused?.user && login?.password === refused?.password ? undefined : login;
    };
    const text = await index.secret.password();
    const before = other(text);
    if (before || !mayAsk || Date.now() < index.leaveInPeaceUntil) return before;
    // Of many requests that are refused at the same time, one asks.
    index.asking ??= index.secret.renew(text).finally(() => {
      index.asking = undefined;
    });
    const renewed = other(await index.asking);
    if (!renewed) index.leaveInPeaceUntil = Date.now() + PEACE_MS;
    return renewed;
  }

  #ofNetrc(url: string, user: string | undefined): Login | undefined {
    const { hostname } = new URL(url);
    if (hostname === '') return undefined;
    const login = this.#netrc.get(hostname.toLowerCase()) ?? this.#netrc.get('');
    return user === undefined || login?.user === user ? login : undefined;
  }
}

function loginOf(text: string | undefined, user: string | undefined): Login | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  if (colon >= 0) return { user: text.slice(0, colon), password: text.slice(colon + 1) };
  return { user: user ?? TOKEN_USER, password: text };
}
