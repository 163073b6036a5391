import { createHash } from 'node:crypto';
import path from 'node:path';
import type { VectorStore } from '../../contract/storage.ts';
import { storageError } from './fileErrors.ts';
import { VectorFile } from './vectorFile.ts';

/** Embeddings in one file a model, beside what py-code-mode keeps in the folder. */
export class FileVectorStore implements VectorStore {
  readonly #folder: string;
  readonly #log: (line: string) => void;
  readonly #files = new Map<string, VectorFile>();

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#log = log;
  }

  async get(model: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> {
    try {
      const vectors = await this.#file(model).read();
      const found = new Map<string, Float32Array>();
      for (const hash of hashes) {
        const vector = vectors.get(hash);
        if (vector !== undefined) found.set(hash, vector);
      }
      return found;
    } catch (error) {
      throw storageError(error, `The vectors of the model "${model}" could not be read`);
    }
  }

  async put(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    if (vectors.size === 0) return;
    try {
      await this.#file(model).append(vectors);
    } catch (error) {
      throw storageError(error, `The vectors of the model "${model}" could not be kept`);
    }
  }

  #file(model: string): VectorFile {
    let file = this.#files.get(model);
    if (file === undefined) {
      const name = `code-mode-${createHash('sha256').update(model).digest('hex').slice(0, 32)}.vectors`;
      file = new VectorFile(path.join(this.#folder, name), model, this.#log);
      this.#files.set(model, file);
    }
    return file;
  }
}
