import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import { answering, endSessions, internals, openPython, withSetting } from './editorSupport.ts';
import { errorOf, openNotebookIn, printed, run, success } from './notebookSupport.ts';

const COMMAND = process.platform === 'win32' ? 'python' : 'python3';
const folder = () => vscode.workspace.workspaceFolders![0]!.uri;
const configuration = () => vscode.workspace.getConfiguration('codeMode');

/** Of the stand-in for the Python extension, see test/fixtures/extensions. */
interface PythonExtensionStandIn {
  choose(executable: string | undefined, sysPrefix?: string): void;
}

async function python(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(COMMAND, args);
  return stdout.trim();
}

/** Makes a virtual environment in the workspace. @returns the path of its interpreter */
async function makeEnvironment(name: string): Promise<string> {
  const environment = path.join(folder().fsPath, name);
  await python('-m', 'venv', '--without-pip', environment);
  return process.platform === 'win32'
    ? path.join(environment, 'Scripts', 'python.exe')
    : path.join(environment, 'bin', 'python');
}

/** Opens the menu of interpreters, waits until all are found and chooses one, as a person does. */
async function choosing(
  choose: (items: readonly vscode.QuickPickItem[]) => vscode.QuickPickItem | undefined,
) {
  const window = vscode.window as { createQuickPick: typeof vscode.window.createQuickPick };
  const original = window.createQuickPick;
  const menus: vscode.QuickPick<vscode.QuickPickItem>[] = [];
  window.createQuickPick = <T extends vscode.QuickPickItem>() => {
    const menu = original<T>();
    menus.push(menu as unknown as vscode.QuickPick<vscode.QuickPickItem>);
    return menu;
  };
  try {
    const ended = Promise.resolve(vscode.commands.executeCommand('codeMode.selectInterpreter'));
    await until('the menu', () => menus[0]?.busy === false);
    const menu = menus[0]!;
    const chosen = choose(menu.items);
    if (chosen) {
      // The menu on the screen follows a moment later, and says so.
      const active = new Promise((resolve) =>
        menu.onDidChangeActive(([item]) => item === chosen && resolve(item)),
      );
      menu.activeItems = [chosen];
      await active;
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    } else {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    }
    await ended;
  } finally {
    window.createQuickPick = original;
  }
}

describe('the executor subprocess', () => {
  let executable: string;
  let environment: string;

  before(async () => {
    await internals();
    executable = await python('-c', 'import sys; print(sys.executable)');
    environment = await makeEnvironment('chosen env');
  });

  afterEach(async () => {
    await endSessions();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const name of ['executor', 'subprocess.python']) {
      await configuration().update(name, undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  after(() => rm(path.dirname(path.dirname(environment)), { recursive: true }));

  it("runs a notebook's cells with the chosen interpreter in the notebook's folder", async () => {
    const { status } = await internals();
    await withSetting('executor', 'subprocess', () =>
      withSetting('subprocess.python', executable, async () => {
        const notebook = await openNotebookIn(
          vscode.Uri.joinPath(folder(), 'deep'),
          'import os, sys\nprint(sys.executable)\nprint(os.getcwd())',
        );
        await run(notebook);
        assert.equal(success(notebook, 0), true, errorOf(notebook, 0)?.stack);
        const deep = path.join(folder().fsPath, 'deep');
        assert.deepEqual(printed(notebook, 0).trim().split(/\r?\n/), [executable, deep]);
        await until('the status', () => /^Python: Subprocess, CPython 3\./.test(status.summary.label));
      }),
    );
  });

  it('says what is wrong with an interpreter that is not there, and takes the next one at once', async () => {
    await withSetting('executor', 'subprocess', async () => {
      const notebook = await openNotebookIn(folder(), 'import sys\nprint(sys.executable)');
      const missing = path.join(os.tmpdir(), 'nowhere', 'python');
      await withSetting('subprocess.python', missing, () => run(notebook));
      assert.equal(success(notebook, 0), false);
      assert.match(errorOf(notebook, 0)?.message ?? '', /no Python interpreter at .*nowhere/);
      assert.match(errorOf(notebook, 0)?.stack ?? '', /codeMode\.subprocess\.python/);
      await withSetting('subprocess.python', executable, () => run(notebook));
      assert.equal(printed(notebook, 0).trim(), executable);
    });
  });

  it('is switched to by choosing an interpreter, which writes the setting', async () => {
    const { sessions } = await internals();
    await openPython('1\n');
    await choosing((items) => items.find(({ label }) => label.includes('(chosen env)')));
    assert.equal(configuration().get('executor'), 'subprocess');
    assert.equal(configuration().inspect('subprocess.python')?.workspaceValue, 'chosen env');
    const session = await sessions.workspaceSession();
    assert.equal((await session.run('import sys; sys.executable')).value, environment);

    await choosing((items) => {
      const current = items.filter(({ label }) => label.includes('$(check)'));
      assert.deepEqual(
        current.map(({ label }) => label.replace(/ \d+\.\d+\.\d+/, '')),
        ['$(check) Python (chosen env)'],
      );
      return undefined;
    });
    assert.equal(
      configuration().get('subprocess.python'),
      'chosen env',
      'a menu that is closed changes nothing',
    );

    const asked = await answering('Restart Python', async (soFar) => {
      await choosing((items) => items.find(({ detail }) => detail !== undefined && detail !== environment));
      await until('the message', () => soFar.length > 0);
      await until('the restart', () => {
        const { state } = sessions.current()?.info ?? {};
        return state === 'idle' && sessions.current() !== session;
      });
    });
    assert.match(asked[0]?.text ?? '', /have changed/);
    assert.notEqual((await sessions.current()?.run('import sys; sys.executable'))?.value, environment);

    await choosing((items) => items.find(({ label }) => label.endsWith('Automatic')));
    assert.equal(configuration().get('subprocess.python'), '');
  });

  it('asks before it ends a session of another executor', async () => {
    const { sessions } = await internals();
    const session = await sessions.workspaceSession();
    await session.run('x = 1');
    const asked = await answering(undefined, () =>
      choosing((items) => items.find(({ label }) => label.includes('(chosen env)'))),
    );
    assert.match(asked[0]?.text ?? '', /Variables are lost/);
    assert.equal(configuration().get('executor'), 'sandbox');
    assert.equal(configuration().get('subprocess.python'), '');
    assert.equal((await session.run('x')).value, 1);
  });

  it('uses the environment that was chosen in the Python extension, and tells when that changes', async () => {
    const { sessions } = await internals();
    const extension = vscode.extensions.getExtension<PythonExtensionStandIn>('ms-python.python');
    assert.ok(extension, 'the stand-in is installed');
    const settingOf = async () => (await sessions.workspaceSession()).info.spec.executorSettings?.python;
    await withSetting('executor', 'subprocess', async () => {
      assert.equal(await settingOf(), '');
      const { choose } = extension.exports;
      try {
        // A plain interpreter is none that somebody has chosen.
        choose(executable, await python('-c', 'import sys; print(sys.base_prefix)'));
        assert.equal(await settingOf(), '');
        choose(environment);
        assert.equal(await settingOf(), environment);
        const session = await sessions.workspaceSession();
        assert.equal((await session.run('import sys; sys.executable')).value, environment);
        const asked = await answering(undefined, async (soFar) => {
          choose(undefined);
          await until('the message', () => soFar.length > 0);
        });
        assert.deepEqual(asked[0]?.buttons, ['Restart Python']);
        // What the settings say counts more.
        await sessions.current()?.close();
        choose(environment);
        await withSetting('subprocess.python', executable, async () => {
          assert.equal(await settingOf(), executable);
        });
      } finally {
        choose(undefined);
      }
    });
  });
});
