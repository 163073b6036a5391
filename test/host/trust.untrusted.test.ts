import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { answering, internals, openPython, valuesBeside } from './editorSupport.ts';

describe('in a workspace that is not trusted', () => {
  it('starts in a limited mode and runs nothing', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const { sessions, status } = await internals();
    const editor = await openPython('1 + 1\n# %%\n2\n');
    const commands = [
      'codeMode.runSelection',
      'codeMode.runFile',
      'codeMode.runAllCells',
      'codeMode.selectExecutor',
      'codeMode.selectInterpreter',
    ];
    for (const command of commands) {
      const asked = await answering(undefined, () =>
        Promise.resolve(vscode.commands.executeCommand(command)),
      );
      assert.equal(asked.length, 1, command);
      assert.match(asked[0]!.text, /a workspace that you trust/);
      assert.deepEqual(asked[0]!.buttons, ['Manage Workspace Trust']);
    }
    assert.deepEqual(await valuesBeside(editor), []);
    assert.equal(sessions.current(), undefined);
    assert.match(status.summary.state, /^limited/);
    await assert.rejects(sessions.workspaceSession(), { code: 'untrusted' });
  });
});
