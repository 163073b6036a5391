import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { Slices } from '../common/slices.ts';
import { CodeModeError } from '../contract/errors.ts';
import { readSafetensors, type Tensor } from './safetensors.ts';
import type { Embedder } from './semantic.ts';

const ConfigSchema = z.object({
  normalize: z.boolean().default(false),
  /** In tokens; null: no limit. */
  max_length: z.number().int().positive().nullable().default(512),
});
const TokenizerSchema = z.looseObject({
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), z.number()), z.array(z.tuple([z.string(), z.number()]))]),
    unk_token: z.string().nullish(),
    unk_id: z.number().nullish(),
  }),
});

interface Model {
  readonly id: string;
  readonly config: z.infer<typeof ConfigSchema>;
  readonly tokenizer: Tokenizer;
  /** The token for what the vocabulary does not have; it means nothing. */
  readonly unknown: number | undefined;
  /** In characters. */
  readonly medianTokenLength: number;
  readonly embeddings: Tensor;
  readonly weights: Tensor | undefined;
  /** From a token to its row in the embeddings. */
  readonly mapping: Tensor | undefined;
}

/** A static embedding model in a folder (Model2Vec): the mean of the vectors of a text's tokens. */
export class LocalEmbedder implements Embedder {
  readonly #folder: string;
  #model: Promise<Model> | undefined;

  /** @param folder absolute path, with `model.safetensors`, `tokenizer.json` and `config.json` */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async id(): Promise<string> {
    return (await this.#load()).id;
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const model = await this.#load();
    const vectors: Float32Array[] = [];
    const slices = new Slices();
    for (const text of texts) {
      vectors.push(embedText(model, text));
      if (slices.isOver) await slices.next();
      signal.throwIfAborted();
    }
    return vectors;
  }

  async #load(): Promise<Model> {
    this.#model ??= loadModel(this.#folder).catch((error: unknown) => {
      this.#model = undefined;
      throw new CodeModeError(
        'settings',
        `The embedding model in ${this.#folder} cannot be read: ${reason(error)}.`,
        {
          hint: 'Give a folder with a Model2Vec model: model.safetensors, tokenizer.json and config.json.',
          cause: error,
        },
      );
    });
    return await this.#model;
  }
}

async function loadModel(folder: string): Promise<Model> {
  const names = ['model.safetensors', 'tokenizer.json', 'config.json'];
  const files = await Promise.all(names.map((name) => readFile(path.join(folder, name))));
  const [tensorFile, tokenizerFile, configFile] = files as [Buffer, Buffer, Buffer];
  const tensors = readSafetensors(tensorFile);
  const embeddings = tensors.get('embeddings');
  if (!embeddings) throw new Error('model.safetensors has no embeddings');
  const definition: unknown = JSON.parse(tokenizerFile.toString());
  const { model } = TokenizerSchema.parse(definition);
  const tokenizer = new Tokenizer(definition as object, {});
  const hash = createHash('sha256');
  for (const file of files) hash.update(file);
  return {
    id: `model2vec ${hash.digest('hex')}`,
    config: ConfigSchema.parse(JSON.parse(configFile.toString())),
    tokenizer,
    unknown: model.unk_id ?? (model.unk_token ? tokenizer.token_to_id(model.unk_token) : undefined),
    medianTokenLength: median([...tokenizer.get_vocab(true).keys()].map((token) => [...token].length)),
    embeddings,
    weights: tensors.get('weights'),
    mapping: tensors.get('mapping'),
  };
}

function embedText(model: Model, text: string): Float32Array {
  const { config, tokenizer, embeddings } = model;
  const limit = config.max_length ?? Number.POSITIVE_INFINITY;
  const read =
    limit * model.medianTokenLength < text.length
      ? firstCharacters(text, limit * model.medianTokenLength)
      : text;
  const tokens = tokenizer
    .encode(read, { add_special_tokens: false })
    .ids.slice(0, limit)
    .filter((token) => token !== model.unknown);
  const vector = new Float32Array(embeddings.columns);
  for (const token of tokens) {
    const row = model.mapping ? model.mapping.at(token, 0) : token;
    const weight = model.weights?.at(token, 0) ?? 1;
    for (let column = 0; column < vector.length; column++) {
      vector[column]! += (embeddings.at(row ?? -1, column) ?? 0) * weight;
    }
  }
  const length = config.normalize ? Math.hypot(...vector) : tokens.length;
  return length > 0 ? vector.map((value) => value / length) : vector;
}

/** As Python counts them: by code points. */
function firstCharacters(text: string, count: number): string {
  return [...text.slice(0, 2 * count)].slice(0, count).join('');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 1;
  return Math.floor(sorted.length % 2 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2);
}

function reason(error: unknown): string {
  if (error instanceof z.ZodError) return 'a file of it has another form';
  return error instanceof Error ? error.message : String(error);
}
