import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { attachTo } from '../../src/core/session/attached.ts';
import { findByWorkspaceFolder } from '../../src/core/session/remote/announcement.ts';
import { workspaceSessionId } from '../../src/core/session/session.ts';
import { until } from '../support/until.ts';
import { endSessions, openPython, valuesBeside } from './editorSupport.ts';

describe('the session of the workspace', () => {
  afterEach(endSessions);

  it('is shared with the command line', async () => {
    const editor = await openPython('shared = 41\nshared\n');
    await vscode.commands.executeCommand('codeMode.runSelection');
    const workspaceFolder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const found = await findByWorkspaceFolder(workspaceFolder);
    const manager = found && (await attachTo(found.announcement, { clientName: 'a test', version: '0' }));
    assert.ok(manager);
    try {
      const id = workspaceSessionId(workspaceFolder);
      const spec = { id, title: '', executor: 'sandbox', workspaceFolder };
      const session = await manager.openWorkspace(workspaceFolder, spec);
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
