import { z } from 'zod';
import type { Subscription } from '../common/events.ts';
import type { Json } from './execution.ts';

/**
 * Where a file storage keeps things (seed: `FileStorageAccess`). Field names are the Python project's, since
 * the descriptor crosses to other processes.
 */
export const FileStorageAccessSchema = z.object({
  type: z.literal('file'),
  workflows_path: z.string().nullable(),
  artifacts_path: z.string(),
  vectors_path: z.string().nullable().default(null),
  root_path: z.string().nullable().default(null),
});
export type FileStorageAccess = z.infer<typeof FileStorageAccessSchema>;

/** Where a Redis storage keeps things (seed: `RedisStorageAccess`). */
export const RedisStorageAccessSchema = z.object({
  type: z.literal('redis'),
  redis_url: z.string(),
  workflows_prefix: z.string(),
  artifacts_prefix: z.string(),
  vectors_prefix: z.string().nullable().default(null),
  root_prefix: z.string().nullable().default(null),
});
export type RedisStorageAccess = z.infer<typeof RedisStorageAccessSchema>;

/** A serialisable descriptor of a store: an address, not the store itself. */
export const StorageAccessSchema = z.discriminatedUnion('type', [
  FileStorageAccessSchema,
  RedisStorageAccessSchema,
]);
export type StorageAccess = z.infer<typeof StorageAccessSchema>;

/** A store of artifacts and workflows. An executor is given one at `start()`, never a {@link StorageAccess}. */
export interface StorageBackend extends AsyncDisposable {
  readonly artifacts: ArtifactStore;
  readonly workflows: WorkflowStore;
  readonly vectors: VectorStore;
  /** The descriptor that another process can open the same store with; without a password. */
  getSerializableAccess(): StorageAccess;
  /**
   * Says when anybody changes the store, until the subscription is disposed. Undefined where the store is made of files,
   * which whoever shows them watches.
   */
  watch?(listener: (changed: StoreContent) => void): Subscription;
}

/** What of a store has changed. */
export type StoreContent = 'artifacts' | 'workflows';

/** How the content of an artifact is read back (`_data_type` in the index). */
export const ArtifactDataTypeSchema = z.enum(['text', 'bytes', 'json']);
export type ArtifactDataType = z.infer<typeof ArtifactDataTypeSchema>;

/** An artifact without its content. */
export interface ArtifactInfo {
  /** Relative, with `/` between folders: `scans/nmap.json`. */
  readonly name: string;
  /** Absolute path where the store is made of files, otherwise the store's own key. */
  readonly path: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** ISO 8601 with offset. */
  readonly created_at: string;
}

/** What is kept of an artifact beside its content. */
export interface ArtifactDetails {
  readonly description: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly dataType: ArtifactDataType;
  /** ISO 8601 with offset; by default now. */
  readonly createdAt?: string;
}

/** Data that outlives the session. Content crosses as bytes; the Python side turns values into bytes and back. */
export interface ArtifactStore {
  /** Writes content and index entry; an existing artifact of that name is replaced whole. */
  save(name: string, content: Uint8Array, details: ArtifactDetails): Promise<ArtifactInfo>;
  /** Begins an artifact of any size that is written piece by piece; nothing is seen of it before `commit()`. */
  create(name: string): Promise<ArtifactWriter>;
  /** The content with how to read it. @throws CodeModeError `not-found` */
  load(name: string): Promise<{ content: Uint8Array; dataType: ArtifactDataType }>;
  /** Opens one to be read in pieces. @throws CodeModeError `not-found` */
  open(name: string): Promise<ArtifactReader>;
  /** By name. */
  list(): Promise<ArtifactInfo[]>;
  /** Bytes of content by name; what does not exist is left out. */
  sizes(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The index entry, or undefined. */
  get(name: string): Promise<ArtifactInfo | undefined>;
  exists(name: string): Promise<boolean>;
  /** Gives it another name; all else stays. @throws CodeModeError `not-found`, `usage` where the new name is taken */
  rename(name: string, newName: string): Promise<ArtifactInfo>;
  /** Whether there was one. */
  delete(name: string): Promise<boolean>;
  /** As {@link delete}, but it can be brought back for an hour; undefined where there was none. */
  remove(name: string): Promise<RemovedArtifact | undefined>;
}

/** An artifact that is being written; disposing without a commit drops it. */
export interface ArtifactWriter extends AsyncDisposable {
  /** Adds to the end; to be awaited before the next one. */
  write(chunk: Uint8Array): Promise<void>;
  /** Puts it in place of what had the name before. */
  commit(details: ArtifactDetails): Promise<ArtifactInfo>;
}

/** An artifact that is being read: the version that was there when it was opened. */
export interface ArtifactReader extends AsyncDisposable {
  /** In bytes. */
  readonly size: number;
  readonly dataType: ArtifactDataType;
  /** Of that version: what {@link ArtifactStore.get} says may be of another one by now. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** At most `length` bytes from `position` on; fewer at the end only. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** An artifact that was removed a moment ago. */
export interface RemovedArtifact {
  /** Brings it back as it was. @throws CodeModeError `usage` where the name is taken by now, `not-found` where it is gone */
  restore(): Promise<void>;
}

/** A workflow: a Python module with a top-level `async def run(...)`. */
export interface WorkflowSource {
  readonly name: string;
  readonly source: string;
  /** Where the store records one beside the source. */
  readonly description?: string;
}

/** A parameter of `run`, as py-code-mode records it. */
export interface WorkflowParameter {
  readonly name: string;
  /** A JSON type, or `any` where the annotation names none. */
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any';
  readonly description: string;
  readonly required: boolean;
  /** The value where it is a literal, otherwise its source text; null where there is none. */
  readonly default: Json;
}

/** A workflow with what its source says. */
export interface WorkflowRecord {
  readonly name: string;
  readonly source: string;
  readonly description: string;
  readonly parameters: readonly WorkflowParameter[];
}

/** Keeps the source of workflows; what a source means is worked out elsewhere (`core/workflows`). */
export interface WorkflowStore {
  /** By name. What has not changed since the last call is the same object again. */
  list(): Promise<readonly WorkflowSource[]>;
  get(name: string): Promise<WorkflowSource | undefined>;
  save(workflow: WorkflowRecord): Promise<void>;
  /** @throws CodeModeError `not-found`, `usage` where the new name is taken or cannot be one */
  rename(name: string, newName: string): Promise<void>;
  /** Whether there was one. */
  delete(name: string): Promise<boolean>;
  /** Absolute path of its file; undefined where the store is not made of files. */
  pathOf(name: string): string | undefined;
}

/** Embeddings that were computed before: by the model, and by the SHA-256 (hexadecimal) of the text. */
export interface VectorStore {
  /** Those that are there. */
  get(model: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Float32Array>>;
  put(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
}
