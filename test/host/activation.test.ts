import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { internals } from './editorSupport.ts';

describe('the extension', () => {
  it('activates in a real extension host', async () => {
    const extension = vscode.extensions.getExtension('python-code-mode.python-code-mode');
    assert.ok(extension, 'VS Code does not know the extension');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('activates no other extension', async () => {
    await internals();
    assert.equal(vscode.extensions.getExtension('ms-python.python')?.isActive, false);
  });

  it('leaves the time that it took to the bench', async () => {
    const { activationMs } = await internals();
    assert.ok(activationMs >= 0);
    const extension = vscode.extensions.getExtension('python-code-mode.python-code-mode')!;
    // Where `npm run bench` looks for it: nothing outside VS Code can measure this.
    await writeFile(
      path.join(extension.extensionPath, 'bench/activation.json'),
      JSON.stringify({ milliseconds: activationMs }),
    );
  });
});
