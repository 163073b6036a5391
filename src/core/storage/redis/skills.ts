import type { RedisStoreParts } from './artifactStore.ts';
import type { Command } from './link.ts';
import { readHash } from './reading.ts';

/** What became of the workflows that older versions of py-code-mode call skills, by their names. */
export interface RedisSkillsMigration {
  readonly moved: readonly string[];
  /** What stays there; the reason is a part of a sentence. */
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
}

/** Whether a store has workflows where older versions of py-code-mode keep them. */
export async function hasRedisSkills({ connection, keys }: RedisStoreParts): Promise<boolean> {
  const count = await connection.run('The older workflows could not be read', (link) =>
    link.send(['HLEN', keys.skillHash]),
  );
  return Number(count) > 0;
}

/** Moves them to where workflows are kept now, as one change, and replaces nothing there. */
export async function migrateRedisSkills({
  transactions,
  keys,
}: RedisStoreParts): Promise<RedisSkillsMigration> {
  const { skillHash, workflowHash } = keys;
  const what = `The workflows in ${skillHash} could not be moved to ${workflowHash}`;
  return await transactions.run(what, [skillHash, workflowHash], async (link) => {
    const [skills, workflows] = await Promise.all([readHash(link, skillHash), readHash(link, workflowHash)]);
    const moved: string[] = [];
    const kept: { name: string; reason: string }[] = [];
    const commands: Command[] = [];
    for (const [name, text] of [...skills].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const present = workflows.get(name);
      if (present !== undefined && present !== text) {
        kept.push({ name, reason: `${workflowHash} has another one` });
        continue;
      }
      moved.push(name);
      if (present === undefined) commands.push(['HSET', workflowHash, name, text]);
      commands.push(['HDEL', skillHash, name]);
    }
    return { commands, result: { moved, kept } };
  });
}
