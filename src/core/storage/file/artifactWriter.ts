import { stat } from 'node:fs/promises';
import type { FileDraft } from '../../common/files/atomicWrite.ts';
import type { ArtifactDetails, ArtifactInfo, ArtifactWriter } from '../../contract/storage.ts';
import { type IndexEntry, indexTime } from '../artifactEntry.ts';
import { artifactInfo, missing } from './artifactNames.ts';
import { storageError } from './fileErrors.ts';
import type { IndexFile } from './indexFile.ts';
import type { OpenResources } from './openResources.ts';

/** What a {@link FileArtifactWriter} is made with. */
export interface WriterOptions {
  readonly name: string;
  /** The folder of the artifacts. */
  readonly folder: string;
  /** The file that the draft is to replace. */
  readonly target: string;
  readonly draft: FileDraft;
  readonly index: IndexFile;
  readonly resources: OpenResources;
}

/** Writes an artifact to a file beside the one that it is to replace. */
export class FileArtifactWriter implements ArtifactWriter {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      await this.#options.draft.write(chunk);
    } catch (error) {
      throw notSaved(this.#options.name, error);
    }
  }

  async commit(details: ArtifactDetails): Promise<ArtifactInfo> {
    const { name, folder, target, draft, index } = this.#options;
    try {
      const prepared = await draft.finish();
      const entry: IndexEntry = { createdAt: indexTime(new Date()), ...details };
      await index.change(async (entries) => {
        const replaces = (await stat(target).catch(missing)) !== undefined;
        entries.set(name, entry);
        return { apply: () => prepared.commit(), ...(replaces ? {} : { meanwhile: entries }) };
      });
      return artifactInfo(folder, name, entry);
    } catch (error) {
      throw notSaved(name, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.resources.release(this);
    await this.#options.draft[Symbol.asyncDispose]();
  }
}

export function notSaved(name: string, error: unknown): Error {
  return storageError(error, `The artifact "${name}" could not be saved`);
}
