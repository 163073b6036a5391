import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { openTransferStore } from '../../src/core/storage/transfer/openTransferStore.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { until } from '../support/until.ts';
import { freePort, internals, withSetting } from './editorSupport.ts';

const GREET = '"""Greets somebody."""\n\n\nasync def run(name: str):\n    return f"Hello {name}"\n';

/** What the person does at one question. */
type Answer =
  /** Chooses the item whose label has this in it. */
  | { readonly choose: string }
  /** Of a list of many, leaves what is chosen there, changed by this, or dismisses it. */
  | {
      readonly accept: (
        items: readonly vscode.QuickPickItem[],
      ) => readonly vscode.QuickPickItem[] | undefined;
    }
  | { readonly type: string }
  | { readonly folder: string };

const asProposed: Answer = { accept: (items) => items.filter(({ picked }) => picked) };

describe('the commands for stores', function () {
  this.timeout(60_000);
  let server: RedisServer;
  let url: string;
  let scratch: string;
  let base: string;

  before(async function () {
    if (!hasRedis()) this.skip();
    scratch = await mkdtemp(path.join(tmpdir(), 'code-mode-host-store-'));
    const port = await freePort();
    server = await RedisServer.start('--bind', '127.0.0.1', '--port', String(port));
    url = `redis://127.0.0.1:${port}/0`;
    await internals();
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await server.send('FLUSHALL');
    base = await mkdtemp(path.join(scratch, 'base-'));
    await write('workflows/greet.py', GREET);
    await write('workflows/broken.py', 'async def run(:\n');
    await write('artifacts/notes.txt', 'some notes\n');
    await write('requirements.txt', '# what we need\npandas>=2.0\n');
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  async function write(name: string, content: string): Promise<void> {
    const file = path.join(base, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const opened = () => openTransferStore({ type: 'redis', url, prefix: 'team' });
  const inFolder = (): Answer[] => [{ choose: 'Another Folder' }, { folder: base }];
  const inRedis = (): Answer[] => [{ choose: 'A Redis Server' }, { type: url }, { type: 'team' }];
  const command = (name: string) => vscode.commands.executeCommand(`codeMode.store.${name}`);
  /** @param preview - undefined: there is none */
  const push = (preview: Answer | undefined) =>
    answeringEach([...inFolder(), ...inRedis(), ...(preview ? [preview] : [])], () => command('bootstrap'));

  it('push a folder to Redis once the preview is accepted', async () => {
    const previews: (readonly vscode.QuickPickItem[])[] = [];
    const dismiss: Answer = {
      accept: (items) => {
        previews.push(items);
        return undefined;
      },
    };
    await push(dismiss);
    assert.deepEqual(
      previews[0]?.map(({ label, description }) => `${label} ${description}`),
      [
        '$(diff-added) greet workflows: is added',
        '$(diff-added) notes.txt artifacts: is added',
        '$(diff-added) pandas deps: is added',
      ],
    );
    await using store = opened();
    assert.deepEqual(await store.workflows.list(), []);
    const messages = await push(asProposed);
    assert.match(messages.join(), /\(team\): 3 added, 0 replaced, 0 removed, 1 left out\.$/);
    assert.equal((await store.workflows.get('greet'))?.source, GREET);
    assert.match((await push(undefined)).join(), /\(team\) has all that .* has, 1 left out\.$/);
  });

  it('pull the store of the settings, and remove what is chosen for it', async () => {
    await using store = opened();
    await store.workflows.save({ name: 'theirs', source: GREET, description: '', parameters: [] });
    await store.deps.save('numpy');
    await withSetting('redis.url', url, () =>
      withSetting('redis.prefix', 'team', () =>
        withSetting('storage', 'redis', async () => {
          const withoutWorkflows: Answer = {
            accept: (items) =>
              items.filter(({ picked, description }) => picked || description?.startsWith('workflows')),
          };
          const messages = await answeringEach(
            [{ choose: 'The Store of the Settings' }, ...inFolder(), withoutWorkflows],
            () => command('pull'),
          );
          assert.match(messages.join(), /2 added, 0 replaced, 2 removed\.$/);
        }),
      ),
    );
    assert.deepEqual(await readdir(path.join(base, 'workflows')), ['theirs.py']);
    assert.equal(
      await readFile(path.join(base, 'requirements.txt'), 'utf8'),
      '# what we need\npandas>=2.0\nnumpy\n',
    );
    assert.equal(await readFile(path.join(base, 'artifacts/notes.txt'), 'utf8'), 'some notes\n');
  });

  it('compare stores in a document that leads to the differences of a workflow', async () => {
    await push(asProposed);
    await write('workflows/greet.py', GREET.replace('Hello', 'Hi'));
    await write('artifacts/more.txt', 'x');
    await answeringEach([...inFolder(), ...inRedis()], () => command('diff'));
    const { document } = vscode.window.activeTextEditor ?? {};
    assert.ok(document);
    const lines = document.getText().split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('  ')),
      ['  - broken  (in the source only)', '  ~ greet  (changed)', '  - more.txt  (in the source only)'],
    );
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    assert.deepEqual(
      lenses.map(({ range }) => lines[range.start.line]),
      ['  ~ greet  (changed)'],
    );
    const { command: open } = lenses[0] ?? {};
    assert.ok(open);
    await vscode.commands.executeCommand(open.command, ...(open.arguments ?? []));
    await until('the differences', () => activeDiff() !== undefined);
    const { original, modified } = activeDiff()!;
    const textOf = async (uri: vscode.Uri) => (await vscode.workspace.openTextDocument(uri)).getText();
    assert.equal(await textOf(original), GREET.replace('Hello', 'Hi'));
    assert.equal(await textOf(modified), GREET);
  });

  it('say what is wrong', async () => {
    const nobody: Answer[] = [{ choose: 'A Redis Server' }, { type: 'redis://127.0.0.1:1' }, { type: 'p' }];
    const messages = await answeringEach([...inFolder(), ...nobody], () => command('bootstrap'));
    assert.match(messages.join(), /Redis at .*127\.0\.0\.1:1.* can't be reached/);
    base = await mkdtemp(path.join(scratch, 'empty-'));
    await using store = opened();
    await store.deps.save('numpy');
    assert.match((await push(undefined)).join(), /The source holds nothing/);
  });
});

function activeDiff(): vscode.TabInputTextDiff | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputTextDiff ? input : undefined;
}

/** Answers one question after the other while `work` runs. @returns the messages that were shown */
async function answeringEach(
  answers: readonly Answer[],
  work: () => PromiseLike<unknown>,
): Promise<string[]> {
  const left = [...answers];
  const messages: string[] = [];
  const next = <Key extends string>(key: Key): Extract<Answer, { readonly [Name in Key]: unknown }> => {
    const answer = left.shift();
    assert.ok(answer && key in answer, `asked for ${key}, to be answered with ${JSON.stringify(answer)}`);
    return answer as Extract<Answer, { readonly [Name in Key]: unknown }>;
  };
  const message = async (text: string) => void messages.push(text);
  const stubs: Record<string, (...args: never[]) => Promise<unknown>> = {
    showQuickPick: async (items: readonly vscode.QuickPickItem[], options?: vscode.QuickPickOptions) => {
      if (options?.canPickMany) return next('accept').accept(items);
      const { choose } = next('choose');
      const found = items.find(({ label }) => label.includes(choose));
      assert.ok(found, `${choose} is none of ${items.map(({ label }) => label).join(', ')}`);
      return found;
    },
    showInputBox: async (options: vscode.InputBoxOptions) => {
      const { type } = next('type');
      assert.equal(await options.validateInput?.(type), undefined);
      return type;
    },
    showOpenDialog: async () => [vscode.Uri.file(next('folder').folder)],
    showInformationMessage: message,
    showWarningMessage: message,
    showErrorMessage: message,
  };
  const window = vscode.window as unknown as Record<string, unknown>;
  const originals = Object.keys(stubs).map((name) => [name, window[name]] as const);
  Object.assign(window, stubs);
  try {
    await work();
    assert.deepEqual(left, [], 'not everything was asked');
    return messages;
  } finally {
    for (const [name, original] of originals) window[name] = original;
  }
}
