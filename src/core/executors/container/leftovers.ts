import { z } from 'zod';
import { CodeModeError } from '../../contract/errors.ts';
import type { Engine } from './engine/engine.ts';
import { isOwnerGone, LABEL, OWNER_LABEL } from './labels.ts';

/** Docker has them in one text. */
const LabelsSchema = z.union([
  z.record(z.string(), z.string()),
  z.string().transform((text) => Object.fromEntries(text.split(',').map((label) => split(label, '=')))),
]);

/** What is looked through, in this order: a volume that a container has can't be removed. */
const KINDS = [
  { list: ['ps', '--all', '--no-trunc'], name: '{{.ID}}', removal: ['rm', '--force', '--volumes'] },
  { list: ['volume', 'ls'], name: '{{.Name}}', removal: ['volume', 'rm'] },
];

/** The engines that this process has looked through, by their commands. */
const lookedThrough = new Set<string>();

/** As {@link removeLeftovers}, once for each engine in this process. */
export async function removeLeftoversOnce(engine: Engine, log: (line: string) => void): Promise<void> {
  const key = JSON.stringify(engine.command([]));
  if (lookedThrough.has(key)) return;
  lookedThrough.add(key);
  await removeLeftovers(engine, log);
}

/**
 * Removes what processes that were killed have left in an engine: containers, and volumes that were made for one of them.
 * Never rejects.
 */
export async function removeLeftovers(engine: Engine, log: (line: string) => void): Promise<void> {
  for (const { list, name, removal } of KINDS) {
    try {
      const found = await engine.call([
        ...list,
        ...['--filter', `label=${LABEL}`, '--format', `${name} {{json .Labels}}`],
      ]);
      const left = leftIn(found);
      if (left.length === 0) continue;
      await engine.call([...removal, ...left]);
      log(`removed what earlier processes left: ${left.join(', ')}`);
    } catch (error) {
      log(`what earlier processes left could not be removed: ${CodeModeError.describe(error)}`);
    }
  }
}

/** The names in an engine's list, a name and its labels a line, whose owners are gone. */
function leftIn(list: string): string[] {
  return list
    .split('\n')
    .filter(Boolean)
    .map((line) => split(line, ' '))
    .filter(([, labels]) => {
      const owner = LabelsSchema.parse(JSON.parse(labels))[OWNER_LABEL];
      return owner !== undefined && isOwnerGone(owner);
    })
    .map(([name]) => name);
}

/** What is before the first separator, and what is behind it. */
function split(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + separator.length)];
}
