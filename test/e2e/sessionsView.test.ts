import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { notebookOf } from './notebooks.ts';
import { Workbench } from './workbench.ts';

const LOOP = `import time
for step in range(10_000):
    print(step)
    time.sleep(0.2)`;

describe('the Sessions view in a real workbench', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({ settings: { 'editor.minimap.enabled': false } });
    await writeFile(
      path.join(workbench.folder, 'report.py'),
      'sales = {"north": 295, "south": 275}\nsales\n',
    );
    await writeFile(path.join(workbench.folder, 'training.ipynb'), notebookOf(LOOP));
  });

  after(() => workbench?.close());

  const sideBar = () => workbench.page.locator('.part.sidebar');
  const row = (name: RegExp) => sideBar().getByRole('treeitem', { name });

  it('says what a session is where there is none', async () => {
    const { page } = workbench;
    await page.getByRole('tab', { name: 'Python Code Mode' }).click();
    await sideBar().getByText('No Python session is live here').waitFor();
    await sideBar().getByRole('button', { name: 'Open Interactive Window' }).waitFor();
    await workbench.screenshot('sessions-empty');
  });

  it('shows each session with its executor, state, age and memory', async () => {
    await workbench.openFile('report.py');
    await workbench.runCommand('Code Mode: Run File');
    await row(/^workspace, Sandbox, idle, less than 1 minute, \d+ megabytes/).waitFor();
    await workbench.openNotebook('training.ipynb');
    await workbench.selectKernel('Python Code Mode');
    await workbench.runCommand('Notebook: Run All');
    await row(/^training\.ipynb, Sandbox, busy, .*megabytes/).waitFor();
    await row(/^training/).click();
    await row(/^Attached: VS Code/).waitFor();
    await row(/^Notebook: training\.ipynb/).waitFor();
    await workbench.screenshot('sessions-light');
    await workbench.setTheme('high-contrast');
    await workbench.screenshot('sessions-high-contrast');
    await workbench.setTheme('light');
  });

  it('has all there is to know in the tooltip', async () => {
    const { page } = workbench;
    await row(/^workspace/).hover();
    const hover = page.locator('.workbench-hover').filter({ hasText: 'Executor' });
    await hover.getByText('Pyodide 314').waitFor();
    await workbench.screenshot('sessions-tooltip', { keepPointer: true });
  });

  it('offers what can be done, and keeps what is expanded and selected', async () => {
    const { page } = workbench;
    await row(/^training/).click({ button: 'right' });
    const menu = page.getByRole('menu').last();
    await menu.getByText('Shut Down').waitFor();
    await workbench.screenshot('sessions-menu');
    await menu.getByText('Interrupt').click();
    await row(/^training\.ipynb, Sandbox, idle/).waitFor();
    await workbench.waitForOutput('KeyboardInterrupt');
    assert.equal(await row(/^training/).getAttribute('aria-expanded'), 'true');
    assert.equal(await row(/^training/).getAttribute('aria-selected'), 'true');
  });

  it('asks before it ends them all', async () => {
    const { page } = workbench;
    await row(/^workspace/).hover();
    await sideBar().getByRole('button', { name: 'Shut Down All' }).click();
    const question = page.getByRole('dialog').filter({ hasText: 'Shut down Python of' });
    await question.waitFor();
    await workbench.screenshot('sessions-question');
    await question.getByRole('button', { name: 'Shut Down All' }).click();
    await sideBar().getByText('No Python session is live here').waitFor();
  });

  it('opens the Interactive Window from where there is no session', async () => {
    const { page } = workbench;
    await workbench.runCommand('View: Close All Editors');
    await sideBar().getByRole('button', { name: 'Open Interactive Window' }).click();
    await page
      .getByRole('tab', { name: /Python Code Mode/ })
      .nth(1)
      .waitFor();
  });
});
