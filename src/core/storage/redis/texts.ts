import type { RedisConnection } from './connection.ts';
import type { Command } from './link.ts';

/** What Redis answers with a list of strings. @param what - what could not be done, for the error */
export async function readTexts(
  connection: RedisConnection,
  what: string,
  command: Command,
): Promise<string[]> {
  const reply = await connection.run(what, (link) => link.send(command));
  return Array.isArray(reply) ? reply.map(String) : [];
}
