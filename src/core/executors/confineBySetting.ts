import { CodeModeError, SettingsError } from '../contract/errors.ts';
import type { ConfinedCommand, ConfinementPolicy, Exit } from './confinement/index.ts';

/** What a setting can ask of the operating system's sandbox. */
export type ConfinementWish = 'off' | 'auto' | 'required';

/** A program as it is to be spawned. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A confined program, and how its end is told from that of what confines it. */
export interface Confinement extends ConfinedCommand {
  innerExit(exit: Exit): Exit;
}

/**
 * Puts a program under the operating system's sandbox, as a setting asks.
 *
 * @param setting - the whole name of the setting
 * @returns undefined where this machine has no sandbox, or the policy does not go with it, and the setting can do without
 * @throws CodeModeError `start-failed` where the setting requires what is missing; SettingsError for the policy
 */
export async function confineBySetting(
  setting: string,
  wish: ConfinementWish,
  program: Program,
  policy: ConfinementPolicy,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Confinement | undefined> {
  if (wish === 'off') return undefined;
  // Loaded here: without it, nothing of it is needed.
  const { checkConfinement, confine, innerExit } = await import('./confinement/index.ts');
  const availability = await checkConfinement();
  if (!availability.available) {
    if (wish === 'auto') return undefined;
    throw new CodeModeError(
      'start-failed',
      `The setting ${setting} requires the operating system's sandbox, which is missing here.`,
      { hint: availability.missing },
    );
  }
  try {
    const confined = await confine(program.command, program.args, program.env, policy, signal);
    return { ...confined, innerExit };
  } catch (error) {
    if (wish === 'required' || !(error instanceof SettingsError)) throw error;
    // Such as a workspace that is the whole home folder.
    log(`not under the operating system's sandbox: ${CodeModeError.describe(error)}`);
    return undefined;
  }
}

/** What a setting of the network and its list of domains mean to a policy. */
export function networkPolicy(
  network: 'on' | 'off' | 'allowedDomains',
  allowedDomains: readonly string[],
): ConfinementPolicy['network'] {
  return network === 'allowedDomains' ? { allowedDomains } : network;
}
