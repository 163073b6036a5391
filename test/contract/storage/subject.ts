import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError, type ErrorCode } from '../../../src/core/contract/errors.ts';
import type {
  ArtifactDetails,
  ArtifactStore,
  StorageBackend,
  WorkflowRecord,
} from '../../../src/core/contract/storage.ts';
import { openStorage } from '../../../src/core/storage/openStorage.ts';
import type { StorageSpec } from '../../../src/core/storage/storageSpec.ts';
import { hasRedis, RedisServer } from '../../support/redisServer.ts';

/** A kind of store that must keep the contract: an empty one for each test. */
export interface StoreSubject {
  readonly name: string;
  /** To be called within the `describe` of the kind. */
  install(): void;
  /** The store of the test, opened once more; closed after the test. */
  open(options?: { workspaceId?: string; log?: (line: string) => void }): StorageBackend;
  /** What the store of the test is opened with. */
  spec(): StorageSpec;
}

/** Files in a folder that each test has to itself. */
export function fileSubject(): StoreSubject {
  let baseFolder = '';
  const opened = new Opened(() => ({ type: 'file', baseFolder }));
  return {
    name: 'files',
    spec: () => opened.spec(),
    open: (options) => opened.open(options),
    install: () => {
      beforeEach(() => {
        baseFolder = path.join(mkdtempSync(path.join(tmpdir(), 'code-mode-store-')), 'base');
      });
      afterEach(async () => {
        await opened.close();
        rmSync(path.dirname(baseFolder), { recursive: true, force: true });
      });
    },
  };
}

/** Keys of a Redis server that all tests share, under a prefix that each has to itself. */
export function redisSubject(): StoreSubject {
  let server: RedisServer | undefined;
  let prefix = '';
  const opened = new Opened(() => ({ type: 'redis', url: server?.url ?? '', prefix }));
  return {
    name: 'Redis',
    spec: () => opened.spec(),
    open: (options) => opened.open(options),
    install: () => {
      before(async function () {
        if (!hasRedis()) this.skip();
        server = await RedisServer.start();
      });
      beforeEach(() => {
        // With what a pattern of keys would take for more than itself.
        prefix = `test[${randomUUID()}]*?\\`;
      });
      afterEach(() => opened.close());
      after(() => server?.[Symbol.asyncDispose]());
    },
  };
}

/** Stores that are closed together. */
class Opened {
  readonly spec: () => StorageSpec;
  readonly #stores: StorageBackend[] = [];

  constructor(spec: () => StorageSpec) {
    this.spec = spec;
  }

  open({ workspaceId, log }: { workspaceId?: string; log?: (line: string) => void } = {}): StorageBackend {
    const spec = { ...this.spec(), ...(workspaceId !== undefined && { workspaceId }) };
    const store = openStorage(spec, log && { log });
    this.#stores.push(store);
    return store;
  }

  async close(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store[Symbol.asyncDispose]();
  }
}

export const BYTES: ArtifactDetails = { description: '', metadata: {}, dataType: 'bytes' };
export const TEXT: ArtifactDetails = { description: '', metadata: {}, dataType: 'text' };

export async function put(store: ArtifactStore, name: string, text: string): Promise<void> {
  await store.save(name, Buffer.from(text), TEXT);
}

export async function textOf(store: ArtifactStore, name: string): Promise<string> {
  return Buffer.from((await store.load(name)).content).toString();
}

export async function namesOf(store: ArtifactStore): Promise<string[]> {
  return (await store.list()).map(({ name }) => name);
}

/** A workflow that returns `value`. */
export function workflow(name: string, value = '1'): WorkflowRecord {
  const source = `async def run():\n    return ${value}\n`;
  return { name, source, description: `Gives ${value}`, parameters: [] };
}

/** For `assert.rejects`. */
export function refused(code: ErrorCode, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(CodeModeError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}
