import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hostProcess } from './hosts.ts';
import { notebookOf } from './notebooks.ts';
import { Workbench } from './workbench.ts';

const COUNT = 200;
const COUNTING = `import time\nfor n in range(${COUNT}):\n    print("tick", n)\n    time.sleep(0.1)\n"counted"`;

describe('a window that is reloaded', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({
      viewport: { width: 1280, height: 1100 },
      // So that all lines are there to be looked at.
      settings: { 'notebook.output.textLineLimit': 500 },
    });
    const notebooks = {
      'counting.ipynb': notebookOf('kept = 41', COUNTING, 'kept + 1'),
      'waiting.ipynb': notebookOf(
        'waited = 1',
        'import time\nfor n in range(80):\n    print("step", n, end=" ", flush=True)\n    time.sleep(0.1)\nwaited += 1',
        'waited += 1',
        '"waited", waited',
      ),
      'asking.ipynb': notebookOf('answer = input("Still there? ")\nprint("You said", answer)'),
      'lost.ipynb': notebookOf('import time\nprint("running")\ntime.sleep(60)'),
    };
    for (const [name, content] of Object.entries(notebooks)) {
      await writeFile(path.join(workbench.folder, name), content);
    }
  });
  after(() => workbench?.close());

  /** Each notebook alone, so that no cell of another one is taken for its own. */
  async function openAlone(notebook: string): Promise<void> {
    await workbench.runCommand('View: Close All Editors');
    await showKernel(notebook);
  }

  async function showKernel(notebook: string): Promise<void> {
    await workbench.openNotebook(notebook);
    await workbench.selectKernel('Python Code Mode');
  }

  async function runCell(index: number): Promise<void> {
    await workbench.cells().nth(index).locator('.monaco-editor').first().click();
    await workbench.page.keyboard.press('Shift+Enter');
  }

  /** The numbers that the counting cell shows, in order. */
  async function ticks(): Promise<number[]> {
    const frame = await workbench.outputFrame(/tick/);
    const text = await frame.locator('body').innerText();
    return [...text.matchAll(/tick (\d+)/g)].map((match) => Number(match[1]));
  }

  it('finds its variables and the cell that still runs, with all of its output once', async function () {
    this.timeout(120_000);
    await openAlone('counting.ipynb');
    await runCell(0);
    await workbench.statusBarItem(/Python: Sandbox, idle/).waitFor();
    await runCell(1);
    await workbench.waitForOutput(/tick 15\b/);
    await workbench.reload();
    await workbench.waitForOutput(/tick 80\b/);
    await workbench.screenshot('reload-running');
    const meanwhile = await ticks();
    assert.deepEqual(
      meanwhile,
      meanwhile.map((_, n) => n),
    );
    await workbench.waitForOutput('counted');
    const all = await ticks();
    assert.deepEqual(
      all,
      Array.from({ length: COUNT }, (_, n) => n),
    );
    await workbench.runCommand('View: Focus Active Editor Group');
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.press('Shift+Enter');
    await workbench.waitForOutput(/^42$/);
    await workbench.screenshot('reload-ended');
  });

  it('runs the cells that waited behind the one that still runs', async function () {
    this.timeout(120_000);
    await openAlone('waiting.ipynb');
    await workbench.runCommand('Notebook: Run All');
    await workbench.waitForOutput(/step 15\b/);
    await workbench.reload();
    await workbench.openNotebook('waiting.ipynb');
    await workbench.selectKernel('Python Code Mode');
    await workbench.waitForOutput(/\('waited', 3\)/);
    await workbench.screenshot('reload-waited');
  });

  it('is asked again what the code has asked before', async function () {
    this.timeout(120_000);
    await openAlone('asking.ipynb');
    await runCell(0);
    await workbench.quickInput().waitFor();
    await workbench.reload();
    const question = workbench.page.locator('.quick-input-widget').getByText('Still there?');
    const isAsked = await question.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    );
    // A browser does not always give VS Code the time to keep which editors were open, and with which kernel.
    if (!isAsked) await showKernel('asking.ipynb');
    await question.waitFor();
    await workbench.answer('yes');
    await showKernel('asking.ipynb');
    await workbench.waitForOutput('You said yes');
  });

  it('says what has happened when the session host was killed', async function () {
    this.timeout(120_000);
    await openAlone('lost.ipynb');
    await runCell(0);
    await workbench.waitForOutput('running');
    process.kill(await hostProcess(workbench), 'SIGKILL');
    await workbench.waitForOutput(/The session host has ended/);
    await workbench.notification(/variables are gone/).waitFor();
    await workbench.screenshot('host-lost');
    await workbench.runCommand('Notebook: Run All');
    await workbench.statusBarItem(/Python: Sandbox, busy/).waitFor();
    await workbench.runCommand('Code Mode: Interrupt');
    await workbench.statusBarItem(/Python: Sandbox, idle/).waitFor();
  });
});
