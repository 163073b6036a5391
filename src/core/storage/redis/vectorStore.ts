import { createHash } from 'node:crypto';
import type { VectorStore } from '../../contract/storage.ts';
import type { RedisStoreParts } from './artifactStore.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';

/** Embeddings as the fields of a hash for each model: the text's SHA-256, and its numbers as 32-bit floats, lowest byte first. */
export class RedisVectorStore implements VectorStore {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;

  constructor({ connection, keys }: RedisStoreParts) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async get(model: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> {
    if (hashes.length === 0) return new Map();
    const values = await this.#connection.run('The embeddings could not be read', (link) =>
      link.send(['HMGET', this.#hash(model), ...hashes]),
    );
    const vectors = new Map<string, Float32Array>();
    if (!Array.isArray(values)) return vectors;
    hashes.forEach((hash, at) => {
      const value: unknown = values[at];
      if (Buffer.isBuffer(value) && value.length > 0 && value.length % 4 === 0)
        vectors.set(hash, toVector(value));
    });
    return vectors;
  }

  async put(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    if (vectors.size === 0) return;
    const fields = [...vectors].flatMap(([hash, vector]) => [hash, toBytes(vector)]);
    await this.#connection.run('The embeddings could not be kept', (link) =>
      link.send(['HSET', this.#hash(model), ...fields]),
    );
  }

  #hash(model: string): string {
    return `${this.#keys.vectors}:code-mode:${createHash('sha256').update(model).digest('hex')}`;
  }
}

function toBytes(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes;
}

function toVector(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
}
