import type { OpenStorageOptions } from '../../core/storage/openStorage.ts';
import { TerminalInput } from '../terminalInput.ts';

/** The environment variable that a password is taken from. */
export const PASSWORD_VARIABLE = 'CODE_MODE_REDIS_PASSWORD';

/**
 * Gives the password of a Redis server: that of the URL, else of the environment; where that is refused, or there is
 * none and one is needed, the person at the terminal is asked.
 *
 * @param server - as it is named to a person
 */
export function redisPassword(
  ofUrl: string | undefined,
  server: string,
): NonNullable<OpenStorageOptions['password']> {
  return async ({ wasRefused }) => {
    if (!wasRefused) return ofUrl ?? process.env[PASSWORD_VARIABLE];
    return askSecret(`Password of ${server}`);
  };
}

/** Asks the person at the terminal, who sees nothing of what they type; undefined: there is nobody, or no answer. */
export async function askSecret(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const input = new TerminalInput();
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    // The question comes once nothing is echoed any more.
    const answer = input.readPassword(interrupted.signal);
    process.stderr.write(`${question}: `);
    return await answer;
  } catch {
    return undefined;
  } finally {
    process.off('SIGINT', interrupt);
    process.stderr.write('\n');
    input.close();
  }
}
