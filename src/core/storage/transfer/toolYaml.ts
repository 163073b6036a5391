import { z } from 'zod';
import type { Json } from '../../contract/execution.ts';
import { YamlText } from '../../tools/definition/yaml.ts';

const ConfigSchema = z.record(z.string(), z.json()).and(z.object({ name: z.string().min(1) }));

/**
 * The configuration that a tool's YAML holds.
 *
 * @throws Error that says what is wrong, and where
 */
export function parseToolYaml(text: string): { name: string } & Record<string, Json> {
  const { value, problems } = new YamlText(text);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error) {
    const line = text.slice(0, error.start).split('\n').length;
    throw new Error(`${error.message.replace(/\.$/u, '')} (line ${line})`);
  }
  const config = ConfigSchema.safeParse(value);
  if (config.success) return config.data;
  throw new Error('it is not a mapping with a "name"');
}
