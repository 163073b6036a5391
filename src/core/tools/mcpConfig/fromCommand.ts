import { UsageError } from '../../contract/errors.ts';
import { type DraftDefinition, draftDefinition } from './definitions.ts';
import { nameOfAddress, nameOfCommand } from './serverName.ts';

const WORD = /((?:[^\s"']+|"[^"]*"|'[^']*')+)/gu;
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/su;

/**
 * How a tool would define the MCP server that a person starts by `command`, or reaches at it where it is an address.
 *
 * @param command a command line as in a README, `KEY=value` before it included: `npx -y @scope/server-memory`. There is
 *   no shell; words with blanks stand in quotes.
 * @param name of the tool; by default one that is made of the command
 * @throws UsageError where there is no command
 */
export function definitionFromCommand(command: string, name?: string): DraftDefinition {
  const address = addressOf(command.trim());
  if (address) {
    const transport = /\/sse\/?$/u.test(address.pathname) ? 'sse' : 'streamable_http';
    const description = `The MCP server at ${address.host}`;
    return draftDefinition(name ?? nameOfAddress(address), description, { transport, url: command.trim() });
  }
  const words = [...command.matchAll(WORD)].map(([word]) => word.replaceAll(/"([^"]*)"|'([^']*)'/gu, '$1$2'));
  const begin = words.findIndex((word) => !ASSIGNMENT.test(word));
  const [program, ...args] = begin === -1 ? [] : words.slice(begin);
  if (program === undefined) throw new UsageError('There is no command that starts an MCP server.');
  const env = Object.fromEntries(
    words.slice(0, begin).map((word) => {
      const [, variable = '', value = ''] = ASSIGNMENT.exec(word) ?? [];
      return [variable, value];
    }),
  );
  const chosen = name ?? nameOfCommand([program, ...args]);
  return draftDefinition(chosen, `The MCP server ${chosen}`, { command: program, args, env });
}

function addressOf(text: string): URL | undefined {
  return /^https?:\/\/\S+$/iu.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}
