import type { InstallResult, RemoveResult } from '../contract/dependencies.ts';

/** With the names of the Python project, as plain data. */
export function pythonInstallResult({ installed, alreadyPresent, failed }: InstallResult) {
  return { installed, already_present: alreadyPresent, failed: failed.map((failure) => ({ ...failure })) };
}

/** With the names of the Python project, as plain data. */
export function pythonRemoveResult({ removed, notFound, failed, removedFromConfig }: RemoveResult) {
  return {
    removed,
    not_found: notFound,
    failed: failed.map((failure) => ({ ...failure })),
    removed_from_config: removedFromConfig,
  };
}
