import * as vscode from 'vscode';

/** Narrows the settings editor to this extension's own. */
export const ALL_SETTINGS = '@ext:python-code-mode.python-code-mode';

/**
 * Shows an error to the person: what happened, what to do next and, where a setting is the cause, a button that
 * opens it. Resolves when the message is closed; nobody has to wait for that.
 */
export async function showError(error: unknown, log?: vscode.LogOutputChannel): Promise<void> {
  log?.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  // Looked at by shape: importing the class would load the schemas beside it at activation.
  const { message, hint, code } = shapeOf(error);
  // Somebody wanted it to end.
  if (code === 'cancelled') return;
  const settings = code === 'settings' ? 'Open Settings' : undefined;
  const showLog = code === 'settings' || !log ? undefined : 'Show Log';
  const buttons = [settings, showLog].filter((button) => button !== undefined);
  const text = hint ? `${message} ${hint}` : message;
  const chosen = await vscode.window.showErrorMessage(text, ...buttons);
  if (chosen === undefined) return;
  if (chosen === settings) {
    const named = /codeMode\.[\w.]*\w/u.exec(text)?.[0];
    await vscode.commands.executeCommand('workbench.action.openSettings', named ?? ALL_SETTINGS);
  } else {
    log?.show();
  }
}

function shapeOf(error: unknown): { message: string; hint: string | undefined; code: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error), hint: undefined, code: undefined };
  const { hint, code } = error as Error & { hint?: unknown; code?: unknown };
  return {
    message: error.message,
    hint: typeof hint === 'string' ? hint : undefined,
    code: typeof code === 'string' ? code : undefined,
  };
}
