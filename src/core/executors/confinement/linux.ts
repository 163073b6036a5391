import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { SettingsError } from '../../contract/errors.ts';
import { bubblewrapArguments } from './bubblewrap.ts';
import type { Command, ConfinedCommand } from './confinedCommand.ts';
import { isAtOrBelow } from './mounts.ts';
import type { CheckedPolicy } from './policy.ts';
import { holdPlaceholder, protectionOf } from './protectedPlaces.ts';

/** Confines a program by bubblewrap, which is at `bubblewrap`. */
export async function confineOnLinux(
  bubblewrap: string,
  { command, args, env }: Command,
  policy: CheckedPolicy,
  signal?: AbortSignal,
): Promise<ConfinedCommand> {
  const protections = await Promise.all(
    policy.writable.map(async (folder) => protectionOf(await checkWritable(folder))),
  );
  signal?.throwIfAborted();
  const placeholders = [...protections.flatMap((protection) => protection.placeholders), ...policy.readOnly];
  const releases = placeholders.map(holdPlaceholder);
  const release = async () => {
    for (const drop of releases.splice(0)) drop();
  };
  try {
    const wishes = protections.flatMap((protection) => protection.wishes);
    const options = await bubblewrapArguments(policy, [...wishes, { path: command, kind: 'shown' }]);
    signal?.throwIfAborted();
    return { command: bubblewrap, args: [...options, '--', command, ...args], env, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** @returns the folder's real path. @throws SettingsError where it is missing, or too much */
async function checkWritable(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) {
    throw new SettingsError(
      `"${folder}" is to be writable for Python, but it is not there.`,
      'Make it first.',
    );
  }
  const home = await realpath(homedir()).catch(() => homedir());
  if (!isAtOrBelow(real, home)) return real;
  throw new SettingsError(
    `A confined Python cannot be given all of "${folder}" to write: what your login runs by itself is in it.`,
    'Open the folder of a project instead, or switch the sandbox off.',
  );
}
