import type { ExecutionResult } from '../core/contract/execution.ts';
import { describeMissingModule, explainMissingModule } from '../core/deps/missingModule.ts';

/** The options that say whose packages code sees, as they were given. */
export interface EnvironmentOptions {
  readonly executor?: string | undefined;
  readonly base?: string | undefined;
  readonly set: readonly string[];
  readonly attach: boolean;
  readonly workspace?: string | undefined;
}

/** What would mend the import that ended a run: the command that installs the package. Undefined where it ended otherwise. */
export async function installHint(
  { error }: ExecutionResult,
  options: EnvironmentOptions,
): Promise<string | undefined> {
  const missing = error && (await explainMissingModule(error, [process.cwd()]));
  if (!missing) return undefined;
  const why = describeMissingModule(missing);
  if (missing.kind !== 'package') return why;
  const command = ['code-mode', 'deps', 'add', missing.package, ...sameEnvironment(options)];
  return `${why} This installs it: ${command.map(quoted).join(' ')}`;
}

function sameEnvironment({ executor, base, set, attach, workspace }: EnvironmentOptions): string[] {
  return [
    ...(executor === undefined ? [] : ['--executor', executor]),
    ...(base === undefined ? [] : ['--base', base]),
    ...set.flatMap((setting) => ['--set', setting]),
    ...(attach ? ['--attach'] : []),
    ...(workspace === undefined ? [] : ['--workspace', workspace]),
  ];
}

/** As a person types it in a shell. */
function quoted(word: string): string {
  if (/^[\w./:=@+-]+$/u.test(word)) return word;
  return word.includes('"') ? `'${word}'` : `"${word}"`;
}
