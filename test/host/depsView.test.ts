import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Node } from '../../src/ui/views/deps/nodes.ts';
import { type PackageServer, servePackages, wheel } from '../support/packages.ts';
import { until } from '../support/until.ts';
import { answering, endSessions, internals, withSetting } from './editorSupport.ts';
import { openNotebookIn } from './notebookSupport.ts';

const PACKAGES = [
  wheel({ name: 'tiny', version: '1.0', summary: 'Is small.' }),
  wheel({ name: 'tiny', version: '2.0', summary: 'Is small.' }),
  // Each is wanted once: what was downloaded is kept.
  wheel({ name: 'slow', version: '1.0' }),
  wheel({ name: 'torn', version: '1.0' }),
  wheel({ name: 'Big.User', version: '1.0', requires: ['tiny'] }),
];

const command = (name: string, ...args: unknown[]) =>
  Promise.resolve(vscode.commands.executeCommand(`codeMode.deps.${name}`, ...args));

interface Shown {
  readonly node: Node;
  readonly item: vscode.TreeItem;
  readonly text: string;
}

/** The lines below another one, or the first ones, as VS Code is given them. */
async function rows(below?: Node): Promise<Shown[]> {
  const { depsView } = await internals();
  return (await depsView.getChildren(below)).map((node) => {
    const item = depsView.getTreeItem(node);
    return { node, item, text: `${item.label}: ${item.description ?? ''}` };
  });
}

/** The lines of one of the two groups. */
async function group(name: 'Configured' | 'Installed'): Promise<Shown[]> {
  const found = (await rows()).find(({ item }) => item.label === name);
  return found ? rows(found.node) : [];
}

async function untilRow(name: 'Configured' | 'Installed', text: RegExp): Promise<Shown> {
  await until(
    `${text} in ${name}`,
    async () => (await group(name)).some((row) => text.test(row.text)),
    30_000,
  );
  return (await group(name)).find((row) => text.test(row.text))!;
}

async function untilTexts(name: 'Configured' | 'Installed', texts: readonly string[]): Promise<void> {
  const now = async () => (await group(name)).map(({ text }) => text);
  await until(`${texts}`, async () => `${await now()}` === `${texts}`, 30_000).catch(async () => {
    assert.deepEqual(await now(), texts);
  });
}

const requirementsFile = () =>
  vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, '.code-mode/requirements.txt');

async function requirements(): Promise<string> {
  return Buffer.from(await vscode.workspace.fs.readFile(requirementsFile())).toString();
}

async function write(text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(requirementsFile(), Buffer.from(text));
}

/** Has the box in which packages are typed, while `work` runs. */
async function typing(work: (box: vscode.QuickPick<vscode.QuickPickItem>) => Promise<unknown>) {
  const window = vscode.window as { createQuickPick: typeof vscode.window.createQuickPick };
  const original = window.createQuickPick;
  let box: vscode.QuickPick<vscode.QuickPickItem> | undefined;
  window.createQuickPick = <T extends vscode.QuickPickItem>() => {
    const created = original<T>();
    box = created as unknown as vscode.QuickPick<vscode.QuickPickItem>;
    return created;
  };
  try {
    const ended = command('add');
    await until('the box', () => box !== undefined);
    await work(box!);
    await ended;
  } finally {
    window.createQuickPick = original;
  }
}

/** Types into the box as a person does. @returns when a line below says this */
async function type(box: vscode.QuickPick<vscode.QuickPickItem>, text: string, expected: RegExp) {
  box.value = text;
  await until(
    `${expected} below "${text}"`,
    () => box.items.some(({ label }) => expected.test(label)),
    30_000,
  );
}

async function accept(box: vscode.QuickPick<vscode.QuickPickItem>, label: string): Promise<void> {
  const item = box.items.find((one) => one.label.includes(label)) ?? assert.fail(`no ${label}`);
  if (box.activeItems[0] !== item) {
    const active = new Promise((resolve) => box.onDidChangeActive(([one]) => one === item && resolve(one)));
    box.activeItems = [item];
    await active;
  }
  await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
}

describe('packages in the editor', () => {
  let index: PackageServer;
  const configuration = () => vscode.workspace.getConfiguration('codeMode');
  const add = async (...packages: string[]) => {
    const { sessions } = await internals();
    const { failed } = await (await sessions.workspaceSession()).dependencies.add(packages);
    assert.deepEqual(failed, []);
  };

  before(async () => {
    index = await servePackages(PACKAGES);
    await configuration().update('deps.indexUrl', index.url, vscode.ConfigurationTarget.Workspace);
    await command('focus');
  });

  afterEach(async () => {
    index.intervene = undefined;
    const { sessions } = await internals();
    const { dependencies } = await sessions.workspaceSession();
    const { installed } = await dependencies.report();
    if (installed.length > 0) await dependencies.uninstall(installed.map(({ name }) => name));
    await rm(requirementsFile().fsPath, { force: true });
    await until('nothing', async () => (await rows()).length === 0);
  });

  after(async () => {
    // Seen, it would go on to look with every change of a setting.
    await vscode.commands.executeCommand('workbench.view.explorer');
    await endSessions();
    await configuration().update('deps.indexUrl', undefined, vscode.ConfigurationTarget.Workspace);
    await index[Symbol.asyncDispose]();
  });

  it('are added by typing, which says at once what is none, and soon what the index does not have', async () => {
    await typing(async (box) => {
      await type(box, '--pre', /"--pre" can't be taken as a package/);
      await type(box, 'no-such-package', /There is no package named "no-such-package"/);
      assert.equal(box.items.length, 1);
      await type(box, 'Tiny', /^\$\(tag\) 2\.0$/);
      assert.deepEqual(
        box.items.map(({ label }) => label),
        ['$(add) Add tiny', '$(tag) 2.0', '$(tag) 1.0'],
      );
      await accept(box, '1.0');
    });
    assert.equal(await requirements(), 'tiny==1.0\n');
    const row = await untilRow('Configured', /^tiny==1\.0: 1\.0 · requirements\.txt:1$/);
    assert.equal(row.item.contextValue, 'configured package store pinned installed');
    assert.equal(row.item.command?.command, 'vscode.open');
    const [environment] = await rows();
    assert.equal(environment?.item.contextValue, 'environment');
    assert.equal(environment?.item.command?.command, 'codeMode.selectExecutor');
    await untilTexts('Installed', ['tiny: 1.0']);
  });

  it('are shown with what they pulled in', async () => {
    await add('Big.User');
    const user = await untilRow('Installed', /^Big\.User: 1\.0$/);
    const [tiny] = await rows(user.node);
    assert.equal(tiny?.text, 'tiny: 2.0');
    assert.equal(tiny?.item.contextValue, 'installed package');
    const { tooltip } = tiny!.item;
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.match(tooltip.value, /Needed by: Big\\\.User[\s\S]*Is small/);
    assert.equal((await group('Installed')).length, 1);
  });

  it('are removed after a question that names what needs them', async () => {
    await add('Big.User');
    const user = await untilRow('Installed', /^Big\.User/);
    const [tiny] = await rows(user.node);
    const asked = await answering(undefined, () => command('remove', tiny?.node));
    assert.equal(asked[0]?.text, 'Are you sure you want to remove the package "tiny"?');
    assert.equal((await rows(user.node)).length, 1);
    await answering('Remove', () => command('remove', user.node));
    await untilTexts('Installed', ['tiny: 2.0']);
    assert.equal(await requirements(), '');
  });

  it('are installed where they are missing, and follow newer versions as they may', async () => {
    await write('# mine\ntiny==1.0\n');
    const missing = await untilRow('Configured', /^tiny==1\.0: not installed · requirements\.txt:2$/);
    assert.match(String(missing.item.contextValue), /missing/);
    assert.match((await rows())[1]?.text ?? '', /^Configured: 1 not installed$/);
    await command('sync');
    await untilRow('Configured', /^tiny==1\.0: 1\.0 ·/);
    await command('checkNewer');
    const newer = await untilRow('Configured', /^tiny==1\.0: 1\.0 → 2\.0 available ·/);
    await command('unpin', newer.node);
    const free = await untilRow('Configured', /^tiny>=1\.0: 1\.0 → 2\.0 available ·/);
    await command('upgrade', free.node);
    const upgraded = await untilRow('Configured', /^tiny>=1\.0: 2\.0 ·/);
    await command('pin', upgraded.node);
    await untilRow('Configured', /^tiny==2\.0: 2\.0 ·/);
    assert.equal(await requirements(), '# mine\ntiny==2.0\n');
  });

  it('are all upgraded at once', async () => {
    await add('tiny==1.0');
    await write('tiny\n');
    await untilRow('Configured', /^tiny: 1\.0/);
    await command('upgradeAll');
    await untilRow('Configured', /^tiny: 2\.0 ·/);
  });

  it('are copied as requirements', async () => {
    await add('Big.User', 'tiny>=1');
    const user = await untilRow('Installed', /^Big\.User/);
    await command('copyRequirement', user.node);
    assert.equal(await vscode.env.clipboard.readText(), 'big.user==1.0');
    await answering('Configured', () => command('copyRequirements'));
    assert.equal(await vscode.env.clipboard.readText(), 'big.user==1.0\ntiny==2.0\n');
    await answering('All', () => command('copyRequirements'));
    assert.equal(await vscode.env.clipboard.readText(), 'Big.User==1.0\ntiny==2.0\n');
  });

  it('stay as they were where adding one is cancelled', async () => {
    await typing(async (box) => {
      await type(box, 'slow', /^\$\(tag\) 1\.0$/);
      // What the box says of it has been read from its file by now.
      const before = index.count('GET /files/slow');
      index.intervene = index.stalling('/files/');
      await accept(box, 'Add slow');
      await until('the download', () => index.count('GET /files/slow') > before, 30_000);
      await vscode.commands.executeCommand('notification.acceptPrimaryAction');
    });
    assert.deepEqual(await group('Installed'), []);
    await assert.rejects(requirements());
  });

  it('say why one could not be had', async () => {
    index.intervene = index.answering(500, '/files/');
    const asked = await answering(undefined, () =>
      typing(async (box) => {
        await type(box, 'torn', /^\$\(tag\) 1\.0$/);
        await accept(box, 'Add torn');
      }),
    );
    const message = asked.find(({ shower }) => shower === 'showErrorMessage');
    assert.match(message?.text ?? '', /torn could not be installed: /);
    assert.deepEqual(message?.buttons, ['Show Log']);
  });

  it('have their file opened, which is made where it is missing', async () => {
    await command('openRequirements');
    const { document } = vscode.window.activeTextEditor ?? assert.fail();
    assert.equal(document.uri.toString(), requirementsFile().toString());
    assert.match(await requirements(), /^# Packages that code of this workspace needs/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('are marked in their file where they are missing or none', async () => {
    await write('tiny==1.0\nno package\n');
    await untilRow('Configured', /^tiny==1\.0: not installed/);
    await command('openRequirements');
    const found = () => vscode.languages.getDiagnostics(requirementsFile()).map(({ message }) => message);
    await until('two diagnostics', () => found().length === 2);
    assert.match(found().join('\n'), /"no package" can't be taken[\s\S]*tiny==1\.0 is not installed\./);
    const fixes = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      requirementsFile(),
      new vscode.Range(0, 0, 0, 1),
    );
    assert.ok(fixes.some(({ command: fix }) => fix?.command === 'codeMode.deps.sync'));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('are followed where another session of their environment changes them', async () => {
    await rows();
    const document = await openNotebookIn(vscode.workspace.workspaceFolders![0]!.uri, '1');
    const { sessions } = await internals();
    const own = await sessions.notebookSession(document);
    try {
      assert.notEqual(own, await sessions.workspaceSession());
      await own.dependencies.install(['tiny==1.0']);
      await untilRow('Installed', /^tiny: 1\.0/);
    } finally {
      await own.close();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
  });

  it('are left as they are where the settings say so', async () => {
    await write('tiny==1.0\n');
    await withSetting('deps.allowRuntimeChanges', false, async () => {
      const missing = await untilRow('Configured', /^tiny/);
      await command('sync');
      await untilRow('Configured', /^tiny==1\.0: 1\.0 /);
      const asked = await answering('Remove', () => command('remove', missing.node));
      assert.match(asked.at(-1)?.text ?? '', /Adding and removing packages at run time is switched off/);
    });
  });
});
