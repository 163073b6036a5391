import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { internals } from './editorSupport.ts';

describe('the files of tools in a workspace that is not trusted', () => {
  it('are neither checked nor completed', async () => {
    await internals();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const uri = vscode.Uri.joinPath(folder!.uri, '.code-mode/tools/untrusted.yaml');
    await vscode.workspace.fs.writeFile(uri, Buffer.from('timeout: soon\ntype: \n'));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      uri,
      new vscode.Position(1, 6),
    );
    assert.ok(items.every(({ kind }) => kind !== vscode.CompletionItemKind.EnumMember));
    assert.deepEqual(vscode.languages.getDiagnostics(uri), []);
  });
});
