import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import { internals } from './editorSupport.ts';

const JQ = `name: jq
description: Reads JSON
timeout: 30
schema:
  options:
    raw: {type: boolean, short: r, description: Plain strings}
  positional:
    - {name: filter, type: string, required: true}
recipes:
  query:
    preset: {raw: yes}
    params: {filter: {}}
`;

async function uriOf(name: string): Promise<vscode.Uri> {
  return vscode.Uri.joinPath(await (await internals()).tools.folder(), name);
}

/** Under a name that no test had before: VS Code keeps a document for a while after it was closed. */
async function openTool(name: string, content: string): Promise<vscode.TextEditor> {
  const uri = await uriOf(name);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(content));
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

function replaceAll({ document, edit }: vscode.TextEditor, text: string): Thenable<boolean> {
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
  return edit((builder) => builder.replace(whole, text));
}

/** What is said of a document: the severity, what it is said of, and the message. */
function saidOf(document: vscode.TextDocument): string[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .map(
      ({ severity, range, message }) =>
        `${vscode.DiagnosticSeverity[severity]} "${document.getText(range)}": ${message}`,
    );
}

async function untilSaid(document: vscode.TextDocument, expected: readonly string[]): Promise<void> {
  const isSo = () => JSON.stringify(saidOf(document)) === JSON.stringify(expected);
  await until(`${JSON.stringify(expected)}`, isSo).catch((error: unknown) => {
    assert.deepEqual(saidOf(document), expected);
    throw error;
  });
}

async function completionsAt(
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<vscode.CompletionItem[]> {
  const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    position,
  );
  return items.filter(
    ({ kind }) =>
      kind === vscode.CompletionItemKind.Property || kind === vscode.CompletionItemKind.EnumMember,
  );
}

const labelOf = ({ label }: vscode.CompletionItem) => (typeof label === 'string' ? label : label.label);

const endOf = (document: vscode.TextDocument) => document.positionAt(document.getText().length);

describe('the files of tools in the editor', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const folder = await (await internals()).tools.folder();
    await vscode.workspace.fs.delete(folder, { recursive: true });
  });

  it('are checked while they are typed', async () => {
    const editor = await openTool('checked.yaml', JQ.replace('timeout: 30', 'timeout: soon'));
    const { document } = editor;
    await untilSaid(document, ['Error "soon": A timeout is a number of seconds.']);
    await replaceAll(editor, JQ.replace('description', 'desciption'));
    await untilSaid(document, [
      'Warning "desciption": desciption is no key that is known here. Did you mean description?',
    ]);
    await replaceAll(editor, JQ.replace('  options', '\toptions'));
    await until('the tab is said', () => saidOf(document).some((said) => /not by tabs/.test(said)));
    await replaceAll(editor, JQ);
    await untilSaid(document, []);
  });

  it('are told of a name that another one has', async () => {
    await vscode.workspace.fs.writeFile(await uriOf('a.yaml'), Buffer.from(JQ));
    const { document } = await openTool('b.yaml', JQ);
    await untilSaid(document, ['Error "jq": There is a tool jq already, in a.yaml.']);
    await vscode.workspace.fs.delete(await uriOf('a.yaml'));
    await untilSaid(document, []);
  });

  it('are only those in the folder of tools', async () => {
    const { uri } = vscode.workspace.workspaceFolders![0]!;
    const elsewhere = vscode.Uri.joinPath(uri, 'other/tools/jq.yaml');
    await vscode.workspace.fs.writeFile(elsewhere, Buffer.from('timeout: soon\n'));
    const other = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(elsewhere));
    const { document } = await openTool('here.yaml', 'timeout: soon\n');
    await until('the tool is checked', () => saidOf(document).length > 0);
    assert.deepEqual(saidOf(other.document), []);
    assert.deepEqual(await completionsAt(other.document, new vscode.Position(1, 0)), []);
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(uri, 'other'), { recursive: true });
  });

  it('are completed by what their kind takes', async () => {
    const { document } = await openTool('completed.yaml', `${JQ}  raw:\n    `);
    const keys = await completionsAt(document, endOf(document));
    assert.ok(keys.map(labelOf).includes('params'));
    assert.equal(keys.find((item) => labelOf(item) === 'preset')?.insertText, 'preset:\n      ');
    const types = await completionsAt(document, document.positionAt(JQ.indexOf('boolean')));
    assert.ok(types.map(labelOf).includes('integer'));
    const parameters = await completionsAt(document, document.positionAt(JQ.indexOf('{filter: {}}') + 1));
    assert.deepEqual(parameters.map(labelOf), ['raw']);
  });

  it('say what their keys are for', async () => {
    const { document } = await openTool('told.yaml', JQ);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      document.positionAt(JQ.indexOf('timeout') + 2),
    );
    const said = hovers.flatMap(({ contents }) =>
      contents.map((one) => (typeof one === 'string' ? one : one.value)),
    );
    assert.match(said.join('\n'), /Seconds/);
  });
});
