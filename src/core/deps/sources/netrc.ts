import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Login } from './loginUrl.ts';

const TOKEN = /"((?:[^"\\]|\\.)*)"|(\S+)/g;

/** The logins of `~/.netrc`, or of the file that NETRC names, by host; `default` is under the empty name. */
export async function readNetrc(
  { NETRC: named }: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<ReadonlyMap<string, Login>> {
  const places = named ? [named] : [path.join(home, '.netrc'), path.join(home, '_netrc')];
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => undefined);
    if (text !== undefined) return parseNetrc(text);
  }
  return new Map();
}

/** @returns the first login of each host */
export function parseNetrc(text: string): ReadonlyMap<string, Login> {
  const logins = new Map<string, Login>();
  let host: string | undefined;
  let said: Record<string, string> = {};
  const finish = () => {
    if (host !== undefined && said.password !== undefined && !logins.has(host))
      logins.set(host, { user: said.login ?? '', password: said.password });
    said = {};
  };
  // A macro goes to the next empty line.
  const withoutMacros = text.replace(/^\s*macdef\b[\s\S]*?(?:\r?\n\s*\r?\n|$(?![\s\S]))/gm, '\n');
  const lines = withoutMacros.split(/\r?\n/).filter((line) => !/^\s*#/.test(line));
  const tokens = [...lines.join('\n').matchAll(TOKEN)].map(
    ([, quoted, bare]) => quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '',
  );
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === 'default') {
      finish();
      host = '';
    } else if (token === 'machine') {
      finish();
      host = tokens[++index]?.toLowerCase();
    } else if (token === 'login' || token === 'password' || token === 'account') {
      said[token] = tokens[++index] ?? '';
    }
  }
  finish();
  return logins;
}
