import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { answering, internals } from './editorSupport.ts';

describe('packages in a workspace that is not trusted', () => {
  it('are neither shown nor changed', async () => {
    const { depsView, sessions } = await internals();
    assert.deepEqual(await depsView.getChildren(), []);
    for (const name of ['add', 'sync', 'upgradeAll', 'openRequirements']) {
      const asked = await answering(undefined, () =>
        Promise.resolve(vscode.commands.executeCommand(`codeMode.deps.${name}`)),
      );
      assert.match(asked[0]?.text ?? '', /workspace that you trust/, name);
    }
    assert.equal(sessions.current(), undefined);
  });
});
