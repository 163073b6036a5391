import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { containerSettings, hasContainers } from '../support/containers.ts';
import { Workbench } from './workbench.ts';

const SIMULATION = `import threading

samples = bytearray(180_000_000)

def simulate():
    while True:
        samples[0] ^= 1

threading.Thread(target=simulate, daemon=True).start()
len(samples)
`;

const WALL = `import os, socket

try:
    socket.create_connection(("192.0.2.1", 443), timeout=5)
except OSError as error:
    print("The network:", error)
try:
    open("/etc/own", "w")
except OSError as error:
    print("The files:", error)
os.getuid() == 0
`;

describe('the executor container in a real workbench', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  /** A registry that takes connections and never says a word. */
  let registry: Server;
  const sockets = new Set<Socket>();

  before(async function () {
    if (!hasContainers()) this.skip();
    registry = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const own = Object.entries(containerSettings()).map(([name, value]) => [
      `codeMode.container.${name}`,
      value,
    ]);
    workbench = await Workbench.open({
      settings: {
        'codeMode.executor': 'container',
        // Settings are changed by reloads, and a session that lives on keeps those that it was opened with.
        'codeMode.session.keepAlive': 0,
        'editor.minimap.enabled': false,
        'workbench.tree.enableStickyScroll': false,
      },
      machineSettings: {
        ...Object.fromEntries(own),
        'codeMode.container.memoryLimit': 2048,
        'codeMode.container.warmSpare': false,
        'codeMode.container.cacheDeps': false,
      },
      viewport: { width: 1280, height: 860 },
    });
    for (const [name, content] of Object.entries({ 'simulation.py': SIMULATION, 'wall.py': WALL })) {
      await writeFile(path.join(workbench.folder, name), content);
    }
  });

  after(async () => {
    await workbench?.close();
    for (const socket of sockets) socket.destroy();
    registry?.close();
  });

  const sideBar = () => workbench.page.locator('.part.sidebar');
  const row = (name: RegExp) => sideBar().getByRole('treeitem', { name });

  /** Shows a view with room for it. */
  async function showContainer(): Promise<void> {
    const switcher = workbench.page.getByRole('tablist', { name: 'Active View Switcher' });
    const tab = switcher.getByRole('tab', { name: 'Python Code Mode' });
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    for (const name of ['Sessions', 'Runs', 'Workflows', 'Tools', 'Artifacts', 'Dependencies']) {
      const section = sideBar().getByRole('button', { name: `${name} Section` });
      if ((await section.getAttribute('aria-expanded')) === 'true') await section.click();
    }
    await row(/^workspace, /).waitFor();
  }

  async function pictures(name: string): Promise<void> {
    for (const theme of ['dark', 'high-contrast', 'high-contrast-light', 'light'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`${name}-${theme}`);
    }
  }

  /** Writes the settings of the workspace, which this VS Code reads when it starts. */
  async function changeWorkspaceSettings(settings: Record<string, unknown>): Promise<void> {
    const folder = path.join(workbench.folder, '.vscode');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings));
    await workbench.reload();
  }

  it('is offered with what it keeps apart', async () => {
    const { page } = workbench;
    await workbench.openFile('simulation.py');
    await workbench.runCommand('Code Mode: Select Executor');
    await page
      .locator('.quick-input-widget')
      .getByRole('option', { name: /Container/ })
      .first()
      .waitFor();
    await workbench.screenshot('executors', { keepPointer: true });
    await page.keyboard.press('Escape');
  });

  it('runs code behind its wall, and shows what the container uses', async () => {
    const { page } = workbench;
    await workbench.openFile('wall.py');
    await workbench.runCommand('Code Mode: Run File');
    await workbench.waitForOutput(/The network: .*unreachable/);
    await workbench.waitForOutput(/The files: .*Read-only/);
    await workbench.openFile('simulation.py');
    await workbench.runCommand('Code Mode: Run File');
    await workbench.waitForOutput('180000000');
    await showContainer();
    await row(/^Memory: \d+ mebibytes of 2 gibibytes/).waitFor();
    await row(/^CPU: (0\.[3-9]|1(\.\d)?) of /).waitFor();
    await row(/^Limits: /).click();
    await row(/^Limits: /).press('ArrowRight');
    await row(/^no network/).waitFor();
    await pictures('container');
    const tooltip = page.locator('.workbench-hover').filter({ hasText: 'Container ID' });
    // A row that is drawn anew just then takes its tooltip along.
    for (let attempt = 0; attempt < 5 && !(await tooltip.isVisible()); attempt += 1) {
      await workbench.statusBarItem(/Python: Container/).hover();
      await row(/^workspace, running/).hover();
      await tooltip.waitFor({ timeout: 5_000 }).catch(() => undefined);
    }
    await tooltip.waitFor();
    await workbench.screenshot('container-tooltip', { keepPointer: true });
    await workbench.statusBarItem(/Python: Container/).hover();
    await page.locator('.workbench-hover').getByText('Kept apart from the network').waitFor();
    await workbench.screenshot('container-status', { keepPointer: true });
  });

  it('offers what can be done: a shell, the log', async () => {
    const { page } = workbench;
    await row(/^workspace, running/).click({ button: 'right' });
    const menu = page.getByRole('menu').last();
    await menu.getByText('Open Shell in Container').waitFor();
    await workbench.screenshot('container-menu', { keepPointer: true });
    await menu.getByText('Show Container Log').click();
    await workbench.editorTab('Container of workspace').waitFor();
    await workbench.screenshot('container-log');
    const processes = await row(/^Processes: \d/).getAttribute('aria-label');
    await workbench.runCommand('Code Mode: Open Shell in Container');
    await page.locator('.terminal.xterm').waitFor();
    await row(new RegExp(`^Processes: (?!${processes?.match(/\d+/)?.[0]}\\b)\\d`)).waitFor();
    await page.keyboard.type('id -u; python3 --version; touch /etc/own');
    await page.keyboard.press('Enter');
    // What a terminal shows is drawn: it is looked at in the picture.
    await page.waitForTimeout(1500);
    await workbench.screenshot('container-shell');
    // Else the shell ends as its last command did, which VS Code takes for a failure.
    await page.keyboard.type('exit 0');
    await page.keyboard.press('Enter');
    await page.locator('.terminal.xterm').waitFor({ state: 'detached' });
  });

  it('asks before it is stopped, and is said not to run', async () => {
    const { page } = workbench;
    await row(/^workspace, running/).hover();
    await row(/^workspace, running/)
      .getByRole('button', { name: 'Stop Container' })
      .click();
    const question = page.getByRole('dialog').filter({ hasText: 'Stop the container of' });
    await question.waitFor();
    await workbench.screenshot('container-question');
    await question.getByRole('button', { name: 'Stop' }).click();
    await row(/^workspace, not running/).waitFor();
    await workbench.screenshot('container-stopped');
    // What there is nothing for is not offered.
    await page.keyboard.press('F1');
    await workbench.quickInput().fill('>Code Mode: Container');
    const commands = page.locator('.quick-input-widget').getByRole('option');
    await commands.filter({ hasText: 'Code Mode: Rebuild Container' }).waitFor();
    assert.equal(await commands.filter({ hasText: /(Stop|Shell in) Container/ }).count(), 0);
    await workbench.screenshot('container-commands');
    await page.keyboard.press('Escape');
  });

  it('says while an image is fetched how far that is, and gives it up', async () => {
    const { page } = workbench;
    const { port } = registry.address() as AddressInfo;
    await changeWorkspaceSettings({
      'codeMode.container.image': `127.0.0.1:${port}/team/science:latest`,
      'codeMode.container.pull': 'missing',
    });
    await workbench.runCommand('View: Close All Editors');
    await workbench.openFile('wall.py');
    await workbench.runCommand('Code Mode: Run File');
    const progress = workbench.notification('Container of');
    await progress.waitFor();
    await showContainer();
    await row(/^workspace, .*science/).waitFor();
    await pictures('container-preparing');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'hidden' });
    await row(/^workspace, not running/).waitFor();
    await workbench.screenshot('container-cancelled');
    await page.keyboard.press('Escape');
  });

  it('says what mends it where there is no such engine', async () => {
    await changeWorkspaceSettings({ 'codeMode.container.engine': '/nowhere/podman' });
    await workbench.runCommand('View: Close All Editors');
    await workbench.openFile('wall.py');
    await workbench.runCommand('Code Mode: Run File');
    await workbench.waitForOutput(/\/nowhere\/podman/);
    await showContainer();
    await row(/^workspace, not running/).waitFor();
    await workbench.screenshot('container-no-engine');
  });

  it('has its settings in a section of their own', async () => {
    const { page } = workbench;
    await workbench.runCommand('Code Mode: Session Menu');
    await workbench.chooseItem('Settings');
    await page.getByRole('tab', { name: 'Workspace', exact: true }).click();
    await page
      .getByRole('treeitem', { name: /^Container/ })
      .last()
      .click();
    await page.getByText('Code Mode › Container:').first().waitFor();
    await workbench.screenshot('container-settings');
  });
});
