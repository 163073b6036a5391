/** As whom an index is asked. Never to be shown. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** An address, and who it says to be asked as. */
export interface SplitUrl {
  /** Without user and password. */
  readonly url: string;
  /** Undefined: it names none. */
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Takes user and password out of an address. @returns undefined for what is no `http:`, `https:` or `file:` URL */
export function splitLogin(text: string): SplitUrl | undefined {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !/^(?:https?|file):$/.test(parsed.protocol)) return undefined;
  const user = decoded(parsed.username) || undefined;
  const password = decoded(parsed.password) || undefined;
  parsed.username = '';
  parsed.password = '';
  return { url: parsed.href, user, password };
}

/** Puts user and password into an address, for a program that wants them there. */
export function withLogin(url: string, login: Login | undefined): string {
  if (!login) return url;
  const address = new URL(url);
  address.username = encodeURIComponent(login.user);
  address.password = encodeURIComponent(login.password);
  return address.href;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
