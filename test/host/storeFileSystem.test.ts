import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { STORE_SCHEME } from '../../src/ui/store/storeUri.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { until } from '../support/until.ts';
import { freePort, internals } from './editorSupport.ts';

const GREET = 'async def run(name: str):\n    return name\n';
/** Tells this store from others. */
let authority = '';
const uriOf = (path: string) => vscode.Uri.from({ scheme: STORE_SCHEME, authority, path });
const read = async (path: string) =>
  Buffer.from(await vscode.workspace.fs.readFile(uriOf(path))).toString('utf8');

async function configure(settings: Readonly<Record<string, string | undefined>>): Promise<void> {
  for (const [key, value] of Object.entries(settings)) {
    await vscode.workspace
      .getConfiguration('codeMode')
      .update(key, value, vscode.ConfigurationTarget.Workspace);
  }
}

/** The lines of the Artifacts view. */
async function labels(): Promise<string[]> {
  const { artifactsView } = await internals();
  return (await artifactsView.getChildren()).map((node) => String(artifactsView.getTreeItem(node).label));
}

describe('documents of a store that has no files', function () {
  this.timeout(60_000);
  let server: RedisServer;

  before(async function () {
    if (!hasRedis()) this.skip();
    const port = await freePort();
    server = await RedisServer.start('--bind', '127.0.0.1', '--port', String(port));
    const { store } = await internals();
    await vscode.commands.executeCommand('codeMode.artifacts.focus');
    await configure({ 'redis.url': `redis://127.0.0.1:${port}/0`, storage: 'redis' });
    await until('the store on Redis', async () => (await store.root('artifacts')).scheme === STORE_SCHEME);
    authority = (await store.root('artifacts')).authority;
  });

  after(async () => {
    if (!server) return;
    await configure({ storage: undefined, 'redis.url': undefined });
    const { store } = await internals();
    await until('the store of files', async () => (await store.root('artifacts')).scheme === 'file');
    await server[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    const { store } = await internals();
    await (await store.artifacts()).save('notes/a.txt', Buffer.from('first'), {
      description: 'some notes',
      metadata: { by: 'me' },
      dataType: 'text',
    });
    await (await store.workflows()).save('greet', GREET);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const { store } = await internals();
    for (const { name } of await (await store.artifacts()).list())
      await (await store.artifacts()).delete(name);
    for (const { name } of await (await store.workflows()).list())
      await (await store.workflows()).delete(name);
  });

  it('are artifacts that are edited, with all that is known of them kept', async () => {
    const { store } = await internals();
    const uri = await store.uriOf('artifacts', 'notes/a.txt');
    assert.equal(uri.toString(), `code-mode-store://${authority}/artifacts/notes/a.txt`);
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 5), ' and more'));
    assert.ok(await editor.document.save());
    assert.equal(await read('/artifacts/notes/a.txt'), 'first and more');
    const info = await (await store.artifacts()).get('notes/a.txt');
    assert.deepEqual([info?.description, info?.metadata], ['some notes', { by: 'me' }]);
  });

  it('change when somebody else changes them', async () => {
    const { store } = await internals();
    const documents = await Promise.all(
      ['/artifacts/notes/a.txt', '/workflows/greet.py'].map((path) =>
        vscode.workspace.openTextDocument(uriOf(path)),
      ),
    );
    for (const document of documents) await vscode.window.showTextDocument(document, { preview: false });
    await (await store.artifacts()).save('notes/a.txt', Buffer.from('other'), {
      description: '',
      metadata: {},
      dataType: 'text',
    });
    await (await store.workflows()).save('greet', GREET.replace('return name', 'return None'));
    await until('the other workflow', () => documents[1]?.getText().includes('return None') === true);
    await vscode.window.showTextDocument(documents[0]!, { preview: false });
    await until('the other text', () => documents[0]?.getText() === 'other');
  });

  it('are workflows, which are saved without errors only: the text stays', async () => {
    const document = await vscode.workspace.openTextDocument(uriOf('/workflows/greet.py'));
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'x = (\n'));
    assert.equal(await document.save().then(Boolean, () => false), false);
    assert.ok(document.isDirty);
    assert.match(document.getText(), /^x = \(\n/);
    assert.equal(await read('/workflows/greet.py'), GREET);
    const refused = vscode.workspace.fs.writeFile(uriOf('/workflows/greet.py'), Buffer.from('x = ('));
    await assert.rejects(Promise.resolve(refused), /error at 1:5/);
  });

  it('of one store are never those of another', async () => {
    const document = await vscode.workspace.openTextDocument(uriOf('/workflows/greet.py'));
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '# edited\n'));
    const { store } = await internals();
    await configure({ 'redis.prefix': 'another' });
    await until('another store', async () => (await store.root('artifacts')).authority !== authority);
    await (await store.workflows()).save('greet', GREET.replace('return name', 'return None'));
    assert.equal(await document.save().then(Boolean, () => false), false);
    assert.match(document.getText(), /^# edited/);
    const other = await vscode.workspace.openTextDocument(await store.uriOf('workflows', 'greet'));
    assert.match(other.getText(), /^async def .*return None/s);
    await (await store.workflows()).delete('greet');
    await configure({ 'redis.prefix': undefined });
    await until('the store again', async () => (await store.root('artifacts')).authority === authority);
    assert.ok(await document.save());
    assert.match(await read('/workflows/greet.py'), /^# edited/);
  });

  it('are in folders, have other names, and go', async () => {
    const { fs } = vscode.workspace;
    assert.deepEqual(await fs.readDirectory(uriOf('/artifacts')), [['notes', vscode.FileType.Directory]]);
    assert.deepEqual(await fs.readDirectory(uriOf('/workflows')), [['greet.py', vscode.FileType.File]]);
    assert.equal((await fs.stat(uriOf('/artifacts/notes'))).type, vscode.FileType.Directory);
    assert.equal((await fs.stat(uriOf('/artifacts/notes/a.txt'))).size, 5);
    await fs.writeFile(uriOf('/artifacts/deep/er/new.json'), Buffer.from('{}'));
    await fs.rename(uriOf('/artifacts/deep/er/new.json'), uriOf('/artifacts/b.json'));
    await fs.rename(uriOf('/workflows/greet.py'), uriOf('/workflows/welcome.py'));
    assert.equal(await read('/workflows/welcome.py'), GREET);
    await fs.delete(uriOf('/artifacts/notes'), { recursive: true });
    const { store } = await internals();
    assert.deepEqual(
      (await (await store.artifacts()).list()).map(({ name }) => name),
      ['b.json'],
    );
    const missing = async (path: string) => {
      const error = await Promise.resolve(fs.stat(uriOf(path))).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof vscode.FileSystemError && error.code === 'FileNotFound', path);
    };
    await missing('/artifacts/notes/a.txt');
    await missing('/workflows/greet.py');
    await missing('/other');
  });

  it('are gone with the server, which the view says until it is back', async () => {
    await until('the folder', async () => (await labels()).includes('notes'));
    await server.kill();
    await vscode.commands.executeCommand('codeMode.artifacts.refresh');
    await until('a word about it', async () => (await labels()).at(-1) === 'Retry');
    await server.start();
    const { store } = await internals();
    await until('the server', () =>
      store
        .artifacts()
        .then((artifacts) => artifacts.list())
        .then(Boolean, () => false),
    );
    await vscode.commands.executeCommand('codeMode.artifacts.refresh');
    await until('no complaint', async () => !(await labels()).includes('Retry'));
  });
});
