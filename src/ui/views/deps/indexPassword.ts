import * as vscode from 'vscode';
import type { Secrets } from '../../secrets.ts';
import { localFolder } from '../../sessions/sessionSpecs.ts';
import { readDepsSettings } from '../../settings/readDepsSettings.ts';

/** Asks for the password of a package index that the settings name, which is kept until an index refuses it. @throws SettingsError */
export async function setIndexPassword(secrets: Secrets): Promise<void> {
  const { indexUrl, extraIndexUrls = [] } = await readDepsSettings(localFolder());
  const urls = [...(indexUrl === undefined ? [] : [indexUrl]), ...extraIndexUrls];
  if (urls.length === 0) return offerSettings();
  const chosen =
    urls.length === 1
      ? urls[0]
      : await vscode.window.showQuickPick(urls, { title: 'Password of Which Package Index?' });
  const { packageIndexRequest, splitLogin } = await import('../../sessions/core.ts');
  const index = chosen === undefined ? undefined : splitLogin(chosen);
  if (index) await secrets.ask(packageIndexRequest(index.url, true));
}

async function offerSettings(): Promise<void> {
  const open = 'Open Settings';
  const message =
    'The settings name no package index; those of your own pip or uv have their passwords there.';
  const chosen = await vscode.window.showInformationMessage(message, open);
  if (chosen === open) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'codeMode.deps.indexUrl');
  }
}
