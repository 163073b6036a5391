import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { attachSessionManager } from '../../src/core/session/attached.ts';
import { endSessions, openPython, until, valuesBeside } from './editorSupport.ts';

describe('the session of the workspace', () => {
  afterEach(endSessions);

  it('is shared with the command line', async () => {
    const editor = await openPython('shared = 41\nshared\n');
    await vscode.commands.executeCommand('codeMode.runSelection');
    const workspaceFolder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const manager = await attachSessionManager({ workspaceFolder });
    try {
      const session = await manager.open({ id: 'workspace', title: '', executor: 'sandbox' });
      assert.equal((await session.run('shared += 1; shared')).value, 42);
      await vscode.commands.executeCommand('codeMode.runSelection');
      assert.deepEqual(await valuesBeside(editor), ['2: 42']);
      await session.reset();
      await until('the values to go', async () => (await valuesBeside(editor)).length === 0);
    } finally {
      await manager[Symbol.asyncDispose]();
    }
  });
});
