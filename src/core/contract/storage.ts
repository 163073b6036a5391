import { z } from 'zod';

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
export interface StorageBackend {
  readonly artifacts: ArtifactStore;
  readonly workflows: WorkflowStore;
  /** The descriptor that another process can open the same store with. */
  getSerializableAccess(): StorageAccess;
}

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

/** Data that outlives the session. Content crosses as bytes; the Python side turns values into bytes and back. */
export interface ArtifactStore {
  /** Writes content and index entry; an existing artifact of that name is replaced whole. */
  save(
    name: string,
    content: Uint8Array,
    options: { description: string; metadata: Readonly<Record<string, unknown>>; dataType: ArtifactDataType },
  ): Promise<ArtifactInfo>;
  /** The content with how to read it. @throws CodeModeError `not-found` */
  load(name: string): Promise<{ content: Uint8Array; dataType: ArtifactDataType }>;
  list(): Promise<ArtifactInfo[]>;
  /** The index entry, or undefined. */
  get(name: string): Promise<ArtifactInfo | undefined>;
  exists(name: string): Promise<boolean>;
  /** Whether there was one. */
  delete(name: string): Promise<boolean>;
}

/** A workflow: a Python module with a top-level `async def run(...)`. */
export interface WorkflowSource {
  readonly name: string;
  readonly source: string;
}

/** Keeps the source of workflows. What a source means (parameters, description) the Python side works out by parsing. */
export interface WorkflowStore {
  list(): Promise<WorkflowSource[]>;
  get(name: string): Promise<WorkflowSource | undefined>;
  save(name: string, source: string): Promise<void>;
  /** Whether there was one. */
  delete(name: string): Promise<boolean>;
}
