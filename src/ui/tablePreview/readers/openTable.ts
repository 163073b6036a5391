import { CodeModeError } from '../../../core/contract/errors.ts';
import type { ByteSource } from '../../files/byteSource.ts';
import { openCsv } from './csv.ts';
import { openJson } from './json.ts';
import { openNpy } from './npy.ts';
import { openParquet } from './parquet.ts';
import type { TableReader } from './table.ts';

const OPENERS: Readonly<Record<string, (source: ByteSource) => Promise<TableReader>>> = {
  csv: (source) => openCsv(source),
  tsv: (source) => openCsv(source, '\t'),
  parquet: openParquet,
  json: (source) => openJson(source, 'json'),
  jsonl: (source) => openJson(source, 'lines'),
  ndjson: (source) => openJson(source, 'lines'),
  npy: openNpy,
};

/** Opens a table by the ending of its file's name. @throws CodeModeError `file` for what is none */
export async function openTable(name: string, source: ByteSource): Promise<TableReader> {
  const ending = /\.([^.]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  const open = OPENERS[ending];
  if (!open) throw new CodeModeError('file', `Files that end in ".${ending}" are not shown as a table.`);
  if (source.size === 0) throw new CodeModeError('file', 'The file is empty.');
  return open(source);
}
