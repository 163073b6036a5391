import * as vscode from 'vscode';
import { showError } from '../../messages.ts';
import type { Secrets } from '../../secrets.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import type { WorkspaceDependencies } from '../../store/workspaceDependencies.ts';
import type { WorkspaceTools } from '../../store/workspaceTools.ts';
import { askPackages } from './askPackages.ts';
import { copyRequirement, copyRequirements } from './copyRequirements.ts';
import type { DepsView } from './depsView.ts';
import { setIndexPassword } from './indexPassword.ts';
import type { MeantPackage, Node } from './nodes.ts';
import { openRequirements } from './openRequirements.ts';
import { removePackage } from './removePackage.ts';
import { pinned, unpinned } from './requirementText.ts';
import { say, tellInstalled, tellRemoved } from './tellChange.ts';
import { checkNewer, upgradeAll, upgradePackages } from './upgradePackages.ts';

/** What the commands work with. */
export interface DepsCommandServices {
  readonly dependencies: WorkspaceDependencies;
  readonly tools: WorkspaceTools;
  readonly view: DepsView;
  readonly sessions: WorkspaceSessions;
  readonly secrets: Secrets;
  readonly log: vscode.LogOutputChannel;
}

/** Registers what can be done with packages. */
export function registerDepsCommands(services: DepsCommandServices): vscode.Disposable {
  const { dependencies, tools, view, sessions, secrets, log } = services;
  const command = (name: string, act: (node: Node | undefined) => Promise<unknown>) =>
    vscode.commands.registerCommand(`codeMode.deps.${name}`, async (node: Node | undefined) => {
      if (!sessions.ensureTrusted()) return;
      try {
        await act(node);
      } catch (error) {
        tellFailure(error, log);
      }
    });
  /** On the package of the line that is meant, or of the selected one where a key was pressed. */
  const onPackage = (name: string, act: (meant: MeantPackage) => Promise<unknown>) =>
    command(name, async (node) => {
      const meant = view.meant(node);
      if (meant) await act(meant);
    });
  const add = async (specs: readonly string[], title = `Installing ${specs.join(', ')}`) => {
    const result = await dependencies.withProgress(title, (packages, followed) =>
      packages.add(specs, followed),
    );
    tellInstalled(result, `$(check) ${specs.join(', ')} ${specs.length === 1 ? 'is' : 'are'} there already.`);
  };
  return vscode.Disposable.from(
    command('add', async () => {
      const specs = await askPackages(dependencies);
      if (specs) await add(specs);
    }),
    onPackage('remove', async (meant) => {
      const result = await removePackage(dependencies, meant);
      if (result) tellRemoved(result);
    }),
    onPackage('upgrade', ({ name, title }) => upgradePackages(dependencies, [name], title)),
    onPackage('pin', async ({ name, configured, installed }) => {
      if (installed) await add([pinned(configured?.spec ?? name, installed.version)], `Pinning ${name}`);
    }),
    onPackage('unpin', async ({ name, configured }) => {
      if (configured) await add([unpinned(configured.spec)], `Allowing newer versions of ${name}`);
    }),
    command('upgradeAll', () => upgradeAll(dependencies)),
    command('sync', async () => {
      const result = await dependencies.withProgress('Installing missing packages', (packages, followed) =>
        packages.sync(followed),
      );
      tellInstalled(result, '$(check) All configured packages are there.');
    }),
    command('checkNewer', () => checkNewer(dependencies)),
    command('copyRequirements', () => copyRequirements(dependencies)),
    onPackage('copyRequirement', (meant) => copyRequirement(meant)),
    command('openRequirements', openRequirements),
    command('askAgain', async () => {
      await tools.forgetPackageApprovals();
      say('You are asked again before code of an agent changes packages of this workspace.');
    }),
    command('setIndexPassword', () => setIndexPassword(secrets)),
    command('refresh', () => view.refresh()),
    command('showMore', async () => view.showMore()),
  );
}

/** What was cancelled says what has changed by then, and is no error. */
function tellFailure(error: unknown, log: vscode.LogOutputChannel): void {
  if (error instanceof Error && 'code' in error && error.code === 'cancelled') say(error.message);
  else void showError(error, log);
}
