import * as vscode from 'vscode';
import type { RemoveResult } from '../../../core/contract/dependencies.ts';
import type { WorkspaceDependencies } from '../../store/workspaceDependencies.ts';
import type { MeantPackage } from './nodes.ts';

/** Removes a package after a question that names what else needs it. @returns undefined: the person thought better of it */
export async function removePackage(
  dependencies: WorkspaceDependencies,
  meant: MeantPackage,
): Promise<RemoveResult | undefined> {
  const { name, title } = meant;
  const question = `Are you sure you want to remove the package "${title}"?`;
  const options = { modal: true, detail: consequences(meant).join(' ') };
  if ((await vscode.window.showWarningMessage(question, options, 'Remove')) !== 'Remove') return undefined;
  return dependencies.withProgress(`Removing ${title}`, (packages, followed) =>
    packages.remove([name], followed),
  );
}

function consequences({ installed, configured, requiredBy }: MeantPackage): string[] {
  const needing = requiredBy.map(({ title }) => title).join(', ');
  const isFixed = configured?.source === 'settings' || configured?.source === 'pyproject.toml';
  return [
    ...(installed && needing !== '' ? [`It is needed by ${needing}, which may not work without it.`] : []),
    ...(configured && !isFixed ? ['It is taken out of the configuration as well.'] : []),
    ...(isFixed
      ? [`It stays configured in ${configured.source === 'settings' ? 'the settings' : configured.source}.`]
      : []),
  ];
}
