import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning } from '../../src/core/common/processes.ts';
import { hostProcess } from './hosts.ts';
import { Workbench } from './workbench.ts';

describe('windows and the session host', function () {
  this.timeout(120_000);
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({ settings: { 'codeMode.session.keepAlive': 0 } });
    await writeFile(path.join(workbench.folder, 'first.py'), 'shared = 41\nshared\n');
    await writeFile(path.join(workbench.folder, 'second.py'), 'shared + 1\n');
  });
  after(() => workbench?.close());

  /** Runs the first lines of a file of the folder. */
  async function runLines(window: Workbench, file: string, last: number): Promise<void> {
    await window.openFile(file);
    await window.selectLines(1, last);
    await window.runCommand('Code Mode: Run Selection or Line');
  }

  it('two windows of a folder work in one session, which ends with the last of them', async () => {
    await runLines(workbench, 'first.py', 2);
    await workbench.waitForOutput(/^41$/);
    const host = await hostProcess(workbench);
    const second = await workbench.another();
    await runLines(second, 'second.py', 1);
    await second.waitForOutput(/^42$/);
    await second.page.getByRole('tab', { name: 'Python Code Mode' }).first().click();
    const row = (name: RegExp) => second.page.locator('.part.sidebar').getByRole('treeitem', { name });
    await row(/^workspace, Sandbox/).click();
    const windows = row(/^Attached: VS Code/);
    await windows.nth(1).waitFor();
    await second.screenshot('two-windows');
    assert.equal(await hostProcess(second), host);
    await workbench.page.goto('about:blank');
    await windows.nth(1).waitFor({ state: 'detached' });
    assert.ok(isRunning(host));
    await second.close();
    for (const end = Date.now() + 30_000; isRunning(host); ) {
      assert.ok(Date.now() < end, 'the session host goes on');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});
