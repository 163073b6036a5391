import { readFile } from 'node:fs/promises';
import type { z } from 'zod';

/** What a JSON file holds; undefined where there is none, or one of another version or with other content. */
export async function readRecord<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    // For one parse, a compiled schema costs more than it saves.
    return schema.safeParse(JSON.parse(await readFile(file, 'utf8')), { jitless: true }).data;
  } catch {
    return undefined;
  }
}
