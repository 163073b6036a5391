import assert from 'node:assert/strict';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import { answering, internals, withSetting } from './editorSupport.ts';

const workspace = () => vscode.workspace.workspaceFolders![0]!.uri.fsPath;
const inWorkspace = (...segments: string[]) => path.join(workspace(), ...segments);
const isThere = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
const holds = (file: string, text: RegExp) =>
  readFile(inWorkspace(file), 'utf8').then(
    (found) => text.test(found),
    () => false,
  );

describe('stubs of the workspace', () => {
  const workflow = 'stubbed_greeting';
  const tool = () => inWorkspace('.code-mode/tools/stubbed.yaml');

  beforeEach(async () => {
    const { store } = await internals();
    await (await store.workflows()).save(workflow, 'async def run(name: str): ...\n');
    store.tellChange('workflows');
    await until('the stubs', () => holds('typings/code_mode/workflows.pyi', /def stubbed_greeting\(/));
  });

  afterEach(async () => {
    const { store } = await internals();
    await rm(tool(), { force: true });
    const library = await store.workflows();
    for (const { name } of await library.list()) await library.delete(name);
    store.tellChange('workflows');
    await until('no stubs', async () => !(await isThere(inWorkspace('typings'))));
  });

  it('follow workflows and tools, and go with the last of them', async () => {
    assert.ok(await holds('typings/__builtins__.pyi', /^tools: /m));
    assert.ok(await holds('typings/.gitignore', /^\/code_mode\/tools\.pyi$/m));
    const { store } = await internals();
    await (await store.workflows()).save(workflow, 'async def run(name: str, times: int = 1): ...\n');
    store.tellChange('workflows');
    await until('the change', () => holds('typings/code_mode/workflows.pyi', /times: _builtins\.int = 1/));
    await mkdir(path.dirname(tool()), { recursive: true });
    await writeFile(
      tool(),
      'name: stubbed\ndescription: Says it.\ncommand: echo\nschema:\n  positional:\n    - {name: word, type: string, required: true}\nrecipes:\n  say: {params: {word: {}}}\n',
    );
    await until('the tool', () =>
      holds('typings/code_mode/tools.pyi', /class _Tool_stubbed\([\s\S]+def say\(/),
    );
  });

  it('go when they are switched off, and come again', async () => {
    const theirs = inWorkspace('typings/theirs.pyi');
    await writeFile(theirs, 'x: int\n');
    await withSetting('stubs.enabled', false, async () => {
      await until('no stubs', async () => !(await isThere(inWorkspace('typings/__builtins__.pyi'))));
      await until('no package', async () => !(await isThere(inWorkspace('typings/code_mode'))));
      assert.ok(await isThere(theirs));
    });
    await until('the stubs', () => isThere(inWorkspace('typings/__builtins__.pyi')));
    await rm(theirs);
  });

  it('move with the setting', async () => {
    await withSetting('stubs.folder', 'types/code', async () => {
      await until('the other folder', () => isThere(inWorkspace('types/code/__builtins__.pyi')));
      await until('nothing in the first', async () => !(await isThere(inWorkspace('typings'))));
    });
    await until('the first folder', () => isThere(inWorkspace('typings/__builtins__.pyi')));
    await rm(inWorkspace('types'), { recursive: true });
  });

  it('are where the type checker looks', async () => {
    const settings = inWorkspace('.vscode/settings.json');
    await mkdir(path.dirname(settings), { recursive: true });
    const before = await readFile(settings, 'utf8').catch(() => undefined);
    await writeFile(settings, JSON.stringify({ 'python.analysis.stubPath': 'stubs' }));
    try {
      await until('the folder of the checker', () => isThere(inWorkspace('stubs/__builtins__.pyi')));
    } finally {
      if (before === undefined) await rm(settings);
      else await writeFile(settings, before);
    }
    await until('the first folder', () => isThere(inWorkspace('typings/__builtins__.pyi')));
    assert.ok(!(await isThere(inWorkspace('stubs'))));
  });

  it('are not written outside of the workspace', async () => {
    const asked = await answering(undefined, async (messages) => {
      await withSetting('stubs.folder', '../elsewhere', () => until('a message', () => messages.length > 0));
    });
    assert.match(
      asked[0]?.text ?? '',
      /codeMode\.stubs\.folder is "\.\.\/elsewhere": .*in the workspace only/,
    );
    assert.ok(!(await isThere(inWorkspace('../elsewhere'))));
  });
});
