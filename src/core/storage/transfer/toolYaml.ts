import { parseDocument, type ScalarTag, stringify, type Tags } from 'yaml';
import { z } from 'zod';
import type { Json } from '../../contract/execution.ts';

/** PyYAML, which py-code-mode reads the same files with, takes these words for truth values as well. */
const BOOLEAN: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: (value) => typeof value === 'boolean',
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
  stringify: ({ value }) => String(value),
};

const OPTIONS = {
  merge: true,
  customTags: (tags: Tags): Tags => [
    BOOLEAN,
    ...tags.filter((tag) => typeof tag === 'string' || tag.tag !== BOOLEAN.tag),
  ],
};

const ConfigSchema = z.record(z.string(), z.json()).and(z.object({ name: z.string().min(1) }));

/**
 * The configuration that a tool's YAML holds.
 *
 * @throws Error that says what is wrong, and where
 */
export function parseToolYaml(text: string): { name: string } & Record<string, Json> {
  const document = parseDocument(text, OPTIONS);
  const [error] = document.errors;
  if (error) throw new Error(error.message.split('\n', 1)[0]?.replace(/:$/, ''));
  const config = ConfigSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (config.success) return config.data;
  throw new Error('it is not a mapping with a "name"');
}

/** A tool's configuration as YAML, in its order. */
export function toolYaml(config: Readonly<Record<string, Json>>): string {
  return stringify(config, { ...OPTIONS, lineWidth: 0, aliasDuplicateObjects: false });
}
