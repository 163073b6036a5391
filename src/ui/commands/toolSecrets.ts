import * as vscode from 'vscode';
import { showError } from '../messages.ts';
import type { Secrets } from '../secrets.ts';
import type { WorkspaceTools } from '../store/workspaceTools.ts';

/** The command that keeps a secret of the tools. */
export function registerToolSecrets(
  secrets: Secrets,
  tools: WorkspaceTools,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  return vscode.commands.registerCommand('codeMode.tools.setSecret', () =>
    setToolSecret(secrets, tools).catch((error: unknown) => void showError(error, log)),
  );
}

/** Asks which variable of the tools' definitions, and for its value. */
async function setToolSecret(secrets: Secrets, tools: WorkspaceTools): Promise<void> {
  const { names, baseFolder } = await tools.variables();
  if (names.length === 0) {
    await vscode.window.showInformationMessage(
      `No tool of this workspace needs a secret. A definition names one as \${NAME}, for instance in a header.`,
    );
    return;
  }
  const { toolVariableRequest } = await import('../sessions/core.ts');
  const items = await Promise.all(
    names.map(async (name) => {
      const isKept = (await secrets.get(toolVariableRequest(name, baseFolder))) !== undefined;
      const inEnvironment = process.env[name] !== undefined;
      const place = inEnvironment ? 'set in the environment, which comes first' : isKept ? 'kept' : 'not set';
      return { label: `$(key) ${name}`, description: place, name };
    }),
  );
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Set Tool Secret',
    placeHolder: 'Which variable of the definitions',
  });
  if (!chosen) return;
  await secrets.ask(toolVariableRequest(chosen.name, baseFolder));
  await tools.forgetSecrets();
}
