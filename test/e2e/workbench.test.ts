import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Workbench } from './workbench.ts';

describe('the workbench driver', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open();
  });

  after(() => workbench?.close());

  it('opens a file and selects lines in it', async () => {
    await workbench.openFile('hello.py');
    await workbench.selectLines(4, 5);
    await workbench.statusBarItem('Python').waitFor();
  });

  it('opens a notebook with its cells', async () => {
    await workbench.openNotebook('notebook.ipynb');
    assert.equal(await workbench.cells().count(), 2);
  });

  it('takes pictures in every theme', async () => {
    for (const theme of ['dark', 'high-contrast', 'high-contrast-light', 'light'] as const) {
      await workbench.setTheme(theme);
      const picture = await readFile(await workbench.screenshot(`driver-${theme}`));
      assert.ok(picture.length > 10_000, `the picture of the ${theme} theme is empty`);
    }
  });
});
