import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { longestBlock } from '../../bench/eventLoop.ts';
import { STORE_ITEMS } from '../../bench/protocol.ts';
import { fillStore } from '../../bench/storeContent.ts';
import { until } from '../support/until.ts';
import { internals } from './editorSupport.ts';

describe('a large store', () => {
  /** The longest that the extension host kept everybody waiting, and the time to the first rows, in milliseconds. */
  const measured: Record<string, number> = {};

  const empty = async () => {
    const { store } = await internals();
    for (const kind of ['artifacts', 'workflows'] as const) {
      await rm((await store.root(kind)).fsPath, { recursive: true, force: true });
    }
  };

  before(async () => {
    const { store } = await internals();
    // What tests before have left is none of its folders.
    await empty();
    const spec = await store.spec();
    assert.equal(spec?.type, 'file');
    await fillStore(spec, STORE_ITEMS);
  });

  after(async () => {
    await empty();
    const extension = vscode.extensions.getExtension('python-code-mode.python-code-mode')!;
    // Where `npm run bench` looks for it: nothing outside VS Code can measure this.
    await writeFile(path.join(extension.extensionPath, 'bench/views.json'), JSON.stringify(measured));
  });

  it(`of ${STORE_ITEMS} workflows is shown in pages`, async () => {
    const { workflowsView } = await internals();
    const started = performance.now();
    measured.workflowsBlock = await longestBlock(async () => {
      await vscode.commands.executeCommand('codeMode.workflows.focus');
      await until('a page', async () => (await workflowsView.getChildren()).length === 501, 50_000);
    });
    measured.workflows = performance.now() - started;
  });

  it(`of ${STORE_ITEMS} artifacts is shown by folders`, async () => {
    const { artifactsView } = await internals();
    const started = performance.now();
    measured.artifactsBlock = await longestBlock(async () => {
      await vscode.commands.executeCommand('codeMode.artifacts.focus');
      await until('the folders', async () => (await artifactsView.getChildren()).length === 10, 50_000);
      const [folder] = await artifactsView.getChildren();
      assert.equal((await artifactsView.getChildren(folder)).length, 501);
    });
    measured.artifacts = performance.now() - started;
  });
});
