import { CodeModeError } from '../../contract/errors.ts';
import type { ConfinedCommand, Exit } from '../confinement/index.ts';
import type { PythonStart } from './launch.ts';

/** A confined command, and how its program's end is told from its own. */
export interface Confinement extends ConfinedCommand {
  innerExit(exit: Exit): Exit;
}

/**
 * Puts Python under the operating system's sandbox, as the settings ask: files readable but for secrets, writable only
 * in the workspace and the temporary folder.
 *
 * @returns undefined where this machine has none and the settings can do without
 * @throws CodeModeError `start-failed` where the settings require it
 */
export async function confinePython(
  program: { command: string; args: readonly string[]; env: Readonly<Record<string, string>> },
  { settings, environment, distFolder, writableFolder, workingFolder }: PythonStart,
  temporaryFolder: string,
  signal: AbortSignal,
): Promise<Confinement | undefined> {
  // Loaded here: without it, nothing of it is needed.
  const { checkConfinement, confine, innerExit } = await import('../confinement/index.ts');
  const availability = await checkConfinement();
  if (!availability.available) {
    if (settings.sandbox === 'auto') return undefined;
    throw new CodeModeError(
      'start-failed',
      "The setting codeMode.subprocess.sandbox requires the operating system's sandbox, which is missing here.",
      { hint: availability.missing },
    );
  }
  const confined = await confine(
    program.command,
    program.args,
    program.env,
    {
      writable: [...(writableFolder === undefined ? [] : [writableFolder]), temporaryFolder],
      readable: [distFolder, environment.folder ?? program.command, workingFolder],
      otherFiles: 'visible',
      network:
        settings.network === 'allowedDomains'
          ? { allowedDomains: settings.allowedDomains }
          : settings.network,
      workingFolder,
    },
    signal,
  );
  return { ...confined, innerExit };
}
