// micropip for the build: it chooses wheels for Pyodide, and npm does not have it.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { IndexFile } from '../../src/core/deps/index/indexProject.ts';
import { PackageIndex } from '../../src/core/deps/index/packageIndex.ts';
import { resolvePackageSources } from '../../src/core/deps/sources/resolvePackageSources.ts';

const FILENAME = 'micropip-0.11.1-py3-none-any.whl';
const SHA256 = '768de165adb8e66906039d8fec4127a57f522dfdf8e6fbff877a4616941ecfd3';

/**
 * The wheel of micropip: from the folder if it is there, else from the package index that pip and uv use here.
 *
 * @param folder - absolute path of the folder to keep it in
 * @returns its absolute path
 */
export async function fetchMicropip(folder: string): Promise<string> {
  const kept = path.join(folder, FILENAME);
  if (await isWhole(kept)) return kept;
  const log = (line: string) => console.error(line);
  try {
    await using index = new PackageIndex(await resolvePackageSources({}, { log }), { log });
    const project = await index.project('micropip');
    const file = project?.files.find(({ filename }) => filename === FILENAME);
    if (!file) throw new Error(`The package index does not have ${FILENAME}.`);
    await mkdir(folder, { recursive: true });
    await index.download({ ...file, sha256: SHA256 } satisfies IndexFile, kept);
    return kept;
  } catch (cause) {
    throw new Error(
      `micropip, which the build needs once, could not be had: ${CodeModeError.describe(cause)}\n` +
        `Check the package index that PIP_INDEX_URL, UV_INDEX_URL or pip's configuration names, or put the file into ${folder}.`,
      { cause },
    );
  }
}

async function isWhole(file: string): Promise<boolean> {
  const content = await readFile(file).catch(() => undefined);
  return content !== undefined && createHash('sha256').update(content).digest('hex') === SHA256;
}
