import * as vscode from 'vscode';
import type { WorkspaceDependencies } from '../../store/workspaceDependencies.ts';
import type { MeantPackage } from './nodes.ts';
import { configuredRequirements, installedRequirements } from './requirementText.ts';
import { say } from './tellChange.ts';

interface RequirementsItem extends vscode.QuickPickItem {
  readonly text: string;
}

/** Copies the configured or all packages as a requirements file, after a question which. */
export async function copyRequirements(dependencies: WorkspaceDependencies): Promise<void> {
  const text = await choose(dependencies);
  if (text !== undefined) await copy(text);
}

/** Copies one package as a line of a requirements file. */
export async function copyRequirement({ installed, configured }: MeantPackage): Promise<void> {
  const text = configured
    ? configuredRequirements([configured])
    : installedRequirements(installed ? [installed] : []);
  await copy(text.trimEnd());
}

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  say('$(check) Copied as requirements.');
}

async function choose(dependencies: WorkspaceDependencies): Promise<string | undefined> {
  const { configured, installed } = (await dependencies.known()).report;
  const items: RequirementsItem[] = [
    {
      label: 'Configured Packages',
      description: `${configured.length.toLocaleString('en')}, with the versions that are installed`,
      text: configuredRequirements(configured),
    },
    {
      label: 'All Installed Packages',
      description: `${installed.length.toLocaleString('en')}, with those that others need`,
      text: installedRequirements(installed),
    },
  ];
  return (await vscode.window.showQuickPick(items, { title: 'Copy as Requirements' }))?.text;
}
