import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { canonical } from '../../src/core/common/files/canonical.ts';
import { isRunning } from '../../src/core/common/processes.ts';
import { attachToHost, endHost } from '../../src/core/session/host/hostClient.ts';
import { announcementFile, announcementsFolder } from '../../src/core/session/remote/announcement.ts';
import { until } from '../support/until.ts';
import {
  answering,
  endSessions,
  internals,
  openPython,
  putCursor,
  runSelection,
  valuesBeside,
  withSetting,
} from './editorSupport.ts';

describe('the window and the session host', () => {
  afterEach(endSessions);

  it('of another version is ended if the person agrees, and not otherwise', async () => {
    const { sessions } = await internals();
    await sessions.current()?.close();
    const name = `base-${randomUUID()}`;
    const baseFolder = path.join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, name);
    const options = { baseFolder, distFolder: distFolder(), version: '0.0.1', clientName: 'a test' };
    const older = await attachToHost(options);
    try {
      await (await older.open({ id: 'older', title: 'older', executor: 'sandbox' })).run('1');
      const file = announcementFile(announcementsFolder({}), await canonical(baseFolder));
      const announcement = JSON.parse(await readFile(file, 'utf8'));
      await writeFile(file, JSON.stringify({ ...announcement, protocol: 1 }));
      const editor = await openPython('40 + 2\n');
      await withSetting('baseFolder', name, async () => {
        const refused = await answering(undefined, async () => runSelection());
        assert.ok(refused.some(({ text }) => /version 0\.0\.1/.test(text)));
        assert.ok(isRunning(announcement.pid));
        putCursor(editor, 1);
        await answering('End It', async () => runSelection());
        assert.deepEqual(await valuesBeside(editor), ['1: 42']);
        assert.ok(!isRunning(announcement.pid));
        await sessions.current()?.close();
      });
    } finally {
      await older[Symbol.asyncDispose]();
      await endHost(options);
    }
  });

  it('works without one where none can be started, and says so', async () => {
    const { sessions } = await internals();
    await sessions.current()?.close();
    const scratch = await mkdtemp(path.join(os.tmpdir(), 'no-folder-'));
    const file = path.join(scratch, 'file');
    await writeFile(file, '');
    const { XDG_DATA_HOME: before } = process.env;
    // No folder can be made below a file.
    process.env.XDG_DATA_HOME = file;
    try {
      const editor = await openPython('6 * 7\n');
      // A view that is seen may look before the code runs, and is told then.
      const asked = await answering(undefined, () =>
        withSetting('baseFolder', `base-${randomUUID()}`, async () => {
          await runSelection();
          assert.deepEqual(await valuesBeside(editor), ['1: 42']);
          await sessions.current()?.close();
        }),
      );
      assert.ok(asked.some(({ text }) => /end with it, and nobody else can join/.test(text)));
    } finally {
      if (before === undefined) delete process.env.XDG_DATA_HOME;
      else process.env.XDG_DATA_HOME = before;
      await rm(scratch, { recursive: true, force: true });
    }
  });

  it('that is killed takes its sessions along, which is said, and the next run has a new one', async () => {
    const { sessions } = await internals();
    const editor = await openPython('import time\ntime.sleep(60)\n6 * 7\n');
    await runSelection();
    const file = announcementFile(
      announcementsFolder({}),
      await canonical(sessions.current()!.info.spec.baseFolder!),
    );
    const { pid } = JSON.parse(await readFile(file, 'utf8'));
    const asked = await answering(undefined, async (seen) => {
      const running = Promise.resolve(runSelection());
      await until('the code to run', () => sessions.current()?.info.state === 'busy');
      process.kill(pid, 'SIGKILL');
      await running;
      await until('the message', () => seen.some(({ text }) => /session host has ended/.test(text)));
    });
    assert.ok(asked.length >= 1);
    assert.equal(sessions.current(), undefined);
    await vscode.window.showTextDocument(editor.document);
    editor.selection = new vscode.Selection(2, 0, 2, 5);
    await runSelection();
    assert.deepEqual(await valuesBeside(editor), ['3: 42']);
    assert.notEqual(JSON.parse(await readFile(file, 'utf8')).pid, pid);
  });
});

function distFolder(): string {
  const extension = vscode.extensions.getExtension('python-code-mode.python-code-mode');
  assert.ok(extension);
  return path.join(extension.extensionPath, 'dist');
}
