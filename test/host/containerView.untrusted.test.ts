import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { answering, internals, openPython, runSelection } from './editorSupport.ts';

describe('a workspace that is not trusted and wants a container', () => {
  const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
  const engine = path.join(folder, 'engine.sh');
  const trace = path.join(folder, 'engine.txt');
  const wanted: Readonly<Record<string, unknown>> = {
    executor: 'container',
    'container.engine': engine,
    'container.image': 'localhost/of-the-workspace',
    'container.build': 'Dockerfile',
    'container.network': 'on',
    'container.workspace': 'writable',
    'container.mounts': [{ source: '~/', target: '/home', writable: true }],
    'container.dangerousMounts': ['~/'],
    'container.runArguments': ['--privileged'],
  };
  const configuration = () => vscode.workspace.getConfiguration('codeMode');

  async function write(settings: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [name, value] of Object.entries(settings)) {
      await configuration().update(name, value, vscode.ConfigurationTarget.Workspace);
    }
  }

  before(async () => {
    await writeFile(engine, `#!/bin/sh\necho "$@" >> '${trace}'\nexit 1\n`);
    await chmod(engine, 0o755);
    await write(wanted);
  });

  after(async () => {
    await write(Object.fromEntries(Object.keys(wanted).map((name) => [name, undefined])));
    await rm(engine);
  });

  it('has nothing to say in what would run, and behind which wall', async () => {
    const written: Record<string, unknown> = JSON.parse(
      await readFile(path.join(folder, '.vscode/settings.json'), 'utf8'),
    );
    for (const [name, value] of Object.entries(wanted)) {
      assert.deepEqual(written[`codeMode.${name}`], value, `${name} is written`);
      assert.deepEqual(configuration().get(name), configuration().inspect(name)?.defaultValue, name);
    }
  });

  it('has no engine run, and no container shown', async () => {
    const { containerView, sessions } = await internals();
    await openPython('1 + 1\n');
    for (const act of [
      runSelection,
      () => vscode.commands.executeCommand('codeMode.selectExecutor'),
      () => vscode.commands.executeCommand('codeMode.container.openShell'),
      () => vscode.commands.executeCommand('codeMode.container.rebuild'),
    ]) {
      const [told] = await answering(undefined, async () => act());
      assert.match(told?.text ?? '', /a workspace that you trust|does not run in a container here/);
    }
    assert.equal(sessions.current(), undefined);
    assert.deepEqual(await containerView.getChildren(), []);
    assert.ok(!existsSync(trace), 'the engine of the workspace was run');
  });
});
