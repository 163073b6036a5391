import path from 'node:path';
import * as vscode from 'vscode';
import { localFolder } from '../sessions/sessionSpecs.ts';
import { readStoredSettings } from '../settings/storedSettings.ts';

/** The `requirements.txt` that packages are written to, whether it is there or not; undefined: there is none. @throws SettingsError */
export async function requirementsFile(): Promise<vscode.Uri | undefined> {
  const { baseFolder, storage } = await readStoredSettings(localFolder());
  if (baseFolder === undefined || storage?.type === 'redis') return undefined;
  return vscode.Uri.file(path.join(baseFolder, 'requirements.txt'));
}
