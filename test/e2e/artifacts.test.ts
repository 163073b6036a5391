import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactDataType } from '../../src/core/contract/storage.ts';
import { FileStorage } from '../../src/core/storage/file/fileStorage.ts';
import { Workbench } from './workbench.ts';

const ROOT = path.resolve(__dirname, '../../..');
const ROWS = 400_000;

describe('the Artifacts view in a real workbench', () => {
  let workbench: Workbench;
  let storage: FileStorage;

  before(async () => {
    workbench = await Workbench.open({ settings: { 'editor.minimap.enabled': false } });
    storage = new FileStorage({ baseFolder: path.join(workbench.folder, '.code-mode') });
  });

  after(async () => {
    await storage?.[Symbol.asyncDispose]();
    await workbench?.close();
  });

  const sideBar = () => workbench.page.locator('.part.sidebar');
  const row = (name: RegExp) => sideBar().getByRole('treeitem', { name });
  /** Gives the view all the room. */
  async function showAlone({ page }: Workbench): Promise<void> {
    await page.getByRole('tab', { name: 'Python Code Mode' }).click();
    for (const name of ['Sessions', 'Workflows', 'Artifacts']) {
      const section = page.locator('.part.sidebar').getByRole('button', { name: `${name} Section` });
      const isOpen = (await section.getAttribute('aria-expanded')) === 'true';
      if (isOpen !== (name === 'Artifacts')) await section.click();
    }
  }
  const save = (name: string, content: string | Uint8Array, dataType: ArtifactDataType, description = '') =>
    storage.artifacts.save(name, Buffer.from(content), {
      description,
      metadata: description === '' ? {} : { source: 'survey 2024', rows: ROWS },
      dataType,
    });

  it('says what an artifact is where there is none', async () => {
    await showAlone(workbench);
    await sideBar().getByText('Nothing is kept here yet').waitFor();
    await sideBar().getByRole('button', { name: 'Import Files…' }).first().waitFor();
    await workbench.screenshot('artifacts-empty');
  });

  it('shows what was saved, by folders, with sizes and ages', async () => {
    const lines = Array.from(
      { length: ROWS },
      (_, index) =>
        `${index},${['Köln', 'Oslo', 'Zürich'][index % 3]},${index % 17 === 3 ? 'NaN' : index / 8},2024-01-0${1 + (index % 9)}\n`,
    );
    await save('survey/answers.csv', `id,city,score,day\n${lines.join('')}`, 'text', 'Answers of the survey');
    await save('survey/notes.md', '# Notes\n', 'text');
    await save('figures/icon.png', await readFile(path.join(ROOT, 'media/icon.png')), 'bytes');
    await save('model.json', '{"layers": [64, 32]}', 'json');
    await save('broken.json', '[{"a": 1}, {"a": oops}]', 'json');
    const cities = path.join(ROOT, 'test/fixtures/tables/cities.parquet');
    await cp(cities, path.join(workbench.folder, '.code-mode/artifacts/cities.parquet'));
    await row(/^cities\.parquet, 36/).waitFor();
    await row(/^survey, 2 artifacts/).click();
    await row(/^answers\.csv, 1\d megabytes, less than 1 minute/).waitFor();
    await row(/^figures, 1 artifact/).click();
    await row(/^icon\.png, .* kilobytes/).waitFor();
    await workbench.screenshot('artifacts-tree');
  });

  it('has all there is to know in the tooltip', async () => {
    const { page } = workbench;
    await row(/^answers\.csv/).hover();
    const hover = page.locator('.workbench-hover').filter({ hasText: 'survey/answers.csv' });
    await hover.getByText('Answers of the survey').waitFor();
    await workbench.screenshot('artifacts-tooltip', { keepPointer: true });
  });

  it('shows tables of any length, by keyboard as well', async () => {
    const { page } = workbench;
    await row(/^answers\.csv/).click();
    const frame = await workbench.outputFrame('more when you scroll down');
    const table = frame.getByRole('table');
    await table.getByRole('columnheader', { name: 'score number' }).waitFor();
    await table.getByRole('row', { name: /^1 0 Köln 0 2024-01-01/ }).waitFor();
    await workbench.screenshot('table-light');
    const scroller = frame.getByLabel(/^Table of answers\.csv/);
    await scroller.focus();
    await page.keyboard.press('PageDown');
    await page.keyboard.press('PageDown');
    await table.getByRole('row', { name: /^50 49 / }).waitFor();
    await page.keyboard.press('Home');
    await table.getByRole('row', { name: /^1 0 / }).waitFor();
    for (const theme of ['dark', 'high-contrast', 'high-contrast-light'] as const) {
      await workbench.setTheme(theme);
      await table.getByRole('row', { name: /^1 0 / }).waitFor();
      await workbench.screenshot(`table-${theme}`);
    }
    await workbench.setTheme('light');
  });

  it('goes to the end of tables whose length is known, and keeps the place', async () => {
    const { page } = workbench;
    await row(/^cities\.parquet/).click();
    const frame = await workbench.outputFrame('2,500 rows; 4 columns');
    const table = frame.getByRole('table');
    await table.getByRole('row', { name: /^1 0 0 null 2024/ }).waitFor();
    await workbench.screenshot('table-parquet');
    await frame.getByLabel(/^Table of cities\.parquet/).focus();
    await page.keyboard.press('End');
    await table.getByRole('row', { name: /^2,500 2499 / }).waitFor();
    await workbench.screenshot('table-end');
    await workbench.runCommand('View: Keep Editor');
    await row(/^model\.json/).click();
    await page.getByText('layers').waitFor();
    await row(/^cities\.parquet/).click();
    const again = await workbench.outputFrame('2,500 rows; 4 columns');
    await again.getByRole('row', { name: /^2,500 2499 / }).waitFor();
  });

  it('follows changes of the file, and says what is wrong with it', async () => {
    const { page } = workbench;
    await row(/^broken\.json/).click({ button: 'right' });
    const item = page.getByRole('menuitem', { name: 'Open as Table' });
    // A menu that has just come up takes no click: it may be the second of two.
    await item.hover();
    await page.keyboard.press('Enter');
    const frame = await workbench.outputFrame(/^Element 2 of the list is not JSON/);
    await workbench.screenshot('table-broken');
    await save('broken.json', '[{"a": 1}, {"a": 2}, {"a": 3}]', 'json');
    await frame.getByText('3 rows; 1 column').waitFor();
    await save('broken.json', '"nothing"', 'json');
    await frame.getByText('neither a list nor an object').waitFor();
    await workbench.screenshot('table-failure');
    await frame.getByRole('button', { name: 'Open as Text' }).first().click();
    await page.locator('.monaco-editor').getByText('"nothing"').waitFor();
  });

  it('shows pictures', async () => {
    await row(/^icon\.png/).click();
    await workbench.editorTab('icon.png').waitFor();
    await workbench.statusBarItem(/^\d+x\d+$/).waitFor();
    await workbench.screenshot('artifacts-image');
  });

  it('deletes by a key, and brings back', async () => {
    const { page } = workbench;
    await row(/^model\.json/).click();
    await row(/^broken\.json/).click({ modifiers: ['ControlOrMeta'] });
    await page.keyboard.press('Delete');
    const notification = workbench.notification('Deleted 2 artifacts.');
    await notification.waitFor();
    await row(/^model\.json/).waitFor({ state: 'detached' });
    await workbench.screenshot('artifacts-undo');
    await notification.getByRole('button', { name: 'Undo' }).click();
    await row(/^model\.json/).waitFor();
    await row(/^broken\.json/).waitFor();
  });

  it('renames by a key', async () => {
    const { page } = workbench;
    await row(/^model\.json/).click();
    await page.keyboard.press('F2');
    await workbench.quickInput().fill('survey/notes.md');
    await page.getByText('There is "survey/notes.md" already.').waitFor();
    await workbench.screenshot('artifacts-rename');
    await workbench.answer('survey/layers.json');
    await row(/^layers\.json, .*bytes/).waitFor();
    assert.ok(await storage.artifacts.exists('survey/layers.json'));
    await workbench.editorTab('layers.json').waitFor();
    await workbench.editorTab('model.json').waitFor({ state: 'detached' });
  });

  it('takes files that are dropped', async () => {
    const { page } = workbench;
    const transfer = await page.evaluateHandle(`(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(['a,b\\n1,2\\n'], 'dropped.csv', { type: 'text/csv' }));
      return dropped;
    })()`);
    const target = row(/^figures/);
    for (const type of ['dragenter', 'dragover', 'drop']) {
      await target.dispatchEvent(type, { dataTransfer: transfer, bubbles: true });
      await page.waitForTimeout(300);
    }
    await row(/^dropped\.csv, 8 bytes/).waitFor();
    await workbench.screenshot('artifacts-dropped');
    assert.equal(
      Buffer.from((await storage.artifacts.load('figures/dropped.csv')).content).toString(),
      'a,b\n1,2\n',
    );
  });
});
