import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from './workbench.ts';

const REPORT = `# %% Load
sales = {"north": [120, 80, 95], "south": [60, 140, 75]}
sales

# %% Sum up
totals = {
    region: sum(values)
    for region, values in sales.items()
}
totals

# %% Check
for region, total in totals.items():
    print(f"{region:<6} {total:>5}")
assert totals["north"] > 300, "north sold too little"
`;

describe('the editor in a real workbench', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({ settings: { 'editor.minimap.enabled': false } });
    await writeFile(path.join(workbench.folder, 'report.py'), REPORT);
    await workbench.openFile('report.py');
  });

  after(() => workbench?.close());

  /** A line of the file; the same code is in the Interactive Window too. */
  const codeLine = (text: string) =>
    workbench.page.getByRole('code').first().locator('.view-line').filter({ hasText: text });

  it('shows the value of the last line beside it and in the Interactive Window', async () => {
    const { page } = workbench;
    await page.getByRole('button', { name: 'Run Cell' }).first().waitFor();
    await workbench.placeCursor(2);
    await workbench.runCommand('Code Mode: Run Selection or Line');
    await workbench.statusBarItem(/^Ln 3, /).waitFor();
    await workbench.runCommand('Code Mode: Run Selection or Line');
    await workbench.waitForOutput(/'north': \[120, 80, 95\]/);
    await workbench.selectLines(6, 10);
    await workbench.runCommand('Code Mode: Run Selection or Line');
    await workbench.waitForOutput(/'south': 275/);
    await workbench.statusBarItem(/Python: Sandbox, idle/).waitFor();
    await workbench.screenshot('editor-run-selection');
  });

  it('shows an exception beside its line, and all of it on hover', async () => {
    const { page } = workbench;
    await page.getByRole('button', { name: 'Run Cell' }).nth(2).click();
    await workbench.waitForOutput(/north sold too little/);
    await workbench.screenshot('editor-error');
    await codeLine('assert').hover({ position: { x: 40, y: 8 } });
    await page.locator('.monaco-hover').getByText('Traceback').first().waitFor();
    await workbench.screenshot('editor-error-hover', { keepPointer: true });
    await page.keyboard.press('Escape');
  });

  it('offers what can be done with the session', async () => {
    const { page } = workbench;
    await workbench.statusBarItem(/Python: Sandbox, idle/).hover();
    await page.locator('.workbench-hover').getByText('A process of its own', { exact: true }).waitFor();
    await workbench.screenshot('status-tooltip', { keepPointer: true });
    await workbench.statusBarItem(/Python: Sandbox, idle/).click();
    const items = page.locator('.quick-input-widget').getByRole('option');
    await items.filter({ hasText: 'Restart' }).waitFor();
    await workbench.screenshot('status-menu');
    await workbench.chooseItem('Switch Executor');
    await items.filter({ hasText: 'Isolates nothing' }).waitFor();
    await workbench.screenshot('select-executor');
    await page.keyboard.press('Escape');
  });

  it('has its commands in the menu of the editor', async () => {
    const { page } = workbench;
    await codeLine('sales = ').click({ button: 'right', position: { x: 20, y: 8 } });
    await page.getByRole('menuitem', { name: 'Python Code Mode' }).hover();
    await page.getByRole('menuitem', { name: 'Run Cells Above' }).waitFor();
    await workbench.screenshot('editor-menu', { keepPointer: true });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  it('can be read in every theme', async () => {
    for (const theme of ['dark', 'high-contrast', 'light'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`editor-${theme}`);
    }
  });

  it('asks before a reset, and says that Python runs', async () => {
    const { page } = workbench;
    await workbench.runCommand('Code Mode: Reset Variables');
    const question = page.getByRole('dialog').filter({ hasText: 'Clear all variables' });
    await question.waitFor();
    await workbench.screenshot('reset-question');
    await question.getByRole('button', { name: 'Reset' }).click();
    await codeLine("'north': 295").waitFor({ state: 'hidden' });
    await page.keyboard.press('ControlOrMeta+1');
    await workbench.placeCursor(1);
    await page.keyboard.type('while True: pass\n');
    await workbench.placeCursor(1);
    await workbench.runCommand('Code Mode: Run Selection or Line');
    await workbench.statusBarItem(/Python: Sandbox, busy/).waitFor();
    await workbench.screenshot('status-busy');
    await workbench.statusBarItem(/Python: Sandbox, busy/).click();
    await workbench.chooseItem('Interrupt');
    await workbench.statusBarItem(/Python: Sandbox, idle/).waitFor();
    assert.ok((await workbench.statusBarTexts()).some((text) => text.includes('Python: Sandbox')));
  });
});
