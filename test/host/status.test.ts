import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import { answering, endSessions, internals, openPython, runSelection } from './editorSupport.ts';

const menu = async () => {
  const [asked] = await answering(undefined, () =>
    Promise.resolve(vscode.commands.executeCommand('codeMode.showMenu')),
  );
  return asked?.buttons.map((label) => label.replace(/^\$\([\w~-]+\) /, '')) ?? [];
};

describe('the status of the session', () => {
  afterEach(endSessions);

  it('follows the session from its start to its end', async () => {
    const { sessions, status } = await internals();
    await openPython('x = 1\nwhile True: pass\n');
    await until('the status', () => status.summary.label === 'Python: Sandbox');
    assert.equal(status.summary.state, 'not started');
    await runSelection();
    assert.equal(status.summary.state, 'idle');
    assert.equal(status.summary.busy, false);
    const endless = runSelection();
    await until('busy', () => status.summary.state === 'busy');
    assert.ok(status.summary.busy);
    await vscode.commands.executeCommand('codeMode.interrupt');
    await endless;
    assert.equal(status.summary.state, 'idle');
    await sessions.current()?.close();
    assert.equal(status.summary.state, 'not started');
  });

  it('offers what can be done', async () => {
    const { status } = await internals();
    await openPython('x = 1\nwhile True: pass\n');
    assert.deepEqual(await menu(), [
      'Switch Executor…',
      'Select Python Interpreter…',
      'Open the Interactive Window',
      'Show Log',
      'Settings',
    ]);
    await runSelection();
    assert.deepEqual((await menu()).slice(0, 3), ['Reset', 'Restart', 'Switch Executor…']);
    const endless = runSelection();
    await until('busy', () => status.summary.state === 'busy');
    assert.equal((await menu())[0], 'Interrupt');
    await answering('Interrupt', () => Promise.resolve(vscode.commands.executeCommand('codeMode.showMenu')));
    await endless;
    assert.equal(status.summary.state, 'idle');
  });
});
