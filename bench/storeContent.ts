import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createClient } from '@redis/client';
import type { StorageSpec } from '../src/core/storage/storageSpec.ts';

const VERBS = [
  'fetch',
  'parse',
  'convert',
  'upload',
  'summarise',
  'validate',
  'merge',
  'plot',
  'scan',
  'rename',
];
const NOUNS = [
  'invoices',
  'logs',
  'images',
  'sensors',
  'customers',
  'prices',
  'tickets',
  'tables',
  'routes',
  'mails',
];
const PLACES = [
  'bucket',
  'database',
  'folder',
  'spreadsheet',
  'website',
  'queue',
  'archive',
  'report',
  'channel',
  'map',
];

/** What is searched for: words, parts of words and slips of the hand. */
export const QUERIES = [
  'upload images to a bucket',
  'summarise tickets',
  'fetch prices website',
  'convrt invoices',
  'plot sens',
  'validate customers database 42',
  'merge tabels',
  'scan logs archive',
];

const CREATED_AT = '2026-01-01T12:00:00.000000+00:00';

/** Fills an empty store with so many workflows and as many artifacts, as py-code-mode writes them, without a store's help. */
export async function fillStore(spec: StorageSpec, count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, n) => item(n));
  const index = Object.fromEntries(
    items.map(({ artifact, description }) => [
      artifact,
      { description, created_at: CREATED_AT, metadata: { number: 1, _data_type: 'text' } },
    ]),
  );
  if (spec.type === 'file') {
    const workflows = path.join(spec.baseFolder, 'workflows');
    const artifacts = path.join(spec.baseFolder, 'artifacts');
    await mkdir(workflows, { recursive: true });
    for (const { name, source } of items) await writeFile(path.join(workflows, `${name}.py`), source);
    for (const { artifact, description } of items) {
      const file = path.join(artifacts, artifact);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, description);
    }
    await writeFile(path.join(artifacts, '.artifacts.json'), JSON.stringify(index, null, 2));
    return;
  }
  const client = createClient({ url: spec.url });
  await client.connect();
  for (const { name, source, description, parameters, artifact } of items) {
    const record = JSON.stringify({ name, description, source, parameters });
    void client.hSet(`${spec.prefix}:workflows:__workflows__`, name, record);
    void client.hSet(`${spec.prefix}:artifacts:__index__`, artifact, JSON.stringify(index[artifact]));
    await client.set(`${spec.prefix}:artifacts:${artifact}`, description);
  }
  client.destroy();
}

function item(n: number) {
  const verb = VERBS[n % 10] ?? '';
  const noun = NOUNS[Math.floor(n / 10) % 10] ?? '';
  const place = PLACES[Math.floor(n / 100) % 10] ?? '';
  const description = `Take ${noun} number ${n} and ${verb} them with the ${place}.`;
  const source = `"""${description}"""

import json


async def run(path: str, limit: int = 10, dry: bool = False) -> dict:
    """${description}

    Args:
        path: Where the ${noun} are.
        limit: How many of them.
    """
    found = [${n}, limit]
    for number, part in enumerate(path.split("/")):
        if dry or number > limit:
            break
        found.append(json.dumps({"${place}": part}))
    return {"${noun}": found}
`;
  const parameter = (name: string, type: string, required: boolean, value: unknown) => ({
    ...{ name, type, description: '', required, default: value },
  });
  return {
    name: `${verb}_${noun}_${n}`,
    artifact: `${noun}/${place}-${n}.txt`,
    description,
    source,
    parameters: [
      parameter('path', 'string', true, null),
      parameter('limit', 'integer', false, 10),
      parameter('dry', 'boolean', false, false),
    ],
  };
}

/** A tool of a large store. */
export function toolYaml(index: number): string {
  const pick = (words: readonly string[], by: number) => words[Math.floor(index / by) % words.length] ?? '';
  const [verb, noun, place] = [pick(VERBS, 1), pick(NOUNS, 10), pick(PLACES, 100)];
  return `name: ${verb}_${noun}_${index}
description: ${verb} ${noun} of the ${place} number ${index}
command: "true"
tags: [${noun}]
schema:
  options:
    limit: {type: integer, description: How many ${noun} at most}
  positional:
    - {name: ${place}, type: string, required: true, description: Which ${place}}
recipes:
  run: {description: ${verb} all ${noun}, params: {${place}: {}, limit: {default: ${index}}}}
`;
}
