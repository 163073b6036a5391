import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { ArtifactDataType, ArtifactInfo, WorkflowRecord } from '../../src/core/contract/storage.ts';
import { FileStorage } from '../../src/core/storage/file/fileStorage.ts';

/** A store of files that each test has to itself. */
export class StorageFolder {
  /** The base folder, which is not there before the first write; its parent is. */
  base = '';
  /** What the store has logged. */
  lines: string[] = [];
  #opened: FileStorage[] = [];

  /** To be called within a `describe`. */
  install(): this {
    beforeEach(() => {
      this.base = path.join(mkdtempSync(path.join(tmpdir(), 'code-mode-storage-')), 'base');
      this.lines = [];
    });
    afterEach(async () => {
      for (const storage of this.#opened.splice(0)) await storage[Symbol.asyncDispose]();
      rmSync(path.dirname(this.base), { recursive: true, force: true });
    });
    return this;
  }

  /** The store, opened once more; closed after the test. */
  open(): FileStorage {
    const storage = new FileStorage({ baseFolder: this.base, log: (line) => this.lines.push(line) });
    this.#opened.push(storage);
    return storage;
  }

  at(...parts: string[]): string {
    return path.join(this.base, ...parts);
  }

  /** Writes a file below the base folder past the store. */
  write(name: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
  }

  indexText(): string {
    return readFileSync(this.at('artifacts/.artifacts.json'), 'utf8');
  }

  /** The names that the index knows, sorted. */
  indexNames(): string[] {
    return Object.keys(JSON.parse(this.indexText())).sort();
  }

  /** Files in the folder of the artifacts by which programs would see that something is unfinished. */
  leftovers(): string[] {
    return this.#files().filter((name) => /\.tmp-|lock|break/.test(name));
  }

  /** The files in the folder of the artifacts that are artifacts, sorted. */
  files(): string[] {
    return this.#files().filter((name) => !/(?:^|\/)\./.test(name));
  }

  #files(): string[] {
    return readdirSync(this.at('artifacts'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.at('artifacts'), path.join(entry.parentPath, entry.name)))
      .map((name) => name.replaceAll(path.sep, '/'))
      .sort();
  }
}

/** Saves text. */
export function put(
  { artifacts }: FileStorage,
  name: string,
  content: string,
  dataType: ArtifactDataType = 'text',
): Promise<ArtifactInfo> {
  return artifacts.save(name, Buffer.from(content), { description: '', metadata: {}, dataType });
}

export async function textOf({ artifacts }: FileStorage, name: string): Promise<string> {
  return Buffer.from((await artifacts.load(name)).content).toString();
}

export async function namesOf({ artifacts }: FileStorage): Promise<string[]> {
  return (await artifacts.list()).map(({ name }) => name);
}

/** A record as the library makes it; a store of files keeps its source. */
export function workflow(name: string, source: string): WorkflowRecord {
  return { name, source, description: '', parameters: [] };
}

/** For `assert.rejects`. */
export function refused(pattern: RegExp, code = 'usage'): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof CodeModeError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}
