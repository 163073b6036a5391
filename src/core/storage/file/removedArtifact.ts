import { lstat, rm } from 'node:fs/promises';
import { renamePatiently } from '../../common/files/atomicWrite.ts';
import { CodeModeError, UsageError } from '../../contract/errors.ts';
import type { RemovedArtifact } from '../../contract/storage.ts';
import { missing } from './artifactNames.ts';
import { storageError } from './fileErrors.ts';
import type { IndexFile } from './indexFile.ts';
import type { OpenResources } from './openResources.ts';

/** What was taken away of an artifact. */
export interface TakenArtifact {
  readonly name: string;
  /** Where the artifact was. */
  readonly file: string;
  /** Where it is now. */
  readonly kept: string;
  /** The text of its index entry, if it had one. */
  readonly entry: string | undefined;
}

/** An artifact that lies under another name in its folder; disposing drops it. */
export class FileRemovedArtifact implements RemovedArtifact, AsyncDisposable {
  readonly #taken: TakenArtifact;
  readonly #index: IndexFile;
  readonly #resources: OpenResources;

  constructor(taken: TakenArtifact, index: IndexFile, resources: OpenResources) {
    this.#taken = taken;
    this.#index = index;
    this.#resources = resources;
  }

  async restore(): Promise<void> {
    const { name, file, kept, entry } = this.#taken;
    try {
      await this.#index.change(async (index) => {
        if ((await lstat(kept).catch(missing)) === undefined) throw isGone(name);
        if ((await lstat(file).catch(missing)) !== undefined) throw isTaken(name);
        if (entry === undefined) index.delete(name);
        else index.setText(name, entry);
        return { apply: () => renamePatiently(kept, file), meanwhile: index };
      });
      this.#resources.release(this);
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be brought back`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#taken.kept, { force: true });
  }
}

/** The name that an artifact is to have is another one's. */
export function isTaken(name: string): UsageError {
  return new UsageError(
    `There is already something named "${name}".`,
    'Choose another name, or delete it first.',
  );
}

function isGone(name: string): CodeModeError {
  return new CodeModeError('not-found', `The artifact "${name}" cannot be brought back any more.`, {
    hint: 'What was removed is kept for an hour, and while its store is open.',
  });
}
