import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../../common/files/atomicWrite.ts';
import { readRecord } from './jsonRecord.ts';
import { CONFIGURATION_FILE, environmentInterpreter } from './layout.ts';
import { StampSchema, sameStamp, stampOf } from './stamp.ts';

/** What says that an environment is whole. It is written last. */
export const MarkerSchema = z.object({
  format: z.literal(1),
  /** The workspace folder that the environment was made for, for a person who finds it. */
  workspaceFolder: z.string().optional(),
  /** `3.12.1` */
  version: z.string(),
  freeThreaded: z.boolean(),
  /** Absolute path of the interpreter that the environment is based on. */
  base: z.string(),
  baseStamp: StampSchema,
  /** Of the environment's own interpreter: the same file, or (Windows) a small one that starts it. */
  interpreterStamp: StampSchema,
  /** `home` in pyvenv.cfg: where the interpreter looks for its standard library. */
  home: z.string(),
});
export type Marker = Readonly<z.infer<typeof MarkerSchema>>;

/** Whether an environment can be used: as it is, or once it is made again around its packages. */
export type EnvironmentState =
  | { readonly kind: 'whole'; readonly marker: Marker }
  | { readonly kind: 'outdated'; readonly marker: Marker }
  | { readonly kind: 'missing' };

const MARKER_FILE = 'code-mode.json';

/** Tells an environment's state by two reads and two stat calls. */
export async function environmentState(folder: string): Promise<EnvironmentState> {
  const [marker, home, interpreter] = await Promise.all([
    readRecord(markerFile(folder), MarkerSchema),
    configuredHome(folder),
    stampOf(environmentInterpreter(folder)),
  ]);
  if (!marker) return { kind: 'missing' };
  const whole =
    home === marker.home &&
    sameStamp(interpreter, marker.interpreterStamp) &&
    sameStamp(await stampOf(marker.base), marker.baseStamp);
  return { kind: whole ? 'whole' : 'outdated', marker };
}

export async function writeMarker(folder: string, marker: Marker): Promise<void> {
  await writeFileAtomically(markerFile(folder), `${JSON.stringify(marker, null, 2)}\n`);
}

export function markerFile(folder: string): string {
  return path.join(folder, MARKER_FILE);
}

/** `home` in an environment's pyvenv.cfg; undefined where that can't be read or says nothing. */
export async function configuredHome(folder: string): Promise<string | undefined> {
  try {
    const text = await readFile(path.join(folder, CONFIGURATION_FILE), 'utf8');
    return /^\s*home\s*=\s*(\S.*?)\s*$/m.exec(text)?.[1];
  } catch {
    return undefined;
  }
}
