import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RunningCommand } from '../contract/support/commandLine.ts';
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
    description: What a filter gives of some JSON.
    params: {filter: {}, data: {}}
`;

const CODE = `tools.jq.query(filter=".names[1]", data='{"names": ["Ada", "Grace"]}').strip()`;

describe('approvals in a real workbench', function () {
  this.timeout(120_000);
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open();
    const folder = path.join(workbench.folder, '.code-mode/tools');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'jq.yaml'), TOOL);
    await writeFile(path.join(workbench.folder, 'start.py'), '"there"\n');
    await workbench.openFile('start.py');
    await workbench.runCommand('Code Mode: Run File');
    await workbench.waitForOutput(/there/);
  });

  after(() => workbench?.close());

  /** Runs the code as an agent does that works from a terminal beside the window. */
  const runAsAgent = () =>
    new RunningCommand(['run', '--attach', '--agent', '--workspace', workbench.folder, '-c', CODE], {
      env: { ...process.env, XDG_DATA_HOME: workbench.dataHome },
    });

  const choose = async (answer: RegExp) => {
    const { page } = workbench;
    await page.locator('.quick-input-widget').getByText('wants to call tools.jq.query').waitFor();
    // As long as a person needs to read it.
    await page.waitForTimeout(1000);
    await page.locator('.quick-input-widget').getByRole('option', { name: answer }).click();
  };

  it('show the person what an agent wants to call, and let it', async () => {
    const { page } = workbench;
    const command = runAsAgent();
    await page.locator('.quick-input-widget').getByText('filter', { exact: true }).waitFor();
    // Meant for something else: it answers nothing.
    await page.keyboard.press('Enter');
    await workbench.screenshot('approval-light');
    // Another box puts the question away: it is still there to be answered.
    await page.keyboard.press('F1');
    await page.getByText('tools.jq.query waits for your approval.').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Review' }).click();
    await choose(/Allow Once/);
    const { code, stdout, stderr } = await command.ended;
    assert.deepEqual([code, stdout, stderr], [0, '\'"Grace"\'\n', '']);
  });

  it('are withdrawn when the agent gives up, and asked for again', async () => {
    const { page } = workbench;
    const box = page.locator('.quick-input-widget').getByText('wants to call tools.jq.query');
    const command = runAsAgent();
    await box.waitFor();
    command.process.kill('SIGINT');
    await box.waitFor({ state: 'hidden' });
    await command.ended;
    const again = runAsAgent();
    await choose(/Don't Allow/);
    const { code, stderr } = await again.ended;
    assert.equal(code, 1);
    assert.match(stderr, /ToolRefusedError[\s\S]*was not allowed/);
  });
});
