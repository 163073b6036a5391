import { normalizeName } from './packageSpec.ts';

/** What the METADATA of a wheel or of an installed package, or an older PKG-INFO, says in its headers. */
export interface PackageMetadata {
  /** As the package writes its name; undefined where it gives none that can be one. */
  readonly title: string | undefined;
  readonly version: string | undefined;
  /** One line; empty where it says nothing. */
  readonly summary: string;
  /** Normalised names of what it needs without extras, whether or not it is needed on this system. */
  readonly needs: readonly string[];
}

/** Reads the headers; what follows them, the long description, plays no part. */
export function parseMetadata(text: string): PackageMetadata {
  const headers = readHeaders(text);
  const first = (name: string) => headers.get(name)?.[0] || undefined;
  const title = first('name');
  return {
    title: title !== undefined && isName(title) ? title : undefined,
    version: first('version'),
    summary: first('summary') ?? '',
    needs: distinct((headers.get('requires-dist') ?? []).flatMap(neededName)),
  };
}

/** The names in an egg's `requires.txt`: its sections are `[extra]`, `[:marker]` or `[extra:marker]`. */
export function parseEggNeeds(text: string): readonly string[] {
  const sections = text.split(/^\[/m);
  const withoutExtra = sections.filter((section, index) => index === 0 || section.startsWith(':'));
  const lines = withoutExtra.flatMap((section) => section.replace(/^:[^\n]*/, '').split(/\r?\n/));
  return distinct(lines.filter((line) => !line.startsWith('#')).flatMap(neededName));
}

/** Whether this can be a package's name, in whatever script. */
export function isName(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(text);
}

function readHeaders(text: string): Map<string, string[]> {
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const headers = new Map<string, string[]>();
  // A line that begins with a space goes on with the one before it.
  for (const line of text
    .slice(0, end)
    .replace(/^\uFEFF/, '')
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)) {
    const [, name, value] = /^([A-Za-z-]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return headers;
}

/** The name in `requests[socks]>=2 ; python_version > "3"`; none for what only an extra asks for. */
function neededName(requirement: string): string[] {
  const [, name, rest] = /^\s*([\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?)(.*)$/su.exec(requirement) ?? [];
  if (name === undefined || rest === undefined) return [];
  const marker = rest.slice(rest.indexOf(';') + 1);
  return rest.includes(';') && /\bextra\b/.test(marker) ? [] : [normalizeName(name)];
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
