import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import {
  answering,
  endSessions,
  internals,
  newestCell,
  openPython,
  putCursor,
  valuesBeside,
} from './editorSupport.ts';

const run = (command: string, ...args: unknown[]) => vscode.commands.executeCommand(command, ...args);

describe('commands of the editor', () => {
  afterEach(endSessions);

  it('are all there, and no key is taken but in their own views', async () => {
    await internals();
    const { contributes } = vscode.extensions.getExtension('python-code-mode.python-code-mode')!.packageJSON;
    const known = await vscode.commands.getCommands(true);
    for (const { command } of contributes.commands) assert.ok(known.includes(command), command);
    for (const { command, when } of contributes.keybindings) {
      const [, view] = String(command).split('.');
      assert.match(when, new RegExp(`^focusedView == codeMode\\.${view} && .*!inputFocus$`));
    }
  });

  it('activates with little code, and says how long that took', async () => {
    const { activationMs } = await internals();
    assert.ok(activationMs > 0);
    // What it takes to load and to activate is measured by the bench, on a machine that has nothing else to do; it goes
    // with the size of the file, to which what Python needs is not to come.
    const main = path.resolve(__dirname, '../../../dist/extension.js');
    const { size } = await stat(main);
    assert.ok(size < 500_000, `${size} bytes`);
    console.log(`activation: ${activationMs.toFixed(1)} ms, ${size} bytes to load`);
  });

  it('run the statement under the cursor, show its value and move on', async () => {
    const editor = await openPython('answer = 6 * 7\n\nanswer + (\n    0\n)\nanswer');
    await run('codeMode.runSelection');
    assert.equal(editor.selection.active.line, 2);
    await run('codeMode.runSelection');
    assert.equal(editor.selection.active.line, 5);
    assert.deepEqual(await valuesBeside(editor), ['5: 42']);
    const cell = newestCell();
    assert.equal(cell?.code, 'answer + (\n    0\n)');
    assert.equal(cell?.output, '42');
    await until('the cell to be marked as good', () => newestCell()?.ok === true);
    await run('codeMode.runSelection');
    assert.equal(editor.selection.active.line, 5, 'the cursor stays at the end');
  });

  it('run a selection from within a block, de-indented', async () => {
    const editor = await openPython('def f():\n    a = """x\n    y"""\n    a\n');
    editor.selection = new vscode.Selection(1, 4, 3, 5);
    await run('codeMode.runSelection');
    assert.deepEqual(await valuesBeside(editor), ["4: 'x\\n    y'"]);
    assert.deepEqual(editor.selection, new vscode.Selection(1, 4, 3, 5));
  });

  it('run several selections in order as one', async () => {
    const editor = await openPython('a = 1\nb = 100\na + 1\n');
    editor.selections = [new vscode.Selection(2, 0, 2, 5), new vscode.Selection(0, 0, 0, 5)];
    await run('codeMode.runSelection');
    assert.deepEqual(await valuesBeside(editor), ['3: 2']);
  });

  it('write a value as Python does', async () => {
    const editor = await openPython('[1.0, None, {"a": True}]');
    await run('codeMode.runSelection');
    assert.deepEqual(await valuesBeside(editor), ["1: [1.0, None, {'a': True}]"]);
  });

  it('show an exception beside the line that raised it', async () => {
    const editor = await openPython('x = 1\nif x:\n    y = 2\n    1 / 0\n    z = 3\n');
    await run('codeMode.runSelection');
    await run('codeMode.runSelection');
    assert.deepEqual(await valuesBeside(editor), ['4: ZeroDivisionError: division by zero']);
    assert.match(newestCell()?.output ?? '', /ZeroDivisionError/);
  });

  it('take a value away when its line is edited, and not before', async () => {
    const editor = await openPython('1 + 1\n2 + 2\n');
    await run('codeMode.runSelection');
    await run('codeMode.runSelection');
    assert.deepEqual(await valuesBeside(editor), ['1: 2', '2: 4']);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '# above\n'));
    assert.deepEqual(await valuesBeside(editor), ['2: 2', '3: 4']);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 5), ' + 1'));
    assert.deepEqual(await valuesBeside(editor), ['3: 4']);
  });

  it('keep the order of what was asked for quickly', async () => {
    const editor = await openPython('items = []\nitems.append(1)\nitems.append(2)\nitems\n');
    await Promise.all(Array.from({ length: 4 }, () => run('codeMode.runSelection')));
    assert.deepEqual((await valuesBeside(editor)).at(-1), '4: [1, 2]');
  });

  it('run a file with its own line numbers, saved or not', async () => {
    const editor = await openPython('def f():\n    raise ValueError("no")\n\nf()\n');
    await run('codeMode.runFile');
    assert.deepEqual(await valuesBeside(editor), ['2: ValueError: no']);
    const [folder] = vscode.workspace.workspaceFolders!;
    await run('codeMode.runFile', vscode.Uri.joinPath(folder!.uri, 'hello.py'));
    assert.match(newestCell()?.output ?? '', /The answer is 42/);
  });

  it('run cells, those above and all of them', async () => {
    const code =
      'log = []\n# %% one\nlog.append(1)\n# %% [markdown]\n# no code\n# %% two\nlog.append(2)\nlog\n';
    const editor = await openPython(code, 7);
    await run('codeMode.runCellsAbove');
    await run('codeMode.runCell');
    assert.deepEqual(await valuesBeside(editor), ['8: [1, 2]']);
    await run('codeMode.runAllCells');
    assert.deepEqual(await valuesBeside(editor), ['8: [1, 2]']);
    putCursor(editor, 3);
    await run('codeMode.runCell', editor.document.uri, 5);
    assert.deepEqual(await valuesBeside(editor), ['8: [1, 2, 2]']);
  });

  it('end all cells with the first that fails', async () => {
    const editor = await openPython('# %%\n1 / 0\n# %%\n"never"\n');
    await run('codeMode.runAllCells');
    assert.deepEqual(await valuesBeside(editor), ['2: ZeroDivisionError: division by zero']);
  });

  it('offer lenses above each cell', async () => {
    await internals();
    const editor = await openPython('x = 1\n# %% one\ny\n# %% two\nz\n');
    let lenses: vscode.CodeLens[] = [];
    // The editor asks its providers only a moment after it has opened a document.
    await until('the lenses', async () => {
      lenses = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', editor.document.uri);
      return lenses.length > 0;
    });
    assert.deepEqual(lenses.map(({ range, command }) => `${range.start.line + 1} ${command?.title}`).sort(), [
      '1 $(play) Run Cell',
      '1 Run All',
      '2 $(play) Run Cell',
      '2 Run Above',
      '4 $(play) Run Cell',
      '4 Run Above',
    ]);
  });

  it('interrupt an endless loop, drop what waits and keep the variables', async () => {
    const { sessions } = await internals();
    const editor = await openPython('kept = 1\nwhile True: pass\n"waits"\nkept\n');
    await run('codeMode.runSelection');
    const endless = run('codeMode.runSelection');
    const waits = run('codeMode.runSelection');
    await until('the loop', () => sessions.current()?.info.state === 'busy');
    await run('codeMode.interrupt');
    await Promise.all([endless, waits]);
    const [interrupted, ...others] = await valuesBeside(editor);
    assert.match(interrupted ?? '', /^2: KeyboardInterrupt/);
    assert.deepEqual(others, []);
    putCursor(editor, 4);
    await run('codeMode.runSelection');
    assert.deepEqual((await valuesBeside(editor)).slice(1), ['4: 1']);
  });

  it('reset and restart ask before variables are lost, and take the values away', async () => {
    const editor = await openPython('kept = 1\nkept\n');
    for (const [command, button] of [
      ['codeMode.reset', 'Reset'],
      ['codeMode.restart', 'Restart'],
    ] as const) {
      putCursor(editor, 1);
      await run('codeMode.runSelection');
      await run('codeMode.runSelection');
      const dismissed = await answering(undefined, () => Promise.resolve(run(command)));
      assert.deepEqual(dismissed[0]?.buttons.slice(-1), [button]);
      assert.deepEqual(await valuesBeside(editor), ['2: 1']);
      await answering(button, () => Promise.resolve(run(command)));
      assert.deepEqual(await valuesBeside(editor), []);
      putCursor(editor, 2);
      await run('codeMode.runSelection');
      assert.deepEqual(await valuesBeside(editor), ["2: NameError: name 'kept' is not defined"]);
      assert.deepEqual(await answering(undefined, () => Promise.resolve(run('codeMode.reset'))), []);
    }
  });

  it('say so where there is nothing to act on', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const command of [
      'codeMode.runSelection',
      'codeMode.runFile',
      'codeMode.reset',
      'codeMode.interrupt',
    ]) {
      const asked = await answering(undefined, () => Promise.resolve(run(command)));
      assert.equal(asked.length, 1, command);
    }
    await openPython('x = 1');
    assert.match(
      (await answering(undefined, () => Promise.resolve(run('codeMode.runCell'))))[0]?.text ?? '',
      /# %%/,
    );
  });
});
