import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from './workbench.ts';

const TOOL = `name: jq
description: Reads and changes JSON.
command: jq
schema:
  positional:
    - {name: filter, type: string, required: true}
  stdin: {name: data, required: true}
recipes:
  query:
    params: {filter: {}, data: {}}
`;

const CODE = `prices = tools.jq.query(filter=".items[].price", data='{"items": [{"price": 3}, {"price": 4}]}')
try:
    tools.jq.query(filter=".items[", data="{}")
except Exception as error:
    print(type(error).__name__)
`;

describe('the Runs view in a real workbench', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({ settings: { 'editor.minimap.enabled': false } });
    const folder = path.join(workbench.folder, '.code-mode/tools');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'jq.yaml'), TOOL);
    await writeFile(path.join(workbench.folder, 'prices.py'), CODE);
    await writeFile(path.join(workbench.folder, 'wrong.py'), '1 / 0\n');
  });

  after(() => workbench?.close());

  const sideBar = () => workbench.page.locator('.part.sidebar');
  const row = (name: RegExp) => sideBar().getByRole('treeitem', { name });

  it('shows what ran, with the tools that it called', async () => {
    const { page } = workbench;
    await page.getByRole('tab', { name: 'Python Code Mode' }).click();
    await sideBar().getByRole('button', { name: 'Runs Section' }).click();
    for (const file of ['wrong.py', 'prices.py']) {
      await workbench.openFile(file);
      await workbench.runCommand('Code Mode: Run File');
      await row(new RegExp(file === 'wrong.py' ? '^1 / 0, failed' : '^prices = .+, done')).waitFor();
    }
    await row(/^prices = /)
      .locator('.monaco-tl-twistie')
      .click();
    await row(/^jq\.query, failed, /).waitFor();
    await row(/^jq\.query, done, /)
      .locator('.monaco-tl-twistie')
      .click();
    await row(/^filter: "\.items/).waitFor();
    await workbench.screenshot('runs-light');
    await row(/^jq\.query, failed/).hover();
    await page.locator('.workbench-hover').filter({ hasText: 'tools.jq.query(' }).waitFor();
    await workbench.screenshot('runs-tooltip', { keepPointer: true });
  });
});
