import { z } from 'zod';
import { checkParams } from '../common/params.ts';
import type { HostCallHandlers } from '../connection/hostCalls.ts';
import { UsageError } from '../contract/errors.ts';
import type { Json } from '../contract/execution.ts';
import { ArtifactDataTypeSchema, type ArtifactInfo, type ArtifactStore } from '../contract/storage.ts';

const NameParams = z.object({ name: z.string() });
const SaveParams = NameParams.extend({
  description: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  data_type: ArtifactDataTypeSchema,
});

/**
 * What `artifacts` in Python calls. Content crosses as the call's one buffer; names are the Python project's.
 * @param store asked for at each call, so that it may throw where a session has none
 */
export function artifactCalls(store: () => ArtifactStore): HostCallHandlers {
  return {
    'artifacts.save': async ({ method, params, buffers }) => {
      const { name, description, metadata, data_type } = checkParams(SaveParams, method, params);
      const [content] = buffers;
      if (content === undefined) throw new UsageError('artifacts.save was called without content.');
      const saved = await store().save(name, content, { description, metadata, dataType: data_type });
      return { result: asJson(saved) };
    },
    'artifacts.load': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      const { content, dataType } = await store().load(name);
      return { result: { data_type: dataType }, buffers: [content] };
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

function asJson(artifact: ArtifactInfo): Json {
  // Metadata came from JSON: of a call or of the index.
  return { ...artifact, metadata: artifact.metadata as Readonly<Record<string, Json>> };
}
