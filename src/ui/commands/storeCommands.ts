import * as vscode from 'vscode';
import { showError } from '../messages.ts';
import type { Secrets } from '../secrets.ts';
import { StoreComparisons } from './storeComparison.ts';
import { diffStores } from './storeDiff.ts';
import { type PickedStore, pickFolder, pickRedis, pickStore } from './storePicks.ts';
import { transferStore } from './storeTransfer.ts';

/** Registers the commands that move content between stores and compare them. */
export function registerStoreCommands(secrets: Secrets, log: vscode.LogOutputChannel): vscode.Disposable {
  const comparisons = new StoreComparisons();
  const command = (name: string, act: () => Promise<void>) =>
    vscode.commands.registerCommand(`codeMode.store.${name}`, async () => {
      try {
        await act();
      } catch (error) {
        void showError(error, log);
      }
    });
  return vscode.Disposable.from(
    comparisons,
    command('bootstrap', async () => {
      const title = 'Push Store to Redis';
      const [from, to] = await pickTwo(
        () => pickFolder(`${title}: From Which Folder`),
        () => pickRedis(`${title}: To Which Store`, secrets),
      );
      if (from && to) await transferStore(from, to, log);
    }),
    command('pull', async () => {
      const title = 'Pull Store from Redis';
      const [from, to] = await pickTwo(
        () => pickRedis(`${title}: From Which Store`, secrets),
        () => pickFolder(`${title}: To Which Folder`),
      );
      if (from && to) await transferStore(from, to, log);
    }),
    command('diff', async () => {
      const title = 'Compare Stores';
      const [from, to] = await pickTwo(
        () => pickFolder(`${title}: Which Folder`),
        () => pickStore(`${title}: With Which Store`, secrets),
      );
      if (from && to) await diffStores(from, to, comparisons, log);
    }),
  );
}

type Pick = () => Promise<PickedStore | undefined>;

async function pickTwo(first: Pick, second: Pick): Promise<[PickedStore?, PickedStore?]> {
  const from = await first();
  if (!from) return [];
  const to = await second();
  return to ? [from, to] : [];
}
