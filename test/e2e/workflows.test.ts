import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from '../support/until.ts';
import { Workbench } from './workbench.ts';

const GREET = `"""Greets somebody as often as you like."""


async def run(name: str, times: int = 2, options: dict | None = None, loud: bool = False) -> str:
    """Greets.

    Args:
        name: Whom to greet.
        times: How often.
        options: Anything else, such as {"end": "!"}.
        loud: Whether it is to be heard.
    """
    end = (options or {}).get("end", "!")
    text = ", ".join([f"Hello {name}"] * times) + end
    return text.upper() if loud else text
`;

const FILES: Readonly<Record<string, string>> = {
  greet: GREET,
  greet_all: 'async def run(names: list):\n    return [workflows.greet(name=name) for name in names]\n',
  nightly: '"""Says good night."""\n\n\nasync def run():\n    return "Good night"\n',
  unfinished: 'def run(url, limit=10):\n    return url\n',
};

describe('workflows in a real workbench', () => {
  let workbench: Workbench;
  let folder: string;

  before(async () => {
    workbench = await Workbench.open({ settings: { 'editor.minimap.enabled': false } });
    folder = path.join(workbench.folder, '.code-mode/workflows');
    await writeFile(path.join(workbench.folder, 'calls.py'), `${'\n'.repeat(9)}workflows.\n`);
    await writeFile(path.join(workbench.folder, 'notes.py'), 'total = sum(values)\ntotal / len(values)\n');
  });

  after(() => workbench?.close());

  const sideBar = () => workbench.page.locator('.part.sidebar');
  const row = (name: RegExp) => sideBar().getByRole('treeitem', { name });

  it('says what a workflow is where there is none', async () => {
    const { page } = workbench;
    await page.getByRole('tab', { name: 'Python Code Mode' }).click();
    await sideBar().getByText('There are no workflows yet').waitFor();
    await sideBar().getByRole('button', { name: 'New Workflow' }).last().waitFor();
    await workbench.screenshot('workflows-empty');
  });

  it('shows what comes to the store, broken ones with the reason', async () => {
    await mkdir(folder, { recursive: true });
    for (const [name, source] of Object.entries(FILES)) {
      await writeFile(path.join(folder, `${name}.py`), source);
    }
    await row(/^greet, parameters: name, times = 2/).waitFor();
    await row(/^unfinished, broken/).waitFor();
    await row(/^greet,/).click();
    await row(/^greet,/).press('ArrowRight');
    await row(/^times: int = 2/).waitFor();
    await workbench.screenshot('workflows-light');
    await workbench.setTheme('high-contrast');
    await workbench.screenshot('workflows-high-contrast');
    await workbench.setTheme('light');
  });

  it('has signature, description and source in the tooltip', async () => {
    const { page } = workbench;
    await row(/^greet,/).hover();
    await page.locator('.workbench-hover').filter({ hasText: 'Whom to greet' }).waitFor();
    await workbench.screenshot('workflows-tooltip', { keepPointer: true });
  });

  it('asks for parameters, and runs with them', async () => {
    await row(/^greet,/).click({ button: 'right' });
    await workbench.screenshot('workflows-menu', { keepPointer: true });
    await workbench.page.getByRole('menu').last().getByText('Run…').click();
    const form = await workbench.formFrame();
    await form.getByLabel('name', { exact: true }).waitFor();
    await workbench.screenshot('workflows-form-light');
    await workbench.page.keyboard.press('Enter');
    await form.getByText('Write a text, or choose an empty one.').waitFor();
    await form.getByLabel('times', { exact: true }).fill('two');
    await form.getByLabel('options', { exact: true }).fill('{"end": }');
    await form.getByLabel('loud', { exact: true }).selectOption('True');
    await form.getByText('Write a whole number, such as 10.').waitFor();
    await workbench.screenshot('workflows-form-errors');
    await workbench.setTheme('high-contrast');
    await workbench.screenshot('workflows-form-high-contrast');
    await workbench.setTheme('high-contrast-light');
    await workbench.screenshot('workflows-form-high-contrast-light');
    await workbench.setTheme('light');
    const again = await workbench.formFrame();
    await again.getByLabel('times', { exact: true }).fill('3');
    await again.getByLabel('options', { exact: true }).fill('{"end": "?"}');
    await again.getByLabel('name', { exact: true }).fill('Ada');
    await again.getByLabel('name', { exact: true }).press('Enter');
    await workbench.waitForOutput('HELLO ADA, HELLO ADA, HELLO ADA?');
    await workbench.screenshot('workflows-run');
  });

  it('knows again what was typed, and is cancelled with Escape', async () => {
    await row(/^greet,/).hover();
    await row(/^greet,/)
      .getByRole('button', { name: 'Run…' })
      .click();
    const form = await workbench.formFrame();
    const name = form.getByLabel('name', { exact: true });
    // What was typed comes when the page has asked for it.
    while ((await name.inputValue()) !== 'Ada') await workbench.page.waitForTimeout(50);
    assert.equal(await form.getByLabel('times', { exact: true }).inputValue(), '3');
    await form.getByLabel('name', { exact: true }).press('Escape');
    await workbench.editorTab('Run greet').waitFor({ state: 'detached' });
  });

  it('says in the editor what is wrong, and mends it', async () => {
    const { page } = workbench;
    await row(/^unfinished,/).click();
    await workbench.editorTab('unfinished.py').waitFor();
    await page.locator('.squiggly-error').first().waitFor();
    await workbench.placeCursor(1, 6);
    await workbench.runCommand('Quick Fix...');
    await page.getByRole('option', { name: /async def run/ }).waitFor();
    await workbench.screenshot('workflows-diagnostics', { keepPointer: true });
    await page.keyboard.press('Enter');
    await page.locator('.view-lines').getByText('async').waitFor();
    await page.keyboard.press('ControlOrMeta+S');
    await row(/^unfinished, parameters: url, limit = 10/).waitFor();
    await until('it is saved', async () =>
      (await readFile(path.join(folder, 'unfinished.py'), 'utf8')).startsWith('async def run'),
    );
  });

  it('completes names and parameters where code is written', async () => {
    const { page } = workbench;
    await workbench.openFile('calls.py');
    await workbench.placeCursor(10, 11);
    await page.keyboard.press('ControlOrMeta+Space');
    await page.locator('.suggest-widget').getByText('greet_all').waitFor();
    await page.keyboard.type('greet');
    await workbench.screenshot('workflows-completion', { keepPointer: true });
    await page.keyboard.press('Escape');
    await page.keyboard.type('(');
    await page.locator('.parameter-hints-widget').getByText('Whom to greet').waitFor();
    await workbench.screenshot('workflows-signature', { keepPointer: true });
    await page.keyboard.type('ti');
    await page.locator('.suggest-widget').getByText('times=').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.view-lines').getByText('times').first().waitFor();
    await workbench.screenshot('workflows-arguments', { keepPointer: true });
    await page.keyboard.press('Escape');
  });

  it('searches while something is typed', async () => {
    const { page } = workbench;
    await workbench.runCommand('Code Mode: Search Workflows');
    await workbench.quickInput().fill('night');
    await page.getByRole('option', { name: /nightly/ }).waitFor();
    await workbench.screenshot('workflows-search', { keepPointer: true });
    await page.keyboard.press('Enter');
    await workbench.waitForOutput('Good night');
  });

  it('makes one from what is selected', async () => {
    const { page } = workbench;
    await workbench.openFile('notes.py');
    await workbench.selectLines(1, 2);
    await workbench.runCommand('Code Mode: New Workflow from Selection');
    await workbench.answer('mean');
    await page.getByText('New Workflow (2/2)').waitFor();
    await workbench.answer('The mean of values.');
    await workbench.editorTab('mean.py').waitFor();
    await page.locator('.view-lines').getByText('return').waitFor();
    await row(/^mean, parameters: values, The mean of values\./).waitFor();
    await workbench.screenshot('workflows-new');
  });

  it('changes the calls of what is renamed, and brings back what is deleted', async () => {
    const { page } = workbench;
    await row(/^greet,/).click();
    await row(/^greet,/).press('F2');
    await workbench.answer('salute');
    const question = page.getByRole('dialog').filter({ hasText: 'Workflows use "greet"' });
    await question.getByRole('button', { name: 'Rename and Change Them' }).click();
    await row(/^salute,/).waitFor();
    // The row is there a moment before the other files are written.
    await until('its calls are changed', async () =>
      (await readFile(path.join(folder, 'greet_all.py'), 'utf8')).includes('workflows.salute('),
    );
    await row(/^nightly,/).click();
    await row(/^nightly,/).press('Delete');
    await row(/^nightly,/).waitFor({ state: 'detached' });
    const undo = workbench.notification('Deleted the workflow "nightly"');
    await workbench.screenshot('workflows-deleted');
    await undo.getByRole('button', { name: 'Undo' }).click();
    await row(/^nightly,/).waitFor();
  });
});
