import * as vscode from 'vscode';
import { agreeToSwitch, writeExecutor } from '../commands/selectExecutor.ts';
import { withLineProgress } from '../lineProgress.ts';
import { showError } from '../messages.ts';
import { loadExecutors } from '../sessions/executors.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import { shownReason } from '../views/deps/tellChange.ts';
import type { FailedImport, MissingImports } from './missingImports.ts';

/** Takes the id of a missing import. */
export const INSTALL_AND_RUN_AGAIN = 'codeMode.deps.installAndRunAgain';

/** What installs and runs again. */
export interface InstallServices {
  readonly imports: MissingImports;
  readonly sessions: WorkspaceSessions;
  readonly log: vscode.LogOutputChannel;
}

/** Registers "Install … and Run Again", which stands where an import has failed. */
export function registerInstallAndRunAgain(services: InstallServices): vscode.Disposable {
  return vscode.commands.registerCommand(INSTALL_AND_RUN_AGAIN, async (id: unknown) => {
    const one = services.imports.get(String(id));
    if (one) await installAndRunAgain(one, services);
  });
}

/** Offers the same in a message, where nothing else shows that the import has failed. */
export async function offerInstall(one: FailedImport, services: InstallServices): Promise<void> {
  if (one.missing.kind !== 'package') {
    void vscode.window.showWarningMessage(one.message);
    return;
  }
  const install = `Install ${one.missing.package} and Run Again`;
  const chosen = await vscode.window.showWarningMessage(one.message, install);
  if (chosen === install) await installAndRunAgain(one, services);
}

async function installAndRunAgain(one: FailedImport, services: InstallServices): Promise<void> {
  const { imports, sessions, log } = services;
  const { missing, session, runAgain } = one;
  if (missing.kind !== 'package' || !sessions.ensureTrusted()) return;
  try {
    const { failed } = await withLineProgress(`Installing ${missing.package}`, log, (options) =>
      session.dependencies.add([missing.package], options),
    );
    const [failure] = failed;
    if (failure) await tellFailure(failure.reason, one, services);
    else {
      imports.settle(session, missing.package);
      await runAgain();
    }
  } catch (error) {
    void showError(error, log);
  }
}

/** Says why it could not be installed; where another executor can do it, with a button that switches to it. */
async function tellFailure(reason: string, one: FailedImport, services: InstallServices): Promise<void> {
  const { sessions, log } = services;
  const { missing, session, runAgain } = one;
  const other = (await loadExecutors()).find(
    ({ id }) => id !== session.info.executor && reason.includes(`"${id}"`),
  );
  const switchTo = other && `Switch to ${other.label} and Run Again`;
  const showLog = 'Show Log';
  const name = missing.kind === 'package' ? missing.package : missing.module;
  const chosen = await vscode.window.showErrorMessage(
    `${name} could not be installed: ${shownReason(reason)}`,
    ...(switchTo ? [switchTo] : []),
    showLog,
  );
  if (chosen === showLog) log.show();
  if (chosen !== switchTo || !other || !(await agreeToSwitch(sessions, other))) return;
  await writeExecutor(sessions, other);
  await runAgain();
}
