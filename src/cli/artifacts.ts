import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { piecesOf, saveStream } from '../core/artifacts/streams.ts';
import { draftFile } from '../core/common/files/atomicWrite.ts';
import { reasonOf } from '../core/common/files/systemErrors.ts';
import { CodeModeError, UsageError } from '../core/contract/errors.ts';
import {
  type ArtifactDataType,
  ArtifactDataTypeSchema,
  type ArtifactReader,
} from '../core/contract/storage.ts';
import { cancellable } from './cancellable.ts';
import type { CommandContext } from './context.ts';
import { ExitCode } from './exitCodes.ts';
import { listArtifacts, listedArtifactRows } from './store/artifactList.ts';
import { STORE_ADDRESS_HELP } from './store/help.ts';
import { inStore, parseStoreCommand, STORE_OPTIONS, STORE_OPTIONS_HELP } from './store/namedStore.ts';

const PIECE_BYTES = 1024 * 1024;

const HELP = `List, load, save and delete artifacts.

Usage: code-mode artifacts list [options]
       code-mode artifacts load NAME [-o FILE] [options]
       code-mode artifacts save NAME [FILE | -] [--description TEXT] [--data-type TYPE] [options]
       code-mode artifacts delete NAME [options]

load writes the content to standard output, or to FILE. save reads FILE, or standard input where there is none
or it is "-". Both are streams: an artifact may be larger than the memory.

Options:
  -o, --output FILE    load: the file that is written
  --description TEXT   save: what it is
  --data-type TYPE     save: how Python loads it: text, bytes or json (default: json where the name ends in
                       .json, else text where the content is UTF-8, else bytes)
${STORE_OPTIONS_HELP}
${STORE_ADDRESS_HELP}
Exit codes: 0 success, 2 wrong usage, no such store or no such artifact.
`;

const OPTIONS = {
  ...STORE_OPTIONS,
  output: { type: 'string', short: 'o' },
  description: { type: 'string' },
  'data-type': { type: 'string' },
} as const;

/** `code-mode artifacts`. @throws CodeModeError */
export async function artifactsCommand(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const parsed = parseStoreCommand('artifacts', args, OPTIONS, {
    list: [0, 0],
    load: [1, 1],
    save: [1, 2],
    delete: [1, 1],
  });
  if (parsed === 'help') {
    context.stdout.write(HELP);
    return ExitCode.ok;
  }
  const { command, names, values } = parsed;
  const [name = '', file] = names;
  const dataType = checkDataType(values['data-type']);
  return await cancellable(context, (signal) =>
    inStore(values, context, command !== 'save', async ({ artifacts }) => {
      switch (command) {
        case 'list': {
          const listed = await listArtifacts(artifacts);
          if (values.json) context.stdout.writeLine(JSON.stringify(listed, null, 2));
          else for (const row of listedArtifactRows(listed)) context.stdout.writeLine(row);
          break;
        }
        case 'load': {
          await using reader = await artifacts.open(name);
          if (values.output === undefined) await writeToStdout(reader, signal);
          else await writeToFile(reader, values.output, signal);
          break;
        }
        case 'save': {
          const saved = await saveStream(artifacts, name, inputOf(file, signal), {
            description: values.description ?? '',
            ...(dataType === undefined ? {} : { dataType }),
          });
          if (values.json) context.stdout.writeLine(JSON.stringify(saved, null, 2));
          break;
        }
        case 'delete':
          if (!(await artifacts.delete(name))) {
            throw new CodeModeError('not-found', `There is no artifact "${name}".`);
          }
          break;
      }
      return ExitCode.ok;
    }),
  );
}

function checkDataType(given: string | undefined): ArtifactDataType | undefined {
  const checked = ArtifactDataTypeSchema.optional().safeParse(given);
  if (checked.success) return checked.data;
  throw new UsageError(`There is no data type "${given}".`, 'It is one of text, bytes, json.');
}

async function* inputOf(file: string | undefined, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* streamOf(file, signal) as AsyncIterable<Buffer>;
  } catch (error) {
    throw signal.aborted ? error : unreadable(file, error);
  }
}

function streamOf(file: string | undefined, signal: AbortSignal): Readable {
  if (file === undefined || file === '-') {
    signal.addEventListener('abort', () => process.stdin.destroy(signal.reason as Error), { once: true });
    return process.stdin;
  }
  return createReadStream(file, { signal, highWaterMark: PIECE_BYTES });
}

function unreadable(file: string | undefined, error: unknown): CodeModeError {
  const what = file === undefined || file === '-' ? 'Standard input' : `"${file}"`;
  return new CodeModeError('file', `${what} can't be read: ${reasonOf(error)}.`, { cause: error });
}

async function writeToStdout(reader: ArtifactReader, signal: AbortSignal): Promise<void> {
  await pipeline(Readable.from(piecesOf(reader)), process.stdout, { signal, end: false });
}

async function writeToFile(reader: ArtifactReader, file: string, signal: AbortSignal): Promise<void> {
  try {
    await using draft = await draftFile(file);
    for await (const piece of piecesOf(reader)) {
      signal.throwIfAborted();
      await draft.write(piece);
    }
    await (await draft.finish()).commit();
  } catch (error) {
    if (signal.aborted || CodeModeError.is(error)) throw error;
    throw new CodeModeError('file', `"${file}" can't be written: ${reasonOf(error)}.`, { cause: error });
  }
}
