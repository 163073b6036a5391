import type { ExecutionError, ExecutionResult } from '../contract/execution.ts';
import { describeMissingModule, explainMissingModule, type MissingModule } from './missingModule.ts';

/** How code is told what would mend its import. */
export interface InstallHintOptions {
  /** Absolute paths of the folders that the person's own modules may be in. */
  readonly folders: readonly string[];
  /** Whether code may add packages. */
  readonly allowsChanges: boolean;
}

/** The result with a line more in its error where an import failed: for an agent, which reads that and sees no buttons. */
export async function withInstallHint(
  result: ExecutionResult,
  options: InstallHintOptions,
): Promise<ExecutionResult> {
  const { error } = result;
  const missing = error && (await explainMissingModule(error, options.folders));
  return missing ? { ...result, error: withLine(error, hintOf(missing, options)) } : result;
}

function hintOf(missing: MissingModule, { allowsChanges }: InstallHintOptions): string {
  const why = describeMissingModule(missing);
  if (missing.kind !== 'package') return why;
  return allowsChanges
    ? `${why} deps.add(${JSON.stringify(missing.package)}) installs it; then run the code again.`
    : `${why} Packages can't be added from code here: a person has to install it.`;
}

function withLine(error: ExecutionError, line: string): ExecutionError {
  return {
    ...error,
    message: `${error.message}\n${line}`,
    traceback: error.traceback === '' ? '' : `${error.traceback.trimEnd()}\n${line}\n`,
  };
}
