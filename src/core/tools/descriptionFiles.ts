import { readFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { writeFileAtomically } from '../common/files/atomicWrite.ts';
import { makeFolders } from '../common/files/folders.ts';
import type { DescriptionCache, ToolDescription } from './tool.ts';
import { ToolDescriptionSchema } from './toolDescriptionSchema.ts';

const DIGEST = /^[0-9a-f]{64}$/;
/** Descriptions of tools that were not used for so long are removed, in milliseconds. */
const MAX_AGE_MS = 90 * 24 * 3600 * 1000;

/** Keeps descriptions as files of the person's cache folder: one each, by the digest of the definition. */
export class DescriptionFiles implements DescriptionCache {
  readonly #folder: string;
  readonly #known = new Map<string, ToolDescription>();
  #swept = false;

  constructor(folder: string = defaultDescriptionsFolder()) {
    this.#folder = folder;
  }

  get(digest: string): ToolDescription | undefined {
    const known = this.#known.get(digest) ?? this.#read(digest);
    // What is not there yet, another process may bring.
    if (known) this.#known.set(digest, known);
    return known;
  }

  set(digest: string, description: ToolDescription): void {
    this.#known.set(digest, description);
    void this.#write(digest, description).catch(() => undefined);
  }

  #read(digest: string): ToolDescription | undefined {
    try {
      return ToolDescriptionSchema.safeParse(JSON.parse(readFileSync(this.#file(digest), 'utf8'))).data;
    } catch {
      return undefined;
    }
  }

  async #write(digest: string, description: ToolDescription): Promise<void> {
    await makeFolders(this.#folder);
    await writeFileAtomically(this.#file(digest), JSON.stringify(description));
    if (this.#swept) return;
    this.#swept = true;
    for (const entry of await readdir(this.#folder)) {
      const file = path.join(this.#folder, entry);
      if (Date.now() - (await stat(file)).mtimeMs > MAX_AGE_MS) await rm(file, { force: true });
    }
  }

  #file(digest: string): string {
    if (!DIGEST.test(digest)) throw new Error('This is no digest.');
    return path.join(this.#folder, `${digest}.json`);
  }
}

/** Where descriptions are kept unless somebody says otherwise. */
function defaultDescriptionsFolder(): string {
  return path.join(envPaths('python-code-mode', { suffix: '' }).cache, 'tools');
}
