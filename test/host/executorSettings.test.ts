import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import {
  answering,
  endSessions,
  internals,
  openPython,
  putCursor,
  valuesBeside,
  withSetting,
} from './editorSupport.ts';
import { openNotebookIn } from './notebookSupport.ts';

const folder = () => vscode.workspace.workspaceFolders![0]!.uri;
const run = (command: string) => Promise.resolve(vscode.commands.executeCommand(command));
/** Longer than a change of settings is waited for to be the last. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 1500));

/** What the session of the workspace was made from. */
async function madeFrom(): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { sessions } = await internals();
  const session = sessions.current();
  return session?.info.spec.executorSettings;
}

describe("the settings of an executor's own", () => {
  afterEach(endSessions);

  it('reach its sessions, by their names below the id of the executor', async () => {
    const { sessions } = await internals();
    const spec = async () => (await sessions.workspaceSession()).info.spec;
    await withSetting('sandbox.allowedDomains', ['example.com'], async () => {
      assert.deepEqual((await spec())?.executorSettings, {
        osSandbox: 'auto',
        network: 'off',
        allowedDomains: ['example.com'],
      });
      assert.equal((await spec())?.workspaceFolder, folder().fsPath);
      assert.equal((await spec())?.workingFolder, folder().fsPath);
    });
    await withSetting('executor', 'in-process', async () => {
      assert.deepEqual((await spec())?.executorSettings, {});
    });
  });

  it('are checked by the executor, which names the one that is broken', async () => {
    const { sessions } = await internals();
    await withSetting('executor', 'subprocess', () =>
      withSetting('subprocess.network', { deep: [null] }, async () => {
        await assert.rejects(sessions.workspaceSession(), {
          code: 'settings',
          message: /codeMode\.subprocess\.network is \{"deep":\[null\]\}/,
        });
      }),
    );
  });

  it("go with the notebook's own folder to its session", async () => {
    const { sessions } = await internals();
    const notebook = await openNotebookIn(vscode.Uri.joinPath(folder(), 'deep/er'));
    const spec = (await sessions.notebookSession(notebook)).info.spec;
    assert.equal(spec?.workspaceFolder, folder().fsPath);
    assert.equal(spec?.workingFolder, path.join(folder().fsPath, 'deep', 'er'));
    await sessions.closeFor(notebook);
  });

  it('apply at once where no Python runs', async () => {
    const { sessions } = await internals();
    await sessions.workspaceSession();
    assert.deepEqual((await madeFrom())?.allowedDomains, []);
    await withSetting('sandbox.allowedDomains', ['example.com'], async () => {
      const asked = await answering(undefined, async () => {
        await sessions.workspaceSession();
        await quiet();
      });
      assert.deepEqual((await madeFrom())?.allowedDomains, ['example.com']);
      assert.deepEqual(asked, []);
    });
  });

  it('apply to a live session when it is restarted, which is told once', async () => {
    const editor = await openPython('kept = 1\nkept\n');
    await run('codeMode.runSelection');
    const change = (domains: string[] | undefined) =>
      vscode.workspace
        .getConfiguration('codeMode')
        .update('sandbox.allowedDomains', domains, vscode.ConfigurationTarget.Workspace);
    try {
      const asked = await answering(undefined, async (soFar) => {
        await change(['example.com']);
        await until('the message', () => soFar.length > 0);
        await change(['example.org']);
        await quiet();
      });
      assert.equal(asked.length, 1, JSON.stringify(asked));
      assert.match(asked[0]!.text, /^Python settings of ".+" have changed\. They apply when/);
      assert.deepEqual(asked[0]!.buttons, ['Restart Python']);
      await run('codeMode.runSelection');
      assert.deepEqual(await valuesBeside(editor), ['2: 1'], 'the session goes on');

      await answering('Restart', () => run('codeMode.restart'));
      assert.deepEqual((await madeFrom())?.allowedDomains, ['example.org']);
      putCursor(editor, 2);
      await run('codeMode.runSelection');
      assert.deepEqual(await valuesBeside(editor), ["2: NameError: name 'kept' is not defined"]);

      await answering('Restart Python', async (soFar) => {
        await change(['example.net']);
        await until('the message', () => soFar.length > 0);
        await until('the restart', async () => {
          const { allowedDomains } = (await madeFrom()) ?? {};
          return JSON.stringify(allowedDomains) === '["example.net"]';
        });
      });
    } finally {
      await change(undefined);
    }
  });

  it('say nothing where they are as they were', async () => {
    await openPython('1\n');
    await run('codeMode.runSelection');
    const asked = await answering(undefined, async () => {
      await withSetting('sandbox.allowedDomains', ['example.com'], async () => undefined);
      await withSetting('subprocess.memoryLimit', 100, quiet);
    });
    assert.deepEqual(asked, []);
  });
});
