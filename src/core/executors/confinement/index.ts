import { CodeModeError } from '../../contract/errors.ts';
import { checkConfinement } from './availability.ts';
import type { ConfinedCommand } from './confinedCommand.ts';
import { confineOnLinux } from './linux.ts';
import { confineOnMacOS } from './macos.ts';
import { type ConfinementPolicy, checkPolicy } from './policy.ts';

export { type Availability, checkConfinement, checkDomainFilter } from './availability.ts';
export type { ConfinedCommand } from './confinedCommand.ts';
export { type Exit, innerExit } from './innerExit.ts';
export { type ConfinementPolicy, DomainSchema } from './policy.ts';

/**
 * Confines a program by the operating system. The caller spawns the returned command, with file descriptors up to 8
 * as it likes: all reach the program. It kills the group of the spawned process to end everything within; the end of
 * this process does the same (while the program is still being started: by the end of its pipes). {@link innerExit}
 * tells how the program ended.
 *
 * What is hidden and what is protected is decided now. Folders stay so; but a single file that another program makes
 * or replaces later, such as Git's configuration or a history, is like every other file until the next start.
 *
 * @throws SettingsError for a policy that cannot be kept, CodeModeError where this machine cannot confine
 */
export async function confine(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  policy: ConfinementPolicy,
  signal?: AbortSignal,
): Promise<ConfinedCommand> {
  const checked = checkPolicy(policy);
  const availability = await checkConfinement();
  if (!availability.available) {
    throw new CodeModeError('start-failed', 'Python cannot be confined on this machine.', {
      hint: availability.missing,
    });
  }
  const confineHere = process.platform === 'darwin' ? confineOnMacOS : confineOnLinux;
  return confineHere({ command, args, env }, checked, signal);
}
