import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import {
  answering,
  endSessions,
  internals,
  newestCell,
  openPython,
  putCursor,
  runSelection,
  valuesBeside,
  withSetting,
} from './editorSupport.ts';

const configuration = () => vscode.workspace.getConfiguration('codeMode');

describe('settings', () => {
  afterEach(endSessions);

  it('say in one message what is broken and what to do', async () => {
    const cases: [key: string, value: unknown, expected: RegExp][] = [
      ['executor', 'subproces', /codeMode\.executor is "subproces": there is no such executor.*sandbox/],
      ['timeout', -1, /codeMode\.timeout is -1: a timeout is above zero.*0 for no limit/],
      ['timeout', 'soon', /codeMode\.timeout is "soon": a timeout is a number of seconds/],
      [
        'baseFolder',
        'hello.py/base',
        /hello\.py\/base can't be written: .*hello\.py is not a folder.*codeMode\.baseFolder/,
      ],
    ];
    for (const [key, value, expected] of cases) {
      await withSetting(key, value, async () => {
        await openPython('1');
        const asked = await answering(undefined, runSelection);
        assert.equal(asked.length, 1, JSON.stringify(asked));
        assert.match(asked[0]!.text, expected);
        assert.deepEqual(asked[0]!.buttons, ['Open Settings']);
      });
      await endSessions();
    }
    const editor = await openPython('1');
    await runSelection();
    assert.deepEqual(await valuesBeside(editor), ['1: 1'], 'the repaired setting works');
  });

  it('stop code after the timeout, also when it was set while the session lives', async () => {
    const editor = await openPython('x = 1\nwhile True: pass\n');
    await runSelection();
    await withSetting('timeout', 0.5, runSelection);
    assert.match((await valuesBeside(editor)).join('\n'), /^2: .*time[^\n]*$/iu);
  });

  it('hide the values beside the code', async () => {
    const { inlineValues } = await internals();
    const editor = await openPython('1');
    await withSetting('editor.inlineValues', false, async () => {
      await runSelection();
      assert.equal(inlineValues.shownIn(editor), 0);
    });
    assert.equal(inlineValues.shownIn(editor), 1);
  });

  it('run without the Interactive Window', async () => {
    const editor = await openPython('print("plain")\n6 * 7\n');
    await withSetting('interactiveWindow.enabled', false, async () => {
      await runSelection();
      await runSelection();
    });
    assert.deepEqual(await valuesBeside(editor), ['1: plain', '2: 42']);
    assert.notEqual(newestCell()?.code, '6 * 7');
  });

  it('ask before another executor ends a live session', async () => {
    const { sessions } = await internals();
    const editor = await openPython('x = 1\nx\n');
    await runSelection();
    const select = () => Promise.resolve(vscode.commands.executeCommand('codeMode.selectExecutor'));

    // The menu is answered with the executor, the question about the session is dismissed.
    const kept = await answering('In-Process', select);
    assert.equal(kept.length, 2);
    assert.match(kept[1]!.text, /Variables are lost/);
    assert.equal(configuration().get('executor'), 'sandbox');
    assert.equal(sessions.current()?.info.executor, 'sandbox');
    await runSelection();
    assert.deepEqual(await valuesBeside(editor), ['2: 1']);

    // Set by hand, it asks as well. A session that is kept changes over with the next restart.
    await answering('Keep', async () => {
      await configuration().update('executor', 'in-process', vscode.ConfigurationTarget.Workspace);
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    assert.equal(sessions.current()?.info.executor, 'sandbox');
    await answering('Restart', () => Promise.resolve(vscode.commands.executeCommand('codeMode.restart')));
    assert.equal(sessions.current()?.info.executor, 'in-process');
    await answering('Switch', async () => {
      await configuration().update('executor', undefined, vscode.ConfigurationTarget.Workspace);
      await until('the session to end', () => sessions.current() === undefined);
    });
    putCursor(editor, 1);
    await runSelection();
    const asked = await answering('Switch', async () => {
      await configuration().update('executor', 'in-process', vscode.ConfigurationTarget.Workspace);
      await until('the session to end', () => sessions.current() === undefined);
    });
    assert.equal(asked.length, 1);
    try {
      putCursor(editor, 1);
      await runSelection();
      assert.equal(sessions.current()?.info.executor, 'in-process');
    } finally {
      await sessions.current()?.close();
      await configuration().update('executor', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('take the chosen executor where nothing is live', async () => {
    const { sessions } = await internals();
    const asked = await answering('In-Process', () =>
      Promise.resolve(vscode.commands.executeCommand('codeMode.selectExecutor')),
    );
    try {
      assert.equal(asked.length, 1);
      assert.equal(configuration().inspect('executor')?.workspaceValue, 'in-process');
      await openPython('1');
      await runSelection();
      assert.equal(sessions.current()?.info.executor, 'in-process');
    } finally {
      await sessions.current()?.close();
      await configuration().update('executor', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
