import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { checkParams } from '../common/params.ts';
import type { HostCallHandlers } from '../connection/hostCalls.ts';
import { CodeModeError, UnsupportedError, UsageError } from '../contract/errors.ts';
import type { Json } from '../contract/execution.ts';
import {
  ArtifactDataTypeSchema,
  type ArtifactInfo,
  type ArtifactReader,
  type StorageBackend,
} from '../contract/storage.ts';
import { OpenArtifacts } from './openArtifacts.ts';
import { formatOf, visibleMetadata } from './ownMetadata.ts';

/** Bytes of content that come along with the answer that says what there is. */
const INLINE_BYTES = 4 * 1024 * 1024;

const NameParams = z.object({ name: z.string() });
const DetailsParams = z.object({
  description: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  data_type: ArtifactDataTypeSchema,
});
const SaveParams = NameParams.extend(DetailsParams.shape);
const HandleParams = z.object({ handle: z.number() });
const CommitParams = HandleParams.extend(DetailsParams.shape);
/** `forgotten`: handles of file objects that nobody has any more. */
const OpenParams = NameParams.extend({ forgotten: z.array(z.number()) });
const ReadParams = HandleParams.extend({
  position: z.number().int().nonnegative(),
  length: z.number().int().positive(),
});

/**
 * What `artifacts` in Python calls. Content crosses as the call's one buffer, in pieces where it is large; names are the
 * Python project's.
 * @param storage asked for at each call, so that it may throw where a session has none
 */
export function artifactCalls(storage: () => StorageBackend): HostCallHandlers {
  const store = () => storage().artifacts;
  const open = new OpenArtifacts();
  const closeForgotten = (handles: readonly number[]) =>
    Promise.all(handles.map((handle) => open.close(handle)));
  return {
    'artifacts.save': async ({ method, params, buffers }) => {
      const { name, data_type: dataType, ...details } = checkParams(SaveParams, method, params);
      return {
        result: asJson(await store().save(name, contentOf(method, buffers), { ...details, dataType })),
      };
    },
    'artifacts.load': async ({ method, params, lifetime }) => {
      const { name, forgotten } = checkParams(OpenParams, method, params);
      await closeForgotten(forgotten);
      const reader = await store().open(name);
      if (reader.size > INLINE_BYTES) {
        return { result: describeReader(reader, open.add({ kind: 'reader', artifact: reader }, lifetime)) };
      }
      await using _ = reader;
      const content = reader.size === 0 ? new Uint8Array() : await reader.read(0, reader.size);
      return { result: describeReader(reader, null), buffers: [content] };
    },
    'artifacts.open': async ({ method, params, lifetime }) => {
      const { name, forgotten } = checkParams(OpenParams, method, params);
      await closeForgotten(forgotten);
      const reader = await store().open(name);
      return { result: describeReader(reader, open.add({ kind: 'reader', artifact: reader }, lifetime)) };
    },
    'artifacts.read': async ({ method, params }) => {
      const { handle, position, length } = checkParams(ReadParams, method, params);
      const piece = await open.read(handle, (reader) => reader.read(position, length));
      return { result: null, buffers: [piece] };
    },
    'artifacts.create': async ({ method, params, lifetime }) => {
      const { name, forgotten } = checkParams(OpenParams, method, params);
      await closeForgotten(forgotten);
      const writer = await store().create(name);
      return { result: { handle: open.add({ kind: 'writer', artifact: writer }, lifetime) } };
    },
    'artifacts.write': async ({ method, params, buffers }) => {
      const { handle } = checkParams(HandleParams, method, params);
      await open.write(handle, contentOf(method, buffers));
      return { result: null };
    },
    'artifacts.commit': async ({ method, params }) => {
      const { handle, data_type: dataType, ...details } = checkParams(CommitParams, method, params);
      return { result: asJson(await open.commit(handle, { ...details, dataType })) };
    },
    'artifacts.close': async ({ method, params }) => {
      await open.close(checkParams(HandleParams, method, params).handle);
      return { result: null };
    },
    'artifacts.path': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      const found = await store().get(name);
      if (!found) throw new CodeModeError('not-found', `There is no artifact "${name}".`);
      if (storage().getSerializableAccess().type !== 'file') {
        throw new UnsupportedError(
          `The artifact "${name}" has no path: this session's store is not made of files.`,
          `artifacts.load(${JSON.stringify(name)}) gives its content, artifacts.open(${JSON.stringify(name)}) a file object.`,
        );
      }
      const { ino, size } = await stat(found.path, { bigint: true });
      return { result: { path: found.path, inode: String(ino), size: Number(size) } };
    },
    'artifacts.list': async () => ({ result: (await store().list()).map(asJson) }),
    'artifacts.get': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      const found = await store().get(name);
      return { result: found ? asJson(found) : null };
    },
    'artifacts.exists': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      return { result: await store().exists(name) };
    },
    'artifacts.delete': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      return { result: await store().delete(name) };
    },
  };
}

function contentOf(method: string, [content]: readonly Uint8Array[]): Uint8Array {
  if (content === undefined) throw new UsageError(`${method} was called without content.`);
  return content;
}

function describeReader({ size, dataType, metadata }: ArtifactReader, handle: number | null): Json {
  const format = formatOf(metadata);
  return {
    handle,
    size,
    data_type: dataType,
    format: format?.name ?? null,
    format_options: (format?.options ?? null) as Json,
  };
}

function asJson(artifact: ArtifactInfo): Json {
  // Metadata came from JSON: of a call or of the index.
  return { ...artifact, metadata: visibleMetadata(artifact.metadata) as Readonly<Record<string, Json>> };
}
