import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { internals } from './editorSupport.ts';

describe('stubs in a workspace that is not trusted', () => {
  it('are not written', async () => {
    const { runsView } = await internals();
    const workspace = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const tools = path.join(workspace, '.code-mode/tools');
    await mkdir(tools, { recursive: true });
    await writeFile(path.join(tools, 'echo.yaml'), 'name: echo\nrecipes:\n  say: {}\n');
    try {
      // What asks for them to be looked at again.
      const settings = vscode.workspace.getConfiguration('codeMode');
      await settings.update('stubs.enabled', true, vscode.ConfigurationTarget.Global);
      await delay(2_000);
      assert.ok(!(await readdir(workspace)).includes('typings'));
      await settings.update('stubs.enabled', undefined, vscode.ConfigurationTarget.Global);
    } finally {
      await rm(path.join(workspace, '.code-mode'), { recursive: true });
    }
    // Nor is anything shown of what runs elsewhere.
    assert.deepEqual(await runsView.getChildren(), []);
  });
});
