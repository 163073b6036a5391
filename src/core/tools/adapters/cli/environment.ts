import { isHostVariable } from '../../../executors/subprocess/environmentVariables.ts';

/** The environment of a tool's program: ours, secrets too, which are the person's as the program is; not the editor's own. */
export function ordinaryEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !isHostVariable(entry[0]),
  );
  return Object.fromEntries(entries);
}
