import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { notebookOf } from './notebooks.ts';
import { Workbench } from './workbench.ts';

const COMMAND = process.platform === 'win32' ? 'python' : 'python3';

const CHILD = `import subprocess, sys
print("Python starts a child process")
subprocess.run([sys.executable, "-c", "print('The child process prints')"])
print("Python goes on")
sys.version_info[:3]`;

const RICH = `from math import sin, sqrt

class Table:
    def _repr_html_(self):
        rows = "".join(f"<tr><td>{n}</td><td>{sqrt(n):.3f}</td></tr>" for n in range(1, 5))
        return f"<table><tr><th>n</th><th>√n</th></tr>{rows}</table>"

class Plot:
    def _repr_svg_(self):
        points = " ".join(f"{x},{40 - 36 * sin(x / 20):.1f}" for x in range(401))
        line = f"<polyline points='{points}' fill='none' stroke='#3776ab' stroke-width='2'/>"
        return f"<svg xmlns='http://www.w3.org/2000/svg' width='400' height='80'>{line}</svg>"

display(Table())
Plot()`;

const CRASH = 'import ctypes\nprint("Reading what is at address 0")\nctypes.string_at(0)';

const AFTERWARDS = 'print("A fresh interpreter:", "ctypes" not in globals())';

describe('the executor subprocess in a real workbench', () => {
  let workbench: Workbench;
  /** A program of this machine that can be reached unless something is in the way. */
  let neighbour: Server;

  before(async () => {
    neighbour = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(neighbour, 'listening');
    workbench = await Workbench.open({
      // Settings are changed by reloads, and a session that lives on keeps those that it was opened with.
      settings: { 'codeMode.executor': 'subprocess', 'codeMode.session.keepAlive': 0 },
      viewport: { width: 1280, height: 900 },
    });
    const { port } = neighbour.address() as AddressInfo;
    const notebooks = {
      'crash.ipynb': notebookOf(CHILD, CRASH, AFTERWARDS),
      'rich.ipynb': notebookOf(RICH),
      'sleep.ipynb': notebookOf('import time\nprint("Asleep")\ntime.sleep(600)'),
      'input.ipynb': notebookOf('name = input("What is your name? ")\nprint(f"Hello, {name}!")'),
      'connect.ipynb': notebookOf(
        `import socket\nwith socket.create_connection(("127.0.0.1", ${port}), timeout=60):\n    print("Connected")`,
      ),
    };
    for (const [name, content] of Object.entries(notebooks)) {
      await writeFile(path.join(workbench.folder, name), content);
    }
    for (const name of ['.venv', 'experiments']) {
      await promisify(execFile)(COMMAND, ['-m', 'venv', '--without-pip', path.join(workbench.folder, name)]);
    }
  });

  after(async () => {
    neighbour?.close();
    await workbench?.close();
  });

  // Before a test and not after it, so that the picture of a failure shows something.
  beforeEach(async () => {
    await workbench.runCommand('File: Save All Files');
    await workbench.runCommand('View: Close All Editors');
  });

  /** The status of a session that does something, in one of the environments. */
  const status = (environment: string, state: string) =>
    workbench.statusBarItem(
      new RegExp(`Python: Subprocess, CPython 3\\.\\d+\\.\\d+ \\(${environment}\\), ${state}`),
    );

  /** Opens the menu of interpreters and waits until all of them are found. */
  async function openInterpreters(): Promise<Locator> {
    await workbench.runCommand('Code Mode: Select Python Interpreter');
    const menu = workbench.page.locator('.quick-input-widget');
    await menu.getByPlaceholder('Select the Python of the executor Subprocess').waitFor();
    return menu;
  }

  /** Chooses an environment of the workspace in that menu, and waits until it is the chosen one. */
  async function chooseEnvironment(name: string): Promise<void> {
    await openInterpreters();
    await workbench.chooseItem(`(${name})`);
    // Its Python is started before it is written into the settings; then the menu marks it.
    for (;;) {
      const menu = await openInterpreters();
      const marked = menu.getByRole('option', { name: /^check / }).filter({ hasText: `(${name})` });
      const isChosen = await marked.isVisible();
      await workbench.page.keyboard.press('Escape');
      if (isChosen) return;
    }
  }

  it('shows what processes print, and why Python crashed', async () => {
    const { page } = workbench;
    await workbench.openNotebook('crash.ipynb');
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    await workbench.cells().first().locator('.monaco-editor').first().click();
    await page.keyboard.press('Shift+Enter');
    await workbench.waitForOutput(
      /Python starts a child process\s+The child process prints\s+Python goes on/,
    );
    await page.keyboard.press('Shift+Enter');
    await workbench.waitForOutput(/segmentation fault.*killed by SIGSEGV/s);
    await page
      .getByRole('button', { name: /^Execute Cell/ })
      .last()
      .click();
    await workbench.waitForOutput('A fresh interpreter: True');
    await status('\\.venv', 'idle').waitFor();
    for (const theme of ['high-contrast', 'light'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`subprocess-${theme}`);
    }
    await status('\\.venv', 'idle').hover();
    await page.locator('.workbench-hover').getByText('A process of its own', { exact: true }).waitFor();
    await workbench.screenshot('subprocess-tooltip', { keepPointer: true });
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  });

  it('shows tables and plots', async () => {
    await workbench.openNotebook('rich.ipynb');
    await workbench.runCommand('Notebook: Run All');
    const frame = await workbench.outputFrame('√n');
    await frame.locator('svg polyline').waitFor();
    await status('\\.venv', 'idle').waitFor();
    await workbench.screenshot('subprocess-rich');
  });

  it('stops code that sleeps', async () => {
    await workbench.openNotebook('sleep.ipynb');
    await workbench.runCommand('Notebook: Run All');
    await workbench.waitForOutput('Asleep');
    await status('\\.venv', 'busy').waitFor();
    const stop = workbench.page.getByRole('button', { name: /Stop Cell Execution|Interrupt/ });
    await stop.first().click();
    await workbench.waitForOutput('KeyboardInterrupt');
    await status('\\.venv', 'idle').waitFor();
    await workbench.screenshot('subprocess-interrupted');
  });

  it('asks for input', async () => {
    await workbench.openNotebook('input.ipynb');
    await workbench.runCommand('Notebook: Run All');
    await workbench.quickInput().waitFor();
    await workbench.answer('Ada');
    await workbench.waitForOutput('Hello, Ada!');
  });

  it('has its settings in a section of their own', async () => {
    const { page } = workbench;
    await workbench.runCommand('Code Mode: Session Menu');
    await workbench.chooseItem('Settings');
    // Where VS Code is remote, what is about its machine is not among the person's own settings.
    await page.getByRole('tab', { name: 'Workspace', exact: true }).click();
    await page.getByRole('treeitem', { name: /^Subprocess/ }).click();
    await page.getByText('Code Mode › Subprocess:').first().waitFor();
    await workbench.screenshot('subprocess-settings');
    await page.getByRole('combobox', { name: 'codeMode.subprocess.sandbox' }).click();
    await page.getByText('In the sandbox where this machine has what it takes').waitFor();
    await workbench.screenshot('subprocess-settings-choice');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  it('lets the person choose an interpreter, and says what is wrong with one', async () => {
    const { page } = workbench;
    await workbench.openNotebook('connect.ipynb');
    for (const theme of ['high-contrast', 'light'] as const) {
      await workbench.setTheme(theme);
      const menu = await openInterpreters();
      for (const group of ['In this workspace', 'Kept by Python Code Mode for this workspace']) {
        await menu.getByRole('option', { name: group }).waitFor();
      }
      await workbench.screenshot(`interpreters-${theme}`);
      await page.keyboard.press('Escape');
    }
    await openInterpreters();
    await workbench.chooseItem('Enter a Path');
    await page.getByText("An interpreter's path, an environment's folder").waitFor();
    await workbench.answer('nowhere/bin/python');
    await workbench.notification(/no Python interpreter at .*nowhere/).waitFor();
    await workbench.notification('Starting Python').waitFor({ state: 'hidden' });
    await workbench.screenshot('interpreter-missing');
    await page.keyboard.press('Escape');

    await chooseEnvironment('experiments');
    await workbench.runCommand('Notebook: Run All');
    await workbench.waitForOutput('Connected');
    await status('experiments', 'idle').waitFor();
  });

  it('says in the cell what keeps Python from starting, and keeps it from the network', async () => {
    const { page } = workbench;
    await mkdir(path.join(workbench.folder, '.vscode'), { recursive: true });
    await writeFile(
      path.join(workbench.folder, '.vscode/settings.json'),
      JSON.stringify({ 'codeMode.subprocess.python': 'nowhere/bin/python' }),
    );
    await workbench.changeSettings({
      'codeMode.subprocess.sandbox': 'required',
      'codeMode.subprocess.network': 'off',
    });
    await workbench.openNotebook('connect.ipynb');
    await workbench.runCommand('Notebook: Run All');
    await workbench.waitForOutput(/There is no Python interpreter/);
    await workbench.waitForOutput(/Choose another Python/);
    await workbench.statusBarItem(/Python: Subprocess, not running/).waitFor();
    await page.locator('.codicon-notebook-state-error').first().waitFor();
    await workbench.screenshot('subprocess-missing');
    const menu = await openInterpreters();
    await menu.getByRole('option', { name: 'From the settings' }).waitFor();
    await workbench.screenshot('interpreters-missing');
    await page.keyboard.press('Escape');

    await chooseEnvironment('.venv');
    await workbench.runCommand('Notebook: Run All');
    await workbench.waitForOutput(/Error: \[Errno/);
    await status('\\.venv', 'idle').hover();
    await page
      .locator('.workbench-hover')
      .getByText('Kept apart from the network', { exact: true })
      .waitFor();
    await workbench.screenshot('subprocess-confined', { keepPointer: true });
  });
});
