import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { writeFileAtomically } from '../../../common/files/atomicWrite.ts';
import { ensurePrivateFolder } from '../../../common/files/privateFolder.ts';
import { CodeModeError } from '../../../contract/errors.ts';

/**
 * What containers have made of our modules before any code of a person ran in them, so that the next one of the same
 * image need not. It is only ever given back to the image that it is of, which could do the same by itself.
 */
const known = new Map<string, Buffer>();

/** Of one image and one of its Pythons. */
export class CompiledModules {
  readonly #key: string;
  readonly #log: (line: string) => void;

  /** `parts`: all that the result depends on. */
  constructor(parts: readonly string[], log: (line: string) => void) {
    this.#key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
    this.#log = log;
  }

  /** Empty: none is known. */
  async read(): Promise<Uint8Array> {
    const there = known.get(this.#key) ?? (await readFile(this.#file).catch(() => undefined));
    if (there) known.set(this.#key, there);
    return there ?? new Uint8Array(0);
  }

  /** Never rejects: without it, the next start is slower. */
  async keep(compiled: Buffer): Promise<void> {
    known.set(this.#key, compiled);
    try {
      await ensurePrivateFolder(path.dirname(this.#file));
      await writeFileAtomically(this.#file, compiled);
    } catch (error) {
      this.#log(`container: what was compiled could not be kept: ${CodeModeError.describe(error)}`);
    }
  }

  get #file(): string {
    const folder = path.join(envPaths('python-code-mode', { suffix: '' }).cache, 'containers');
    return path.join(folder, `${this.#key}.bin`);
  }
}
