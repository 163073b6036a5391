import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RunningCommand } from '../contract/support/commandLine.ts';
import { type PackageServer, sdist, servePackages, wheel } from '../support/packages.ts';
import { notebookOf } from './notebooks.ts';
import { Workbench } from './workbench.ts';

const PACKAGES = [
  wheel({ name: 'greeter', version: '1.0', summary: 'Says hello.', requires: ['wording>=2'] }),
  wheel({ name: 'greeter', version: '1.1', summary: 'Says hello.', requires: ['wording>=2'] }),
  wheel({ name: 'wording', version: '2.0', summary: 'Words for greetings.' }),
  // Its module has another name.
  wheel({
    name: 'python-docx',
    version: '1.2',
    summary: 'Reads documents.',
    files: { 'docx.py': 'def read():\n    return "a document that docx read"\n' },
  }),
  // No wheel: what is no CPython can't build it.
  sdist({ name: 'native', version: '1.0', files: { 'native.py': 'SPEED = "native speed"\n' } }),
];

const REQUIREMENTS = `# What this workspace needs
greeter<1.1  # the one that we know
absent>=3
`;

describe('packages in a real workbench', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  let index: PackageServer;

  before(async () => {
    index = await servePackages(PACKAGES);
    workbench = await Workbench.open({
      settings: {
        'codeMode.executor': 'subprocess',
        'codeMode.deps.indexUrl': index.url,
        // Settings are changed by reloads, and a session that lives on keeps those that it was opened with.
        'codeMode.session.keepAlive': 0,
        'editor.minimap.enabled': false,
        'workbench.tree.enableStickyScroll': false,
      },
    });
    const notebooks = {
      'documents.ipynb': notebookOf('from docx import read\nread()'),
      'native.ipynb': notebookOf('import native\nnative.SPEED'),
    };
    const files = {
      'greet.py': 'name = "Ada"\n\nimport wording as w\nw.VERSION\n',
      'speed.py': 'import os\nimport native\nnative.SPEED\n',
    };
    for (const [name, content] of Object.entries({ ...notebooks, ...files })) {
      await writeFile(path.join(workbench.folder, name), content);
    }
  });

  after(async () => {
    await workbench?.close();
    await index?.[Symbol.asyncDispose]();
  });

  const sideBar = () => workbench.page.locator('.part.sidebar');
  const row = (name: RegExp) => sideBar().getByRole('treeitem', { name });
  const offer = (name: string) =>
    workbench.page.getByRole('button', { name: `Install ${name} and Run Again` }).first();

  /** Shows a view with room for it. */
  async function showDependencies(): Promise<void> {
    const switcher = workbench.page.getByRole('tablist', { name: 'Active View Switcher' });
    await switcher.getByRole('tab', { name: 'Python Code Mode' }).click();
    for (const name of ['Sessions', 'Workflows', 'Tools', 'Artifacts']) {
      const section = sideBar().getByRole('button', { name: `${name} Section` });
      if ((await section.getAttribute('aria-expanded')) === 'true') await section.click();
    }
    const section = sideBar().getByRole('button', { name: 'Dependencies Section' });
    if ((await section.getAttribute('aria-expanded')) === 'false') await section.click();
  }

  async function pictures(name: string): Promise<void> {
    for (const theme of ['dark', 'high-contrast', 'high-contrast-light', 'light'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`${name}-${theme}`);
    }
  }

  it('are said to be what they are where there are none', async () => {
    await showDependencies();
    await sideBar().getByText('There are no packages yet').waitFor();
    await workbench.screenshot('deps-empty');
  });

  it('are added by typing, which says at once what cannot be', async () => {
    const { page } = workbench;
    await workbench.runCommand('Code Mode: Add Package');
    const box = page.locator('.quick-input-widget');
    await workbench.quickInput().fill('--upgrade');
    await box
      .getByRole('option', { name: /is not a package|option/ })
      .first()
      .waitFor();
    await workbench.screenshot('deps-add-refused', { keepPointer: true });
    await workbench.quickInput().fill('nobody-has-it');
    await box.getByRole('option', { name: /There is no package named/ }).waitFor();
    await workbench.quickInput().fill('greeter');
    await box.getByRole('option', { name: /the newest that fits is 1\.1/ }).waitFor();
    await workbench.screenshot('deps-add', { keepPointer: true });
    await workbench.quickInput().fill('greeter<1.1');
    await box.getByRole('option', { name: /the newest that fits is 1\.0/ }).waitFor();
    await page.keyboard.press('Enter');
    await row(/^greeter<1\.1, /).waitFor();
    await workbench.screenshot('deps-added');
  });

  it('are installed with progress, which can be cancelled', async () => {
    const { page } = workbench;
    index.intervene = index.stalling();
    await workbench.runCommand('Code Mode: Add Package');
    await workbench.quickInput().fill('python-docx==1.2');
    await page.keyboard.press('Enter');
    const progress = workbench.notification(/python-docx==1\.2/);
    await progress.waitFor();
    await workbench.screenshot('deps-progress');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'hidden' });
    index.intervene = undefined;
    assert.ok(!(await row(/^python-docx==1\.2, /).isVisible()));
  });

  it('are shown: configured, installed, missing, with a newer version', async () => {
    const { page } = workbench;
    await writeFile(path.join(workbench.folder, '.code-mode/requirements.txt'), REQUIREMENTS);
    await row(/^absent>=3, .*missing|^absent>=3, .*not installed/).waitFor();
    await workbench.runCommand('Code Mode: Check for Newer Package Versions');
    await row(/^greeter<1\.1, .*1\.1/).waitFor();
    for (const name of [/^Installed, /, /^greeter, /]) {
      await row(name).click();
      await row(name).press('ArrowRight');
    }
    await row(/^wording, /).waitFor();
    await pictures('deps');
    await row(/^greeter<1\.1, /).hover();
    await page.locator('.workbench-hover').filter({ hasText: 'Says hello.' }).waitFor();
    await workbench.screenshot('deps-tooltip', { keepPointer: true });
  });

  it('that an import lacks are installed from its cell, which runs again', async () => {
    const { page } = workbench;
    await workbench.openNotebook('documents.ipynb');
    await page
      .getByRole('button', { name: /^Execute Cell/ })
      .first()
      .click();
    await workbench.waitForOutput(/No module named 'docx'/);
    await offer('python-docx').waitFor();
    await pictures('import-failed');
    await offer('python-docx').click();
    await workbench.waitForOutput('a document that docx read');
    await offer('python-docx').waitFor({ state: 'detached' });
    await row(/^python-docx, /)
      .first()
      .waitFor();
    await workbench.screenshot('import-mended');
    await workbench.runCommand('View: Close All Editors');
  });

  it('that an import lacks are installed from the line of a file', async () => {
    const { page } = workbench;
    await workbench.openFile('greet.py');
    await workbench.runCommand('Code Mode: Run File');
    // It came with another package.
    await workbench.waitForOutput('2.0');
    await workbench.runCommand('View: Close All Editors');
    await workbench.openFile('speed.py');
    await workbench.runCommand('Code Mode: Run File');
    await workbench.waitForOutput(/No module named 'native'/);
    await page.locator('.squiggly-warning').first().waitFor();
    const fix = page.getByText('Install native and Run Again').last();
    // Where the Interactive Window comes to the front just then, the command is for that: it is asked for once more.
    for (let attempt = 0; attempt < 3 && !(await fix.isVisible()); attempt += 1) {
      await page.keyboard.press('Escape');
      await workbench.editorTab('speed.py').click();
      await workbench.placeCursor(2, 10);
      await workbench.runCommand('Quick Fix...');
      await fix.waitFor({ timeout: 10_000 }).catch(() => undefined);
    }
    await fix.waitFor();
    await workbench.screenshot('import-quick-fix', { keepPointer: true });
    await page.keyboard.press('Enter');
    await workbench.waitForOutput('native speed');
    await workbench.runCommand('View: Close All Editors');
  });

  it('that an import lacks are offered where it is typed into the Interactive Window', async () => {
    const { page } = workbench;
    await workbench.runCommand('Code Mode: Open Interactive Window');
    // What is typed there is drawn above its placeholder.
    await page.getByText('to execute.').click({ force: true });
    await page.keyboard.type('import greeter_of_nobody');
    await page.keyboard.press('Enter');
    const message = workbench.notification('The package greeter-of-nobody is not installed.');
    await message.getByRole('button', { name: 'Install greeter-of-nobody and Run Again' }).waitFor();
    await workbench.screenshot('import-interactive');
    await message.getByRole('button', { name: 'Install greeter-of-nobody and Run Again' }).click();
    await workbench.notification(/greeter-of-nobody could not be installed/).waitFor();
    await workbench.screenshot('import-no-package');
    await workbench.runCommand('Notifications: Clear All Notifications');
    await workbench.runCommand('View: Close All Editors');
  });

  it('are installed for an agent once a person allows it', async () => {
    const { page } = workbench;
    const code = 'deps.add("greeter>=1.1"); import greeter; greeter.VERSION';
    const args = ['run', '--attach', '--agent', '--workspace', workbench.folder, '-c', code];
    const command = new RunningCommand(args, { env: { ...process.env, XDG_DATA_HOME: workbench.dataHome } });
    await page
      .locator('.quick-input-widget')
      .getByText('An agent wants to install greeter>=1.1 into the environment')
      .waitFor();
    await workbench.screenshot('approval-deps-light');
    // As long as a person needs to read it.
    await page.waitForTimeout(1000);
    await page
      .locator('.quick-input-widget')
      .getByRole('option', { name: /Allow Once/ })
      .click();
    const { code: exit, stdout, stderr } = await command.ended;
    assert.deepEqual([exit, stdout], [0, "'1.1'\n"], stderr);
  });

  it('are installed into the sandbox, which says where else one goes that it cannot have', async () => {
    const { page } = workbench;
    const agree = () => page.getByRole('dialog').getByRole('button', { name: 'Switch', exact: true }).click();
    await workbench.runCommand('Code Mode: Select Executor');
    await workbench.chooseItem('Sandbox');
    await agree();
    await workbench.statusBarItem(/Python: Sandbox/).waitFor();
    await workbench.openNotebook('documents.ipynb');
    await page
      .getByRole('button', { name: /^Execute Cell/ })
      .first()
      .click();
    await offer('python-docx').click();
    await workbench.waitForOutput('a document that docx read');
    await workbench.screenshot('deps-sandbox');
    await workbench.runCommand('View: Close All Editors');

    await workbench.openNotebook('native.ipynb');
    await workbench.runCommand('Notebook: Run All');
    await offer('native').click();
    const told = workbench.notification(/native could not be installed/);
    await told.waitFor();
    await workbench.screenshot('deps-sandbox-cannot');
    await told.getByRole('button', { name: /^Switch to .* and Run Again/ }).click();
    await agree();
    await workbench.waitForOutput('native speed');
  });
});
