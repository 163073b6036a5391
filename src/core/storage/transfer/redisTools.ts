import { z } from 'zod';
import type { Json } from '../../contract/execution.ts';
import { pythonJson } from '../pythonJson.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { readTexts } from '../redis/texts.ts';
import type { StoredTool, ToolStore } from './transferStore.ts';

const ConfigSchema = z.record(z.string(), z.json());

/** Tools as the hash `{prefix}:__tools__`: a field for each, its value the configuration as JSON. */
export class RedisToolStore implements ToolStore {
  readonly #connection: RedisConnection;
  readonly #key: string;

  constructor(connection: RedisConnection, prefix: string) {
    this.#connection = connection;
    this.#key = `${prefix}:__tools__`;
  }

  async list(): Promise<ReadonlyMap<string, StoredTool>> {
    const texts = await readTexts(this.#connection, 'The tools could not be listed', ['HGETALL', this.#key]);
    const found = new Map<string, StoredTool>();
    for (let index = 0; index + 1 < texts.length; index += 2) {
      const name = texts[index]!;
      found.set(name, readTool(name, texts[index + 1]!));
    }
    return found;
  }

  async save(name: string, config: Readonly<Record<string, Json>>): Promise<void> {
    await this.#connection.run(`The tool "${name}" could not be saved`, (link) =>
      link.send(['HSET', this.#key, name, pythonJson(config)]),
    );
  }

  async delete(name: string): Promise<void> {
    await this.#connection.run(`The tool "${name}" could not be deleted`, (link) =>
      link.send(['HDEL', this.#key, name]),
    );
  }
}

function readTool(name: string, text: string): StoredTool {
  try {
    return { config: ConfigSchema.parse(JSON.parse(text)) };
  } catch {
    return { problem: `the entry of "${name}" is not a JSON object` };
  }
}
