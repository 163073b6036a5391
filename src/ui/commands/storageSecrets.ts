import * as vscode from 'vscode';
import { showError } from '../messages.ts';
import type { Secrets } from '../secrets.ts';
import { localFolder } from '../sessions/sessionSpecs.ts';
import { readStoredSettings } from '../settings/storedSettings.ts';
import type { WorkspaceStore } from '../store/workspaceStore.ts';

/** The commands that keep secrets of the store. */
export function registerStorageSecrets(
  secrets: Secrets,
  store: WorkspaceStore,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const register = (name: string, act: (secrets: Secrets, store: WorkspaceStore) => Promise<void>) =>
    vscode.commands.registerCommand(`codeMode.${name}`, () =>
      act(secrets, store).catch((error: unknown) => void showError(error, log)),
    );
  return vscode.Disposable.from(
    register('setRedisPassword', setRedisPassword),
    register('setEmbeddingsKey', setEmbeddingsKey),
  );
}

/** Asks for the password of the Redis server that the settings name, and connects anew with it. */
async function setRedisPassword(secrets: Secrets, store: WorkspaceStore): Promise<void> {
  const { storage } = await readStoredSettings(localFolder());
  if (storage?.type !== 'redis') {
    return offerSettings('Artifacts and workflows are not kept in Redis.', 'codeMode.storage');
  }
  const { redisPasswordRequest } = await import('../sessions/core.ts');
  await secrets.ask(redisPasswordRequest(storage.url, true));
  store.reopen();
}

/** Asks for the API key of the embeddings endpoint that the settings name. */
async function setEmbeddingsKey(secrets: Secrets, store: WorkspaceStore): Promise<void> {
  const { embeddings } = await readStoredSettings(localFolder());
  if (embeddings?.type !== 'endpoint') {
    return offerSettings('The settings name no embeddings endpoint.', 'codeMode.embeddings');
  }
  const { embeddingsKeyRequest } = await import('../sessions/core.ts');
  await secrets.ask(embeddingsKeyRequest(embeddings.url));
  store.reopen();
}

async function offerSettings(message: string, setting: string): Promise<void> {
  const open = 'Open Settings';
  const chosen = await vscode.window.showInformationMessage(message, open);
  if (chosen === open) await vscode.commands.executeCommand('workbench.action.openSettings', setting);
}
