import * as vscode from 'vscode';
import type { OpenStorageOptions } from '../../core/storage/openStorage.ts';
import type { StorageSpec } from '../../core/storage/storageSpec.ts';
import type { Secrets } from '../secrets.ts';
import { localFolder } from '../sessions/sessionSpecs.ts';
import { readStoredSettings } from '../settings/storedSettings.ts';

/** A store that the person chose. */
export interface PickedStore {
  readonly spec: StorageSpec;
  /** As it is shown; without a password. */
  readonly label: string;
  readonly password: NonNullable<OpenStorageOptions['password']>;
}

interface StoreItem extends vscode.QuickPickItem {
  readonly pick: () => Promise<PickedStore | undefined>;
}

/** Asks for the folder of a store: that of the workspace, or another one. */
export async function pickFolder(title: string): Promise<PickedStore | undefined> {
  const { baseFolder, storage } = await readStoredSettings(localFolder());
  const items: StoreItem[] = [];
  if (baseFolder !== undefined) {
    const spec = storage?.type === 'file' ? storage : ({ type: 'file', baseFolder } as const);
    const description = workspaceOf(spec);
    items.push({
      label: '$(root-folder) The Base Folder of This Workspace',
      ...(description !== undefined && { description }),
      detail: baseFolder,
      pick: async () => inFolder(spec),
    });
  }
  return await pickOne(title, [...items, anotherFolder(title)]);
}

/** Asks for a store in Redis: that of the settings, or another one. */
export async function pickRedis(title: string, secrets: Secrets): Promise<PickedStore | undefined> {
  return await pickOne(title, await redisItems(title, secrets));
}

/** Asks for any store. */
export async function pickStore(title: string, secrets: Secrets): Promise<PickedStore | undefined> {
  return await pickOne(title, [...(await redisItems(title, secrets)), anotherFolder(title)]);
}

async function redisItems(title: string, secrets: Secrets): Promise<StoreItem[]> {
  const { storage } = await readStoredSettings(localFolder());
  const another: StoreItem = {
    label: '$(database) A Redis Server…',
    pick: () => askForRedis(title, secrets),
  };
  if (storage?.type !== 'redis') return [another];
  const chosen = await inRedis(storage, secrets);
  const ofSettings: StoreItem = {
    label: '$(database) The Store of the Settings',
    detail: chosen.label,
    pick: async () => chosen,
  };
  return [ofSettings, another];
}

function anotherFolder(title: string): StoreItem {
  return {
    label: '$(folder) Another Folder…',
    pick: async () => {
      const [folder] =
        (await vscode.window.showOpenDialog({
          title,
          canSelectFiles: false,
          canSelectFolders: true,
          openLabel: 'Select Store',
        })) ?? [];
      return folder && inFolder({ type: 'file', baseFolder: folder.fsPath });
    },
  };
}

async function pickOne(title: string, items: readonly StoreItem[]): Promise<PickedStore | undefined> {
  const chosen = await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true });
  return await chosen?.pick();
}

/** Two boxes: the address, and what the keys begin with. A password in the address is used and not kept. */
async function askForRedis(title: string, secrets: Secrets): Promise<PickedStore | undefined> {
  const { splitRedisUrl } = await import('../sessions/core.ts');
  const configuration = vscode.workspace.getConfiguration('codeMode');
  const given = await vscode.window.showInputBox({
    title,
    prompt: 'The address of the Redis server, such as redis://localhost:6379/0',
    value: String(configuration.get('redis.url') ?? ''),
    ignoreFocusOut: true,
    validateInput: (url) => problemOf(() => splitRedisUrl(url)),
  });
  if (given === undefined) return undefined;
  const prefix = await vscode.window.showInputBox({
    title,
    prompt: 'What the keys of the store begin with',
    value: String(configuration.get('redis.prefix') ?? ''),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A prefix has at least one character.' : undefined),
  });
  if (prefix === undefined) return undefined;
  const { url, password } = splitRedisUrl(given);
  return await inRedis({ type: 'redis', url, prefix: prefix.trim() }, secrets, password);
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function inFolder(spec: Extract<StorageSpec, { type: 'file' }>): PickedStore {
  const shown = vscode.workspace.asRelativePath(spec.baseFolder);
  const workspace = workspaceOf(spec);
  return {
    spec,
    label: workspace === undefined ? shown : `${shown} (${workspace})`,
    password: async () => undefined,
  };
}

async function inRedis(
  spec: Extract<StorageSpec, { type: 'redis' }>,
  secrets: Secrets,
  given?: string,
): Promise<PickedStore> {
  const { describeRedis, redisPasswordRequest } = await import('../sessions/core.ts');
  const root = spec.workspaceId === undefined ? spec.prefix : `${spec.prefix}:ws:${spec.workspaceId}`;
  return {
    spec,
    label: `${describeRedis(spec.url)} (${root})`,
    password: async ({ wasRefused }) =>
      given !== undefined && !wasRefused ? given : secrets.get(redisPasswordRequest(spec.url, wasRefused)),
  };
}

function workspaceOf({ workspaceId }: StorageSpec): string | undefined {
  return workspaceId === undefined ? undefined : `workspace ${workspaceId}`;
}
