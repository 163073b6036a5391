import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ContainerControl } from '../../src/core/contract/container.ts';
import { menuItems } from '../../src/ui/status/sessionMenu.ts';
import type { ContainerNode, Node } from '../../src/ui/views/container/nodes.ts';
import { containerEngine, containerSettings, hasContainers } from '../support/containers.ts';
import { until } from '../support/until.ts';
import {
  answering,
  endSessions,
  internals,
  openPython,
  runSelection,
  valuesBeside,
  withSetting,
} from './editorSupport.ts';

/** A container starts, or an image is built, within these milliseconds. */
const STARTED_MS = 30_000;

const command = (name: string, ...args: unknown[]) =>
  Promise.resolve(vscode.commands.executeCommand(`codeMode.container.${name}`, ...args));

async function rows(below?: Node): Promise<{ node: Node; item: vscode.TreeItem; text: string }[]> {
  const { containerView } = await internals();
  return (await containerView.getChildren(below)).map((node) => {
    const item = containerView.getTreeItem(node);
    return { node, item, text: `${item.label}: ${item.description}` };
  });
}

async function untilRow(text: RegExp): Promise<{ node: ContainerNode; item: vscode.TreeItem }> {
  const found = async () => (await rows()).find((row) => text.test(row.text));
  await until(`a row ${text}`, async () => (await found()) !== undefined, STARTED_MS).catch(async (error) => {
    throw new Error(`${error} in ${(await rows()).map((row) => row.text)}`);
  });
  const { node, item } = (await found())!;
  assert.ok(!('of' in node));
  return { node, item };
}

/** What is said below a container, by its name. */
async function details(node: Node): Promise<Record<string, string>> {
  return Object.fromEntries((await rows(node)).map(({ item }) => [item.label, String(item.description)]));
}

async function untilDetail(node: Node, name: string, value: RegExp): Promise<void> {
  const shown = async () => (await details(node))[name] ?? '';
  await until(`${name} ${value}`, async () => value.test(await shown()), STARTED_MS).catch(async (error) => {
    throw new Error(`${error}, which is ${await shown()}`);
  });
}

/** Sets settings of the workspace: in one that is trusted, it can set all of a container. */
async function set(settings: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    const key = `codeMode.${name}`;
    await vscode.workspace.getConfiguration().update(key, value, vscode.ConfigurationTarget.Workspace);
  }
}

describe('the Container view', () => {
  let settings: Record<string, unknown>;

  before(async function () {
    if (!hasContainers()) this.skip();
    const own = Object.entries(containerSettings()).map(([name, value]) => [`container.${name}`, value]);
    settings = {
      executor: 'container',
      ...Object.fromEntries(own),
      'container.warmSpare': false,
      'container.cacheDeps': false,
    };
    await set(settings);
    await command('focus');
  });

  afterEach(async () => {
    const { sessions } = await internals();
    await sessions.shutDownAll();
    await endSessions();
    await until('no row', async () => (await rows()).length === 0);
  });

  after(async () => {
    await set(Object.fromEntries(Object.keys(settings ?? {}).map((name) => [name, undefined])));
  });

  /** Runs one line of code in a container. */
  async function started(code = '1 + 1'): Promise<ContainerNode> {
    const editor = await openPython(`${code}\n`);
    await runSelection();
    assert.deepEqual(await valuesBeside(editor), ['1: 2']);
    return (await untilRow(/: running · < 1 min$/)).node;
  }

  it('shows what runs, what it uses and behind which wall', async () => {
    const node = await started();
    await command('focus');
    await untilDetail(node, 'Memory', /^\d+ MiB of \d+(\.\d)? GiB$/);
    await untilDetail(node, 'CPU', /^\d+(\.\d)? of \d+ processors?$/);
    await untilDetail(node, 'Processes', /^[1-9]\d*$/);
    const shown = await details(node);
    assert.deepEqual(Object.keys(shown), [
      'Image',
      'Container',
      'Engine',
      'Memory',
      'CPU',
      'Processes',
      'Limits',
    ]);
    const { image } = containerSettings();
    assert.equal(shown.Image, image);
    assert.match(shown.Container ?? '', /^[0-9a-f]{12}$/);
    assert.match(shown.Engine ?? '', /^(Podman|Docker) \d/);
    const limits = (await rows(node)).find(({ item }) => item.label === 'Limits')!;
    const lines = (await rows(limits.node)).map(({ item }) => String(item.label));
    assert.ok(lines.includes('no network'), lines.join(', '));
  });

  it('shows the processors that code uses, and its memory, while it runs', async () => {
    const { sessions } = await internals();
    const node = await started();
    const session = sessions.current()!;
    const run = session.run('kept = bytearray(400_000_000)\nwhile True: pass');
    // How much it gets is up to whatever else this machine does.
    await untilDetail(node, 'CPU', /^(0\.[1-9]|[1-9](\.\d)?) of/);
    await untilDetail(node, 'Memory', /^[3-9]\d\d MiB of/);
    await session.interrupt();
    assert.equal((await run).status, 'interrupted');
  });

  it('asks what it uses only while somebody looks', async () => {
    const node = await started();
    const control = node.followed.control as { usage: ContainerControl['usage'] };
    const { usage } = control;
    let asked = 0;
    control.usage = () => {
      asked += 1;
      return usage.call(control);
    };
    await command('focus');
    await until('two looks', () => asked > 1, STARTED_MS);
    await vscode.commands.executeCommand('workbench.view.explorer');
    await delay(2_500);
    const before = asked;
    await delay(4_500);
    assert.equal(asked, before);
    await command('focus');
    await until('another look', () => asked > before, STARTED_MS);
  });

  it('copies what is shown shortened', async () => {
    const node = await started();
    const [image, container] = await rows(node);
    await command('copy', container?.node);
    assert.equal(await vscode.env.clipboard.readText(), node.followed.report?.container?.id);
    await command('copy', image?.node);
    assert.match(await vscode.env.clipboard.readText(), /^sha256:[0-9a-f]{64}$/);
  });

  it('opens a shell in it', async () => {
    const node = await started();
    const opened = new Promise<vscode.Terminal>((resolve) => {
      const subscription = vscode.window.onDidOpenTerminal((terminal) => {
        subscription.dispose();
        resolve(terminal);
      });
    });
    await command('openShell', node);
    const terminal = await opened;
    try {
      const { container } = (await node.followed.control.report())!;
      assert.equal(terminal.name, `Container ${container?.id.slice(0, 12)}`);
      await terminal.processId;
      // The shell is one more process in the container, beside those of Python.
      const before = Number((await details(node)).Processes) || 0;
      await until('the shell', async () => Number((await details(node)).Processes) > before, STARTED_MS);
      terminal.sendText('exit');
      await until('its end', () => terminal.exitStatus !== undefined, STARTED_MS);
    } finally {
      terminal.dispose();
    }
  });

  it('shows its log', async () => {
    const node = await started();
    await command('showLog', node);
    const { document } = vscode.window.activeTextEditor!;
    assert.match(path.basename(document.uri.path), /^Container of .+\.log$/);
    assert.match(document.getText(), new RegExp(node.followed.report!.container!.name));
  });

  it('stops it after a question, and the next run has another one', async () => {
    const { sessions } = await internals();
    await started('kept = 1; 1 + 1');
    const first = (await untilRow(/running/)).node.followed.report?.container?.id;
    const [asked] = await answering(undefined, () => command('stop'));
    assert.match(asked?.text ?? '', /^Stop the container of ".+"\?$/);
    assert.equal((await sessions.current()!.variables()).length, 1);
    await answering('Stop', () => command('stop'));
    const { node, item } = await untilRow(/: not running$/);
    assert.equal(item.contextValue, 'container');
    assert.deepEqual(Object.keys(await details(node)), ['Image', 'Engine']);
    const [told] = await answering(undefined, () => command('openShell', node));
    assert.match(told?.text ?? '', /does not run\. Run code to start it\./);
    assert.deepEqual(await answering(undefined, () => command('stop', node)), [told]);
    const { node: second } = await untilRow(/not running/);
    assert.equal(second, node, 'the same line says something else');
    await started();
    assert.notEqual(node.followed.report?.container?.id, first);
  });

  it('rebuilds it from its file', async () => {
    const { image } = containerSettings();
    const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const file = path.join(folder, 'Dockerfile');
    await writeFile(file, `FROM ${image}\nENV TASTE=sweet\n`);
    const built = new Set<string>();
    try {
      await withSetting('container.build', 'Dockerfile', async () => {
        const { sessions } = await internals();
        const node = await started('kept = 1; 1 + 1');
        const taste = async () =>
          (await sessions.current()!.run("import os; os.environ['TASTE']")).value as unknown;
        assert.equal(await taste(), 'sweet');
        built.add(String(node.followed.report?.imageId));
        await writeFile(file, `FROM ${image}\nENV TASTE=sour\n`);
        const asked = await answering('Rebuild', () => command('rebuild', node));
        assert.match(asked[0]?.text ?? '', /^Rebuild the container of ".+"\?$/);
        assert.equal(asked.length, 1, JSON.stringify(asked));
        assert.equal(await taste(), 'sour');
        built.add(String(node.followed.report?.imageId));
        assert.match((await details(node)).Image ?? '', /Dockerfile/);
      });
    } finally {
      await rm(file);
      const engine = await containerEngine();
      for (const id of built) await engine.call(['image', 'rm', '--force', id]);
    }
  });

  it('says so where Python runs in no container', async () => {
    await set({ executor: 'sandbox' });
    try {
      await openPython('1\n');
      await runSelection();
      assert.deepEqual(await rows(), []);
      const [asked] = await answering(undefined, () => command('rebuild'));
      assert.equal(asked?.text, 'Python does not run in a container here.');
      const { sessions } = await internals();
      assert.ok(!menuItems(sessions).some(({ label }) => label.includes('Container')));
    } finally {
      await set({ executor: 'container' });
    }
  });

  it('is offered in the menu of the session', async () => {
    await started();
    const { sessions } = await internals();
    assert.ok(menuItems(sessions).some(({ label }) => label === '$(vm) Show the Container'));
  });
});

describe('an image that takes its time', () => {
  /** Takes connections and never says a word, as a registry does that is not well. */
  let registry: Server;
  const sockets = new Set<Socket>();
  let settings: Record<string, unknown>;

  before(async function () {
    if (!hasContainers()) this.skip();
    registry = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    const own = Object.entries(containerSettings()).map(([name, value]) => [`container.${name}`, value]);
    settings = {
      executor: 'container',
      ...Object.fromEntries(own),
      'container.warmSpare': false,
      'container.cacheDeps': false,
      'container.pull': 'missing',
      'container.image': `127.0.0.1:${port}/slow:latest`,
    };
    await set(settings);
  });

  afterEach(endSessions);

  after(async () => {
    await set(Object.fromEntries(Object.keys(settings ?? {}).map((name) => [name, undefined])));
    for (const socket of sockets) socket.destroy();
    registry?.close();
  });

  it('is told of in a notification, which gives it up', async () => {
    const { sessions } = await internals();
    const notified = watchNotifications();
    await openPython('1 + 1\n');
    const run = runSelection();
    const { item } = await untilRow(/: Fetching$/);
    assert.equal(item.contextValue, 'container preparing');
    await until('the notification', () => notified.titles.some((title) => title.startsWith('Container of')));
    assert.equal(sessions.current()?.info.state, 'starting');
    notified.cancel();
    await run;
    await untilRow(/: not running$/);
    assert.equal(sessions.current()?.info.state, 'stopped');
    notified.restore();
  });

  it('is given up by stopping the container', async () => {
    await openPython('1 + 1\n');
    const run = runSelection();
    const { node } = await untilRow(/: Fetching$/);
    assert.deepEqual(await answering(undefined, () => command('stop', node)), []);
    await run;
    await untilRow(/: not running$/);
  });
});

/** The titles of the notifications that show progress, from now on; and their buttons, which no test can press here. */
function watchNotifications(): { titles: string[]; cancel: () => void; restore: () => void } {
  const window = vscode.window as { withProgress: typeof vscode.window.withProgress };
  const original = window.withProgress;
  const titles: string[] = [];
  const buttons = new vscode.CancellationTokenSource();
  window.withProgress = (options, task) => {
    titles.push(options.title ?? '');
    return original(options, (progress) => task(progress, buttons.token));
  };
  return {
    titles,
    cancel: () => buttons.cancel(),
    restore: () => {
      window.withProgress = original;
      buttons.dispose();
    },
  };
}
