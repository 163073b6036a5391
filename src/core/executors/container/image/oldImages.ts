import { CodeModeError } from '../../../contract/errors.ts';
import type { Engine } from '../engine/engine.ts';

/**
 * Removes what was built for the same folder before, but for what a container still uses. Never rejects.
 *
 * @param repository what all of them are called, and so nothing that a person made of one
 * @param label that all of them have, those that have lost their name as well
 * @param tag the one that stays
 */
export async function removeOldImages(
  engine: Engine,
  { repository, label, tag }: { repository: string; label: string; tag: string },
  onProgress: (line: string) => void,
): Promise<void> {
  try {
    const list = await engine.call([
      ...['images', '--no-trunc', '--filter', `label=${label}`],
      ...['--format', '{{.ID}} {{.Repository}} {{.Tag}}'],
    ]);
    const old = list
      .split('\n')
      .map((line) => line.trim().split(' '))
      .flatMap(([id = '', name = '', version = '']) => {
        if (name === '<none>') return [id];
        return name === repository && `${name}:${version}` !== tag ? [`${name}:${version}`] : [];
      });
    // One at a time: one that is in use does not keep the others.
    for (const image of old) await engine.call(['rmi', image]).catch(() => undefined);
  } catch (error) {
    onProgress(`Earlier images could not be removed: ${CodeModeError.describe(error)}`);
  }
}
