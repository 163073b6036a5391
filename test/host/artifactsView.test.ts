import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { TABLE_EDITOR } from '../../src/ui/tablePreview/tableEditor.ts';
import { ArtifactDragAndDrop } from '../../src/ui/views/artifacts/artifactDragAndDrop.ts';
import { isArtifact, type Node } from '../../src/ui/views/artifacts/nodes.ts';
import { until } from '../support/until.ts';
import { answering, internals } from './editorSupport.ts';

const command = (name: string, ...args: unknown[]) =>
  Promise.resolve(vscode.commands.executeCommand(`codeMode.artifacts.${name}`, ...args));

/** The lines below one, as VS Code is given them. */
async function rows(parent?: Node): Promise<{ node: Node; item: vscode.TreeItem; text: string }[]> {
  const { artifactsView } = await internals();
  return (await artifactsView.getChildren(parent)).map((node) => {
    const item = artifactsView.getTreeItem(node);
    return { node, item, text: `${item.label}: ${item.description}` };
  });
}

async function untilRow(text: RegExp, parent?: Node) {
  await until(`a row ${text}`, async () => (await rows(parent)).some((row) => text.test(row.text)));
  return (await rows(parent)).find((row) => text.test(row.text))!;
}

async function save(name: string, text: string): Promise<void> {
  const { store } = await internals();
  await (await store.artifacts()).save(name, Buffer.from(text), {
    description: `all about ${name}`,
    metadata: {},
    dataType: 'text',
  });
}

async function names(): Promise<string[]> {
  const { store } = await internals();
  return (await (await store.artifacts()).list()).map(({ name }) => name);
}

async function content(name: string): Promise<string> {
  const { store } = await internals();
  return Buffer.from((await (await store.artifacts()).load(name)).content).toString();
}

/** Types in an input box, and takes it. */
async function typing<T>(text: string, work: () => Promise<T>): Promise<string | undefined> {
  const window = vscode.window as unknown as { showInputBox(options: vscode.InputBoxOptions): unknown };
  const original = window.showInputBox;
  let refusal: string | undefined;
  window.showInputBox = async (options: vscode.InputBoxOptions) => {
    const found = await options.validateInput?.(text);
    refusal = typeof found === 'string' ? found : undefined;
    return refusal === undefined ? text : undefined;
  };
  try {
    await work();
  } finally {
    window.showInputBox = original;
  }
  return refusal;
}

/** Chooses files in the dialogs of the operating system. */
async function choosing(chosen: vscode.Uri, work: () => Promise<unknown>): Promise<void> {
  const window = vscode.window as unknown as Record<'showOpenDialog' | 'showSaveDialog', () => unknown>;
  const { showOpenDialog, showSaveDialog } = window;
  window.showOpenDialog = async () => [chosen];
  window.showSaveDialog = async () => chosen;
  try {
    await work();
  } finally {
    Object.assign(window, { showOpenDialog, showSaveDialog });
  }
}

async function dragAndDrop(): Promise<ArtifactDragAndDrop> {
  const { store, artifactsView } = await internals();
  const log = vscode.window.createOutputChannel('Drag and drop', { log: true });
  return new ArtifactDragAndDrop({ store, view: artifactsView, log });
}

describe('the Artifacts view', () => {
  let scratch: string;

  before(async () => {
    scratch = await mkdtemp(path.join(os.tmpdir(), 'artifacts-'));
  });

  // Only while it is in sight it follows the store.
  beforeEach(() => command('focus'));

  after(() => rm(scratch, { recursive: true }));

  afterEach(async () => {
    const { store } = await internals();
    const artifacts = await store.artifacts();
    for (const { name } of await artifacts.list()) await artifacts.delete(name);
    await until('no row', async () => (await rows()).length === 0);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('shows artifacts by folders as they come, and in the same line as they change', async () => {
    assert.deepEqual(await rows(), []);
    await save('scans/nmap.txt', 'x'.repeat(2_000));
    const folder = await untilRow(/^scans: 1 artifact$/);
    assert.equal(folder.item.contextValue, 'folder file');
    const { node, item } = await untilRow(/^nmap\.txt: 2 kB · < 1 min$/, folder.node);
    assert.equal(item.contextValue, 'artifact file');
    await save('scans/nmap.txt', 'x'.repeat(3_000));
    const changed = await untilRow(/^nmap\.txt: 3 kB/, folder.node);
    assert.equal(changed.node, node);
    assert.equal(changed.item.id, item.id);
  });

  it('has all there is to know in the tooltip', async () => {
    await save('a.csv', 'a,b\n1,2\n');
    const { node, item } = await untilRow(/^a\.csv/);
    const { artifactsView } = await internals();
    const { tooltip } = await artifactsView.resolveTreeItem(item, node);
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.match(tooltip.value, /\*\*a\\\.csv\*\*\n\nDescription: all about a\\\.csv/);
    assert.match(tooltip.value, /Data type: text/);
    assert.match(tooltip.value, /```python\nartifacts\.load\("a\.csv"\)/);
  });

  it('shows a part of very many, and more when that is wanted', async () => {
    const { store } = await internals();
    const folder = (await store.root('artifacts')).fsPath;
    await mkdir(folder, { recursive: true });
    for (let index = 0; index < 620; index++) await writeFile(path.join(folder, `n${index}.txt`), '');
    const { node } = await untilRow(/^Show more…: 120 left$/);
    assert.equal((await rows()).length, 501);
    await command('showMore', node);
    assert.equal((await rows()).length, 620);
  });

  it('opens text as text, and tables as tables', async () => {
    await save('note.txt', 'a note');
    await save('t.csv', 'a,b\n1,2\n');
    await command('open', (await untilRow(/^note/)).node);
    await until('the note', () => vscode.window.activeTextEditor?.document.getText() === 'a note');
    await command('open', (await untilRow(/^t\.csv/)).node);
    const isTable = () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputCustom && input.viewType === TABLE_EDITOR;
    };
    await until('the table', isTable);
  });

  it('copies what loads an artifact, and writes it at the cursor', async () => {
    await save('a.csv', 'a');
    const { node } = await untilRow(/^a\.csv/);
    await command('copyCode', node);
    assert.equal(await vscode.env.clipboard.readText(), 'artifacts.load("a.csv")');
    await command('copyPath', node);
    assert.match(await vscode.env.clipboard.readText(), /artifacts\/a\.csv$/);
    const document = await vscode.workspace.openTextDocument({ language: 'python', content: '' });
    await vscode.window.showTextDocument(document);
    await command('insertCode', node);
    assert.equal(document.getText(), 'artifacts.load("a.csv")');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('renames, and says why a name cannot be', async () => {
    await save('a.txt', 'a');
    await save('f/b.txt', 'b');
    const { node } = await untilRow(/^a\.txt/);
    assert.match((await typing('../x', () => command('rename', node))) ?? '', /cannot name an artifact/);
    assert.equal(await typing('f/b.txt', () => command('rename', node)), 'There is "f/b.txt" already.');
    assert.equal(await typing('g/c.txt', () => command('rename', node)), undefined);
    assert.deepEqual(await names(), ['f/b.txt', 'g/c.txt']);
    const folder = await untilRow(/^f: /);
    await typing('h/i', () => command('rename', folder.node));
    assert.deepEqual(await names(), ['g/c.txt', 'h/i/b.txt']);
  });

  it('deletes several at once, and brings them back', async () => {
    await save('a.txt', 'a');
    await save('f/b.txt', 'b');
    await save('f/c.txt', 'c');
    const folder = await untilRow(/^f: 2 artifacts/);
    const { node } = await untilRow(/^a\.txt/);
    const [gone] = await answering(undefined, () => command('delete', node, [node, folder.node]));
    assert.equal(gone?.text, 'Deleted 3 artifacts.');
    assert.deepEqual(await names(), []);
    await save('a.txt', 'a');
    const again = await untilRow(/^a\.txt/);
    await answering('Undo', () => command('delete', again.node));
    assert.equal(await content('a.txt'), 'a');
    const { store } = await internals();
    assert.equal((await (await store.artifacts()).get('a.txt'))?.description, 'all about a.txt');
  });

  it('imports and exports files, asking before it replaces', async () => {
    const file = path.join(scratch, 'in.txt');
    await writeFile(file, 'first');
    await choosing(vscode.Uri.file(file), () => command('import'));
    assert.equal(await content('in.txt'), 'first');
    await writeFile(file, 'second');
    const [asked] = await answering(undefined, () =>
      choosing(vscode.Uri.file(file), () => command('import')),
    );
    assert.match(asked?.text ?? '', /^There is an artifact "in\.txt" already/);
    assert.equal(await content('in.txt'), 'first');
    await answering('Replace', () => choosing(vscode.Uri.file(file), () => command('import')));
    assert.equal(await content('in.txt'), 'second');

    const { node } = await untilRow(/^in\.txt/);
    const out = path.join(scratch, 'out.txt');
    await choosing(vscode.Uri.file(out), () => answering(undefined, () => command('export', node)));
    assert.equal(await readFile(out, 'utf8'), 'second');
    await save('f/b.txt', 'b');
    const folder = await untilRow(/^f: /);
    const target = path.join(scratch, 'exported');
    await mkdir(target);
    const exportBoth = () =>
      choosing(vscode.Uri.file(target), () => command('export', folder.node, [folder.node, node]));
    await answering(undefined, exportBoth);
    assert.equal(await readFile(path.join(target, 'f/b.txt'), 'utf8'), 'b');
    assert.equal(await readFile(path.join(target, 'in.txt'), 'utf8'), 'second');
    const [replace] = await answering('Skip Existing', exportBoth);
    assert.match(replace?.text ?? '', /^There are 2 files/);
  });

  it('takes files and folders that are dropped, and gives files to what is dragged out', async () => {
    const dropped = path.join(scratch, 'dropped');
    await mkdir(path.join(dropped, 'deep'), { recursive: true });
    await writeFile(path.join(dropped, 'deep/x y.csv'), 'a\n1\n');
    await writeFile(path.join(dropped, 'pixel.png'), Buffer.from([0x89, 0xff]));
    await save('f/b.txt', 'b');
    const folder = await untilRow(/^f: /);
    const controller = await dragAndDrop();
    const transfer = new vscode.DataTransfer();
    transfer.set('text/uri-list', new vscode.DataTransferItem(vscode.Uri.file(dropped).toString()));
    await controller.handleDrop(folder.node, transfer);
    assert.deepEqual(await names(), ['f/b.txt', 'f/dropped/deep/x y.csv', 'f/dropped/pixel.png']);

    const out = new vscode.DataTransfer();
    await until('both rows', async () => (await rows(folder.node)).length === 2);
    const [inner, b] = await rows(folder.node);
    assert.ok(b && inner && isArtifact(b.node));
    await controller.handleDrag([b.node], out);
    const { store } = await internals();
    const uris = await out.get('text/uri-list')?.asString();
    assert.equal(uris, (await store.uriOf('artifacts', 'f/b.txt')).toString());
    await controller.handleDrop(inner.node, out);
    assert.ok((await names()).includes('f/dropped/b.txt'), 'within the view it moves');

    const moved = new vscode.DataTransfer();
    await until('the moved one', async () => (await rows(folder.node)).length === 1);
    await controller.handleDrag([folder.node], moved);
    await controller.handleDrop(inner.node, moved);
    assert.equal((await names()).length, 3, 'a folder does not go into itself');
    await save('b.txt', 'other');
    const [, own] = [inner, (await rows(inner.node)).find(({ text }) => text.startsWith('b.txt'))];
    const up = new vscode.DataTransfer();
    await controller.handleDrag([own!.node], up);
    await answering(undefined, () => controller.handleDrop(undefined, up));
    assert.equal(await content('b.txt'), 'other');
    await answering('Replace', () => controller.handleDrop(undefined, up));
    assert.equal(await content('b.txt'), 'b');
  });

  it('follows what others do to the files', async () => {
    const { store } = await internals();
    const folder = (await store.root('artifacts')).fsPath;
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'by-hand.txt'), 'x');
    await untilRow(/^by-hand\.txt: 1 byte/);
    await rm(path.join(folder, 'by-hand.txt'));
    await until('no row', async () => (await rows()).length === 0);
  });
});
