import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import { answering, internals, withSetting } from './editorSupport.ts';
import {
  errorOf,
  mimes,
  openNotebook,
  outputs,
  plain,
  printed,
  run,
  start,
  success,
} from './notebookSupport.ts';

const CUT = 'application/vnd.python-code-mode.cut+json';
const text = (data: Uint8Array | undefined) => new TextDecoder().decode(data);
const shownValue = (notebook: vscode.NotebookDocument, index: number) =>
  text(mimes(notebook, index).get('text/plain'));

/** Answers `input()` while `work` runs; there is no other way to type into its box from within the host. */
async function typing(
  answer: (options: vscode.InputBoxOptions | undefined) => string | undefined,
  work: () => Promise<void>,
): Promise<void> {
  const window = vscode.window as { showInputBox: unknown };
  const original = window.showInputBox;
  window.showInputBox = async (options?: vscode.InputBoxOptions) => answer(options);
  try {
    await work();
  } finally {
    window.showInputBox = original;
  }
}

describe('notebooks', () => {
  before(async () => {
    await internals();
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('notebook.cancelExecution');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('run at once, without a question about a kernel', async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    const notebook = await vscode.workspace.openNotebookDocument(
      vscode.Uri.joinPath(folder, 'notebook.ipynb'),
    );
    await vscode.window.showNotebookDocument(notebook);
    await vscode.commands.executeCommand('notebook.execute');
    await until('both cells to end', () => success(notebook, 0) === true && success(notebook, 1) === true);
    assert.equal(shownValue(notebook, 0), '42');
    assert.equal(printed(notebook, 1), 'The answer is 42\n');
    for (const index of [0, 1]) {
      const { executionOrder, timing } = notebook.cellAt(index).executionSummary ?? {};
      assert.equal(executionOrder, index + 1);
      assert.ok(timing && timing.endTime >= timing.startTime);
    }
  });

  it('show every kind of rich output', async () => {
    const notebook = await openNotebook(`
from code_mode.display import HTML, Markdown, SVG, Latex, JSON, Image
import base64
png = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
display(HTML("<b>bold</b>"))
display(Markdown("*leaning*"), Latex("$x^2$"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'/>"))
display(JSON({"a": [1, None]}))
display(Image(png))
display(Image(b"\\xff\\xd8\\xff\\xe0jpeg"))
display({"application/vnd.custom+json": {"deep": [True]}, "text/plain": "custom"}, raw=True)
print("end")
`);
    await run(notebook);
    assert.equal(success(notebook, 0), true, errorOf(notebook, 0)?.stack);
    const shown = mimes(notebook, 0);
    assert.equal(text(shown.get('text/html')), '<b>bold</b>');
    assert.equal(text(shown.get('text/markdown')), '*leaning*');
    assert.equal(text(shown.get('text/latex')), '$x^2$');
    assert.equal(text(shown.get('image/svg+xml')), "<svg xmlns='http://www.w3.org/2000/svg'/>");
    assert.deepEqual(JSON.parse(text(shown.get('application/json'))), { a: [1, null] });
    assert.deepEqual(JSON.parse(text(shown.get('application/vnd.custom+json'))), { deep: [true] });
    assert.deepEqual([...(shown.get('image/png') ?? [])].slice(0, 4), [137, 80, 78, 71]);
    assert.deepEqual([...(shown.get('image/jpeg') ?? [])].slice(0, 3), [255, 216, 255]);
    assert.equal(notebook.cellAt(0).outputs.length, 9);
    assert.equal(printed(notebook, 0), 'end\n');
  });

  it('show output while the cell runs', async () => {
    const notebook = await openNotebook(
      'import time\nprint("first")\ntime.sleep(1.5)\nprint("second")\n"value"',
    );
    await start(notebook);
    await until('the first line', () => printed(notebook, 0) === 'first\n');
    assert.equal(success(notebook, 0), undefined);
    await until('the end', () => success(notebook, 0) === true);
    assert.deepEqual(outputs(notebook, 0), ['stdout: first', "text/plain: 'value'"]);
    assert.equal(printed(notebook, 0), 'first\nsecond\n');
  });

  it('run cells in order; one that fails ends those behind it in the same call only', async () => {
    const notebook = await openNotebook('order = [1]', 'order.append(2)\n1/0', 'order.append(3)', 'order');
    void start(notebook, 0, 1, 2);
    await start(notebook, 3);
    await until('the last cell', () => success(notebook, 3) === true);
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => success(notebook, index)),
      [true, false, undefined, true],
    );
    assert.equal(shownValue(notebook, 3), '[1, 2]');
  });

  it('show a coloured traceback with the cells and their own lines', async () => {
    const notebook = await openNotebook('def f(x):\n    return 1 / x', '\n\nf(0)', 'x = = 1');
    await run(notebook, 0, 1);
    const error = errorOf(notebook, 1);
    assert.equal(error?.name, 'ZeroDivisionError');
    assert.equal(error?.message, 'division by zero');
    const stack = error?.stack ?? '';
    assert.match(stack, /\x1b\[32mCell In\[2\]\x1b\[0m, line 3/);
    assert.match(plain(stack), /Cell In\[1\], line 2\n {2}in f\n--> 2 return 1 \/ x\n {13}~~\^~~\n/);
    assert.match(stack, /\x1b\[1;31mZeroDivisionError\x1b\[0m: division by zero$/);
    await run(notebook, 2);
    assert.match(
      plain(errorOf(notebook, 2)?.stack ?? ''),
      /^Cell In\[3\], line 1\n.*x = = 1\n.*\^\n\nSyntaxError/,
    );
  });

  it('are interrupted, and keep their variables', async () => {
    const notebook = await openNotebook('kept = 7', 'print("on")\nwhile True: pass', 'kept');
    await run(notebook, 0);
    void start(notebook, 1, 2);
    await until('the loop', () => printed(notebook, 1) === 'on\n');
    await vscode.commands.executeCommand('notebook.cancelExecution', {
      ranges: [{ start: 1, end: 2 }],
      document: notebook.uri,
    });
    await until('the end', () => success(notebook, 1) === false);
    assert.equal(errorOf(notebook, 1)?.name, 'KeyboardInterrupt');
    assert.equal(success(notebook, 2), undefined, 'the cell behind it does not run');
    await run(notebook, 2);
    assert.equal(shownValue(notebook, 2), '7');
  });

  it('offer a restart where code does not answer a second interrupt', async () => {
    const notebook = await openNotebook(
      'print("on")\nwhile True:\n  try:\n    while True: pass\n  except KeyboardInterrupt:\n    pass',
      '"next"',
    );
    await start(notebook, 0);
    await until('the loop', () => printed(notebook, 0) === 'on\n');
    const cancel = () =>
      vscode.commands.executeCommand('notebook.cancelExecution', {
        ranges: [{ start: 0, end: 1 }],
        document: notebook.uri,
      });
    await cancel();
    const asked = await answering('Restart', async () => {
      await cancel();
      await until('the end', () => success(notebook, 0) === false);
    });
    assert.match(asked[0]?.text ?? '', /does not answer the interrupt/);
    assert.match(plain(errorOf(notebook, 0)?.stack ?? ''), /restarted[\s\S]*Run the cells again/);
    await run(notebook, 1);
    assert.equal(shownValue(notebook, 1), "'next'");
  });

  it('begin their numbers again after a restart, and keep what they show', async () => {
    const notebook = await openNotebook('a = 1\na', '"a" in globals()');
    await run(notebook, 0);
    await run(notebook, 0);
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 2);
    await answering('Restart', () => Promise.resolve(vscode.commands.executeCommand('codeMode.restart')));
    assert.equal(shownValue(notebook, 0), '1');
    await run(notebook, 1);
    assert.equal(shownValue(notebook, 1), 'False');
    assert.equal(notebook.cellAt(1).executionSummary?.executionOrder, 1);
  });

  it('say so when Python dies in a cell; the next run works', async () => {
    const notebook = await openNotebook('print("last words")\nimport os\nos._exit(7)', '1 + 1');
    await run(notebook, 0);
    assert.equal(success(notebook, 0), false);
    assert.equal(printed(notebook, 0), 'last words\n');
    const stack = plain(errorOf(notebook, 0)?.stack ?? '');
    assert.match(stack, /Python ended[\s\S]*Run the cells again/);
    await run(notebook, 1);
    assert.equal(shownValue(notebook, 1), '2');
  });

  it('ask what input() and getpass() ask', async () => {
    const notebook = await openNotebook(
      'name = input("Who? ")\nimport getpass\n(name, getpass.getpass("Secret: "))',
      'input("Who? ")',
    );
    const asked: (vscode.InputBoxOptions | undefined)[] = [];
    await typing(
      (options) => {
        asked.push(options);
        return options?.password ? 'sesame' : 'Ada';
      },
      () => run(notebook, 0),
    );
    assert.deepEqual(
      asked.map((options) => [options?.prompt, options?.password]),
      [
        ['Who?', false],
        ['Secret:', true],
      ],
    );
    assert.equal(shownValue(notebook, 0), "('Ada', 'sesame')");
    await typing(
      () => undefined,
      () => run(notebook, 1),
    );
    assert.equal(success(notebook, 1), false, 'a dismissed question is an exception');
    assert.match(errorOf(notebook, 1)?.name ?? '', /^(EOFError|KeyboardInterrupt)$/);
  });

  it('update what earlier cells display', async () => {
    const notebook = await openNotebook(
      'display("one", display_id="x")\nhandle = display("mine", display_id=True)',
      'display("two", display_id="x")\nupdate_display("new", display_id="x")\nhandle.update("changed")',
    );
    await run(notebook);
    await until('the update', () => outputs(notebook, 0)[0] === "text/plain: 'new'");
    assert.deepEqual(outputs(notebook, 0), ["text/plain: 'new'", "text/plain: 'changed'"]);
    assert.deepEqual(outputs(notebook, 1), ["text/plain: 'new'"]);
  });

  it('clear a cell, at once or with the next output', async () => {
    const notebook = await openNotebook(
      'print("gone")\nclear_output()\nprint("a")\nclear_output(wait=True)\nprint("b")\nclear_output(wait=True)',
    );
    await run(notebook);
    assert.deepEqual(outputs(notebook, 0), ['stdout: b']);
  });

  it('overwrite a progress bar in place', async () => {
    const notebook = await openNotebook(
      'import sys, time\nfor i in range(0, 101, 5):\n  sys.stderr.write(f"\\r{i:3}%")\n  sys.stderr.flush()\n  time.sleep(.02)',
    );
    await run(notebook);
    assert.equal(printed(notebook, 0), '100%');
    assert.equal(notebook.cellAt(0).outputs.length, 1);
  });

  it('take 100,000 lines without losing one and without stopping the editor', async () => {
    const notebook = await openNotebook('for i in range(100_000): print("line", i)', '"after"');
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await run(notebook, 0);
    delay.disable();
    console.log(`100,000 lines: the host's event loop waited at most ${(delay.max / 1e6).toFixed(0)} ms`);
    assert.ok(delay.max / 1e6 < 1_000, `${delay.max / 1e6} ms`);
    assert.equal(success(notebook, 0), true);
    const shown = printed(notebook, 0);
    assert.ok(
      shown.length <= 110_000 && shown.startsWith('line 0\nline 1\n') && shown.endsWith('line 99999\n'),
    );
    const mark = JSON.parse(text(mimes(notebook, 0).get(CUT))) as { id: string; lines: number };
    assert.equal(mark.lines, 100_000);

    vscode.window.activeNotebookEditor!.selection = new vscode.NotebookRange(0, 1);
    await vscode.commands.executeCommand('codeMode.showWholeOutput');
    await until(
      'the whole output',
      () => vscode.window.activeTextEditor?.document.uri.scheme === 'code-mode-output',
    );
    const whole = vscode.window.activeTextEditor!.document.getText();
    assert.equal(whole, Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join(''));
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await run(notebook, 1);
    assert.equal(shownValue(notebook, 1), "'after'");
  });

  it('show an output of many megabytes whole, from a file that goes with the cell', async () => {
    const notebook = await openNotebook(
      'for i in range(25): print(("x" * 99 + "\\n") * 10_000, end="")',
      '1',
    );
    await run(notebook, 0);
    vscode.window.activeNotebookEditor!.selection = new vscode.NotebookRange(0, 1);
    await vscode.commands.executeCommand('codeMode.showWholeOutput');
    const file = () =>
      vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputText
        ? vscode.window.tabGroups.activeTabGroup.activeTab.input.uri
        : undefined;
    await until('the file', () => file()?.path.endsWith('/output.txt') === true);
    const uri = file()!;
    assert.equal((await vscode.workspace.fs.stat(uri)).size, 25_000_000);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await vscode.commands.executeCommand('vscode.openWith', notebook.uri, 'jupyter-notebook');
    await run(notebook, 0);
    await until('the file to go', () =>
      Promise.resolve(vscode.workspace.fs.stat(uri)).then(
        () => false,
        () => true,
      ),
    );
  });

  it('cut a cell at the limit that is set', async () => {
    const notebook = await openNotebook('print("0123456789\\n" * 1000)', 'print("0123456789\\n" * 1000)');
    await withSetting('output.limit', 2_000, () => run(notebook, 0));
    assert.ok(printed(notebook, 0).length <= 4_000);
    assert.ok(mimes(notebook, 0).has(CUT));
    await run(notebook, 1);
    assert.equal(printed(notebook, 1).length, 11_001);
  });

  it('show what a background task prints after its cell has ended', async () => {
    const notebook = await openNotebook(
      'import asyncio\nasync def later():\n  await asyncio.sleep(0.2)\n  print("late")\ntask = asyncio.create_task(later())\nprint("now")',
      'await asyncio.sleep(0.5)\n"other"',
    );
    await run(notebook);
    await until('the late line', () => printed(notebook, 0) === 'now\nlate\n');
    assert.deepEqual(outputs(notebook, 1), ["text/plain: 'other'"]);
    assert.equal(success(notebook, 0), true);
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 1);
  });

  it('leave empty cells alone', async () => {
    const notebook = await openNotebook('   \n', '1');
    await start(notebook);
    await until('the second cell', () => success(notebook, 1) === true);
    assert.equal(notebook.cellAt(0).outputs.length, 0);
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder ?? undefined, undefined);
    assert.equal(notebook.cellAt(1).executionSummary?.executionOrder, 1);
  });

  it('are saved as Jupyter saves them', async () => {
    const notebook = await openNotebook(
      'import sys\nprint("out")\nprint("err", file=sys.stderr)\ndisplay("shown", display_id="d")\n{"a": 1}',
      '1/0',
    );
    await run(notebook, 0);
    await run(notebook, 1);
    await until('the metadata', () => notebook.metadata.metadata?.kernelspec !== undefined);
    await notebook.save();
    const saved = JSON.parse(text(await vscode.workspace.fs.readFile(notebook.uri)));
    const [first, second] = saved.cells;
    assert.deepEqual(first.outputs.slice(0, 3), [
      { name: 'stdout', output_type: 'stream', text: ['out\n'] },
      { name: 'stderr', output_type: 'stream', text: ['err\n'] },
      { data: { 'text/plain': ["'shown'"] }, metadata: {}, output_type: 'display_data' },
    ]);
    assert.equal(first.outputs[3].output_type, 'execute_result');
    assert.equal(first.outputs[3].execution_count, 1);
    assert.deepEqual(first.outputs[3].data['text/plain'], ["{'a': 1}"]);
    assert.equal(first.execution_count, 1);
    assert.equal(second.outputs[0].output_type, 'error');
    assert.equal(second.outputs[0].ename, 'ZeroDivisionError');
    assert.equal(second.outputs[0].evalue, 'division by zero');
    assert.equal(saved.metadata.language_info.name, 'python');
    assert.equal(saved.metadata.kernelspec.name, 'python3');
  });

  it("keep a kernelspec that is somebody else's", async () => {
    const notebook = await openNotebook('1');
    const kernelspec = { display_name: 'Mine', language: 'python', name: 'mine' };
    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, [
      vscode.NotebookEdit.updateNotebookMetadata({ ...notebook.metadata, metadata: { kernelspec } }),
    ]);
    await vscode.workspace.applyEdit(edit);
    await run(notebook);
    assert.deepEqual(notebook.metadata.metadata.kernelspec, kernelspec);
  });

  it('have a session each, or join that of the workspace', async () => {
    const { sessions } = await internals();
    const one = await openNotebook('mine = 1', '"mine" in globals()');
    await run(one, 0);
    const two = await openNotebook('"mine" in globals()', 'shared = 5');
    await run(two, 0);
    assert.equal(shownValue(two, 0), 'False');
    assert.notEqual(sessions.currentFor(one), sessions.currentFor(two));
    await sessions.setNotebookSessionKind(one, 'workspace');
    await sessions.setNotebookSessionKind(two, 'workspace');
    await run(two, 1);
    await (await sessions.workspaceSession()).run('shared += 1');
    const three = await openNotebook('shared');
    await withSetting('notebook.session', 'workspace', async () => {
      await run(three);
      assert.equal(shownValue(three, 0), '6');
    });
    await sessions.current()?.close();
  });

  it('take their session along when they are renamed, and close it with them', async () => {
    const { sessions } = await internals();
    const notebook = await openNotebook('kept = "still here"', 'kept');
    await run(notebook, 0);
    await notebook.save();
    const session = sessions.currentFor(notebook);
    const uri = notebook.uri.with({ path: notebook.uri.path.replace('made-', 'renamed-') });
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(notebook.uri, uri);
    await vscode.workspace.applyEdit(edit);
    await until('the renamed notebook', () => openAt(uri) !== undefined);
    const renamed = openAt(uri)!;
    await until('its session', () => sessions.currentFor(renamed) === session);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(sessions.currentFor(renamed), session, 'the session outlives the closed document');
    await run(renamed, 1);
    assert.equal(shownValue(renamed, 1), "'still here'");
    await vscode.commands.executeCommand('workbench.action.files.save');
    let closed = false;
    session!.onDidClose(() => {
      closed = true;
    });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until('the session to close', () => closed);
  });

  it('offer completions and hovers from the live session', async () => {
    const notebook = await openNotebook(
      'class Thing:\n  def unusual(self): "Does it."\nthing = Thing()',
      'thing.',
    );
    await run(notebook, 0);
    const { uri } = notebook.cellAt(1).document;
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      uri,
      new vscode.Position(0, 6),
      '.',
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.ok(
      labels.some((label) => label.startsWith('unusual')),
      labels.slice(0, 20).join(),
    );
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      uri,
      new vscode.Position(0, 2),
    );
    const content = hovers.flatMap(({ contents }) => contents as vscode.MarkdownString[]);
    assert.match(content.map(({ value }) => value).join(), /Thing/);
  });
});

function openAt(uri: vscode.Uri): vscode.NotebookDocument | undefined {
  return vscode.workspace.notebookDocuments.find((notebook) => notebook.uri.toString() === uri.toString());
}
