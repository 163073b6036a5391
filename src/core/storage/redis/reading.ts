import { z } from 'zod';
import { type RedisLink, RedisRefusal } from './link.ts';

const TextsSchema = z.array(z.string());
const PageSchema = z.tuple([z.string(), TextsSchema]);
/** A database with more keys than this is not looked through: it would keep the server busy for long. */
const MAX_SCANNED_KEYS = 200_000;
const SCAN_COUNT = '5000';
/** Keys in one question. */
const EXISTS_AT_ONCE = 5000;

/** The fields of a hash as text. */
export async function readHash(link: RedisLink, key: string): Promise<Map<string, string>> {
  const flat = TextsSchema.parse(await link.sendForText(['HGETALL', key]));
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '');
  return fields;
}

/** The artifacts that have content; undefined where the database is too large to find out, or the user may not. */
export async function namesOfContent(link: RedisLink, prefix: string): Promise<Set<string> | undefined> {
  try {
    if (Number(await link.send(['DBSIZE'])) > MAX_SCANNED_KEYS) return undefined;
    const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
    const names = new Set<string>();
    let cursor = '0';
    do {
      const page = await link.sendForText(['SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT]);
      const [next, keys] = PageSchema.parse(page);
      for (const key of keys) names.add(key.slice(prefix.length));
      cursor = next;
    } while (cursor !== '0');
    names.delete('__index__');
    return names;
  } catch (error) {
    if (error instanceof RedisRefusal && error.code === 'NOPERM') return undefined;
    throw error;
  }
}

/** Which of the names have content. */
export async function whichExist(
  link: RedisLink,
  prefix: string,
  names: readonly string[],
): Promise<string[]> {
  const there: string[] = [];
  for (let start = 0; start < names.length; start += EXISTS_AT_ONCE) {
    const some = names.slice(start, start + EXISTS_AT_ONCE);
    const count = await link.send(['EXISTS', ...some.map((name) => prefix + name)]);
    if (count === some.length) there.push(...some);
    else if (count !== 0) {
      const each = await Promise.all(some.map((name) => link.send(['EXISTS', prefix + name])));
      there.push(...some.filter((_, at) => each[at] === 1));
    }
  }
  return there;
}
