import { stat } from 'node:fs/promises';
import { z } from 'zod';

/** By what a file is known again without reading it; links are followed. */
export const StampSchema = z.object({
  /** Bytes. */
  size: z.number(),
  /** Milliseconds since 1970, with their fraction. */
  mtimeMs: z.number(),
});
export type Stamp = z.infer<typeof StampSchema>;

/** Undefined for a file that is missing, or whose link leads nowhere. */
export async function stampOf(file: string): Promise<Stamp | undefined> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { size, mtimeMs };
  } catch {
    return undefined;
  }
}

export function sameStamp(a: Stamp | undefined, b: Stamp | undefined): boolean {
  return a?.size === b?.size && a?.mtimeMs === b?.mtimeMs;
}
