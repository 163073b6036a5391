import { z } from 'zod';
import { isPythonName, pythonNameFor } from '../../python-source/identifiers.ts';

/** What `tools.NAME` means already. */
const RESERVED = new Set(['list', 'search']);

/** Why `name` can't be a tool's, in words for a person; undefined where it can. */
export function toolNameProblem(name: string): string | undefined {
  const refused = `${JSON.stringify(name)} cannot name a tool`;
  if (RESERVED.has(name)) return `${refused}: tools.${name} is a method already.`;
  if (name.startsWith('_')) return `${refused}: names that begin with _ are Python's own.`;
  if (isPythonName(name)) return undefined;
  const better = name === '' ? 'web_search' : pythonNameFor(name).replace(/^_+/u, '');
  return `${refused}: use a Python identifier, such as ${better === '' ? 'web_search' : better}.`;
}

/** The keys that every tool's YAML has, whatever its kind: part of the schema of each adapter. */
export const commonFields = {
  name: z
    .string()
    .check((context) => {
      const message = toolNameProblem(context.value);
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value });
    })
    .describe('What Python code calls it: `tools.NAME`. A Python identifier.'),
  type: z.string().exactOptional().describe('What kind of tool it is.'),
  description: z.string().default('').describe('What it is for. Searches and agents find it by this.'),
  tags: z.array(z.string()).default([]).describe('Words that group tools.'),
};
