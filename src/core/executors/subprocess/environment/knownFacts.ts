import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../../common/files/atomicWrite.ts';
import { makeFolders } from '../../../common/files/folders.ts';
import { type InterpreterFacts, InterpreterFactsSchema, inspectInterpreter } from './inspect.ts';
import { readRecord } from './jsonRecord.ts';
import { CONFIGURATION_FILE, folderOfInterpreter } from './layout.ts';
import { StampSchema, sameStamp, stampOf } from './stamp.ts';

const RecordSchema = z.object({
  format: z.literal(1),
  /** As it was asked for. */
  executable: z.string(),
  interpreter: StampSchema,
  /** Of the environment's `pyvenv.cfg`. */
  configuration: StampSchema.optional(),
  facts: InterpreterFactsSchema,
});

/** What {@link knownFacts} works with. */
export interface FactsOptions {
  /** Absolute path; made where it is missing. */
  readonly cacheFolder: string;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the interpreter may take to start. */
  readonly timeoutMs?: number;
}

/**
 * As `inspectInterpreter`, but an interpreter whose files are still those of the last time is not started again.
 * @throws what `inspectInterpreter` throws
 */
export async function knownFacts(executable: string, options: FactsOptions): Promise<InterpreterFacts> {
  const { cacheFolder, log, ...inspection } = options;
  const { file, known, interpreter, configuration } = await lookUp(executable, cacheFolder);
  if (known) return known;
  const facts = await inspectInterpreter(executable, inspection);
  if (interpreter && (await isSameFile(facts.executable, executable))) {
    const record: z.infer<typeof RecordSchema> = {
      format: 1,
      executable,
      interpreter,
      ...(configuration && { configuration }),
      facts,
    };
    try {
      await makeFolders(path.dirname(file));
      await writeFileAtomically(file, JSON.stringify(record));
    } catch (error) {
      log(`python: what ${executable} is could not be kept in ${file}: ${String(error)}`);
    }
  }
  return facts;
}

/** What the last time has shown of an interpreter whose files are still the same; undefined: it would have to be started. */
export async function rememberedFacts(
  executable: string,
  cacheFolder: string,
): Promise<InterpreterFacts | undefined> {
  return (await lookUp(executable, cacheFolder)).known;
}

async function lookUp(executable: string, cacheFolder: string) {
  const configurationFile = path.join(folderOfInterpreter(executable), CONFIGURATION_FILE);
  const name = createHash('sha256').update(executable).digest('hex').slice(0, 20);
  const file = path.join(cacheFolder, 'interpreters', `${name}.json`);
  const [record, interpreter, configuration] = await Promise.all([
    readRecord(file, RecordSchema),
    stampOf(executable),
    stampOf(configurationFile),
  ]);
  const isSame =
    record?.executable === executable &&
    interpreter &&
    sameStamp(record.interpreter, interpreter) &&
    sameStamp(record.configuration, configuration);
  return { file, known: isSame ? record.facts : undefined, interpreter, configuration };
}

/** Whether an interpreter is itself: a shim may start another one tomorrow while its own file stays as it is. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  try {
    return (await realpath(a)) === (await realpath(b));
  } catch {
    return false;
  }
}
