import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
          await using writer = await artifacts.create(name);
          const guess = new TextGuess();
          try {
            for await (const chunk of inputOf(file, signal) as AsyncIterable<Buffer>) {
              guess.add(chunk);
              await writer.write(chunk);
            }
          } catch (error) {
            throw signal.aborted || CodeModeError.is(error) ? error : unreadable(file, error);
          }
          const found = name.endsWith('.json') ? 'json' : guess.isText() ? 'text' : 'bytes';
          const details = {
            description: values.description ?? '',
            metadata: {},
            dataType: dataType ?? found,
          };
          const saved = await writer.commit(details);
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

function inputOf(file: string | undefined, signal: AbortSignal): Readable {
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

async function* piecesOf(reader: ArtifactReader): AsyncIterable<Uint8Array> {
  for (let position = 0; position < reader.size; ) {
    const piece = await reader.read(position, PIECE_BYTES);
    if (piece.length === 0)
      throw new CodeModeError('storage', 'The artifact became shorter while it was read.');
    position += piece.length;
    yield piece;
  }
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

/** Whether bytes that come in pieces are UTF-8 text. */
class TextGuess {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #text = true;

  add(chunk: Uint8Array): void {
    if (!this.#text) return;
    this.#text = !chunk.includes(0) && this.#decodes(chunk);
  }

  isText(): boolean {
    return this.#text && this.#decodes();
  }

  #decodes(chunk?: Uint8Array): boolean {
    try {
      this.#decoder.decode(chunk, { stream: chunk !== undefined });
      return true;
    } catch {
      return false;
    }
  }
}
