import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Credentials } from '../../../src/core/common/credentials.ts';
import { parseRedisUrl } from '../../../src/core/storage/redis/address.ts';
import { RedisConnection, RedisTarget } from '../../../src/core/storage/redis/connection.ts';
import type { Command, Reply } from '../../../src/core/storage/redis/link.ts';

const BytesSchema = z.base64().transform((text) => Buffer.from(text, 'base64'));
const ExportSchema = z.record(
  z.string(),
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('string'), value: BytesSchema }),
    z.object({ type: z.literal('hash'), value: z.record(z.string(), BytesSchema) }),
    z.object({ type: z.literal('set'), value: z.array(BytesSchema) }),
  ]),
);

/** What Redis holds, by key; the values as bytes. */
export type RedisExport = z.infer<typeof ExportSchema>;

export async function readExport(file: string): Promise<RedisExport> {
  return ExportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** Sends bare commands to a server. */
export async function sendAll(url: string, commands: readonly Command[]): Promise<Reply[]> {
  await using connection = new RedisConnection(
    new RedisTarget(parseRedisUrl(url), new Credentials(undefined)),
  );
  return await connection.run('A command of a test failed', async (link) => {
    const replies: Reply[] = [];
    for (const command of commands) replies.push(await link.send(command));
    return replies;
  });
}

/** Puts into a server what was exported. */
export async function loadExport(url: string, exported: RedisExport): Promise<void> {
  await sendAll(
    url,
    Object.entries(exported).map(([key, entry]) => commandFor(key, entry)),
  );
}

function commandFor(key: string, entry: RedisExport[string]): Command {
  switch (entry.type) {
    case 'string':
      return ['SET', key, entry.value];
    case 'hash':
      return ['HSET', key, ...Object.entries(entry.value).flat()];
    case 'set':
      return ['SADD', key, ...entry.value];
  }
}

/** What a server holds under a prefix, as an export. */
export async function exportOf(url: string, prefix: string): Promise<RedisExport> {
  const exported: RedisExport = {};
  const [keys] = await sendAll(url, [['KEYS', `${prefix}:*`]]);
  for (const key of (keys as Buffer[]).map(String).sort()) {
    const [type] = await sendAll(url, [['TYPE', key]]);
    switch (String(type)) {
      case 'hash': {
        const [flat] = (await sendAll(url, [['HGETALL', key]])) as Buffer[][];
        const value: Record<string, Buffer<ArrayBuffer>> = {};
        for (let index = 0; index < flat!.length; index += 2) {
          value[String(flat![index])] = Buffer.from(flat![index + 1]!);
        }
        exported[key] = { type: 'hash', value };
        break;
      }
      case 'set': {
        const [members] = (await sendAll(url, [['SMEMBERS', key]])) as Buffer[][];
        exported[key] = { type: 'set', value: members!.map((member) => Buffer.from(member)) };
        break;
      }
      default: {
        const [value] = await sendAll(url, [['GET', key]]);
        exported[key] = { type: 'string', value: Buffer.from(value as Buffer) };
      }
    }
  }
  return exported;
}
