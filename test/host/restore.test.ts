import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Session } from '../../src/core/session/session.ts';
import type { ExtensionInternals } from '../../src/extension.ts';
import { OutputSurface } from '../../src/ui/commands/outputSurface.ts';
import { formatCellTag, parseCellTag } from '../../src/ui/notebook/cellTag.ts';
import { ClearedRuns } from '../../src/ui/notebook/clearedRuns.ts';
import { findRuns } from '../../src/ui/notebook/foundRuns.ts';
import { Kernel } from '../../src/ui/notebook/kernel.ts';
import { identityOf } from '../../src/ui/notebook/runSource.ts';
import { until } from '../support/until.ts';
import { endSessions, internals } from './editorSupport.ts';
import {
  errorOf,
  KERNEL,
  openNotebook,
  openNotebookIn,
  outputs,
  printed,
  run,
  start,
  success,
} from './notebookSupport.ts';

const TICKS = 'import time\nfor i in range(20):\n  print("tick", i, flush=True)\n  time.sleep(0.1)\n"end"';
const LOOP = 'print("on", flush=True)\nwhile True: pass';

const SLOW = 'import time\nprint("begun", flush=True)\ntime.sleep(2)\nprint("ended")';

/** The notebook's session, as a window before its reload had opened it. */
async function sessionOf(notebook: vscode.NotebookDocument): Promise<Session> {
  const { sessions } = await internals();
  const session = await sessions.notebookSession(notebook);
  await session.start();
  return session;
}

/** Runs a cell's code as an earlier window did: nothing of it is shown. Resolves when it has begun. */
async function runBefore(
  session: Session,
  cell: vscode.NotebookCell,
  executionCount = 1,
): Promise<{ ended: Promise<unknown> }> {
  const known = new Set((await session.runs()).map(({ id }) => id));
  const identity = identityOf(cell);
  const ended = session
    .run(identity.code, {
      tag: formatCellTag(identity, { executionCount, key: randomUUID() }),
      origin: { filename: `Cell In[${executionCount}]`, firstLine: 1 },
    })
    .catch(() => undefined);
  await until('the run', async () => (await session.runs()).some(({ id }) => !known.has(id)));
  return { ended };
}

/** What other tests have left of the workspace's session would be found here. */
async function withoutWorkspaceSession(): Promise<ExtensionInternals> {
  const shown = await internals();
  await endSessions();
  await until('the session to end', () => shown.sessions.current() === undefined);
  return shown;
}

function newState(): vscode.Memento {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: (key: string) => values.get(key),
    update: async (key: string, value: unknown) => {
      if (value === undefined) values.delete(key);
      else values.set(key, JSON.parse(JSON.stringify(value)));
    },
  } as vscode.Memento;
}

/** Kernels of windows that come one after the other, each over what the one before it has kept. */
class Windows implements vscode.Disposable {
  readonly state = newState();
  readonly #log = vscode.window.createOutputChannel('Windows', { log: true });
  readonly #attached = new vscode.EventEmitter<void>();
  #kernel: Kernel | undefined;

  /** What is kept of the notebooks whose cells wait, as JSON. */
  get kept(): string {
    return JSON.stringify(this.state.keys().map((key) => this.state.get(key)));
  }

  /** Changes what is kept, as JSON. */
  change(edit: (kept: string) => string): void {
    for (const key of this.state.keys()) {
      void this.state.update(key, JSON.parse(edit(JSON.stringify(this.state.get(key)))));
    }
  }

  /** A window comes, with this notebook. */
  async open(notebook: vscode.NotebookDocument): Promise<void> {
    const { notebooks, sessions } = await internals();
    const { wholes, displays } = notebooks.kernel;
    const kernel = new Kernel({
      id: 'windows',
      notebookType: 'jupyter-notebook',
      wholes,
      displays,
      state: this.state,
      log: this.#log,
      sessions: {
        open: (opened) => sessions.notebookSession(opened),
        find: (found) => sessions.findNotebookSession(found),
        onDidAttach: this.#attached.event,
        restart: (session) => sessions.restart(session),
        ensureTrusted: () => true,
      },
    });
    this.#kernel = kernel;
    const selected = new Promise<void>((resolve) => {
      kernel.controller.onDidChangeSelectedNotebooks((event) => {
        if (event.notebook === notebook && event.selected) resolve();
      });
    });
    const notebookEditor = vscode.window.visibleNotebookEditors.find((shown) => shown.notebook === notebook);
    await vscode.commands.executeCommand('notebook.selectKernel', {
      ...KERNEL,
      id: 'windows',
      notebookEditor,
    });
    await selected;
  }

  /** The window goes away. */
  leave(): void {
    this.#kernel?.dispose();
  }

  dispose(): void {
    this.leave();
    vscode.Disposable.from(this.#attached, this.#log).dispose();
  }
}

async function restore(notebook: vscode.NotebookDocument): Promise<void> {
  const { notebooks } = await internals();
  await notebooks.kernel.restore(notebook);
}

describe('after a reload of the window', () => {
  before(async () => {
    await internals();
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('notebook.cancelExecution');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('a cell that was running is running, and gives all of its output once', async () => {
    const notebook = await openNotebook(TICKS, '"next"');
    const session = await sessionOf(notebook);
    const { ended } = await runBefore(session, notebook.cellAt(0));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await restore(notebook);
    await until('its output', () => printed(notebook, 0).includes('tick 0\n'));
    assert.equal(success(notebook, 0), undefined, 'it is running');
    // What is run now waits behind it.
    await start(notebook, 1);
    await until('its end', () => success(notebook, 0) === true);
    await ended;
    assert.equal(printed(notebook, 0), Array.from({ length: 20 }, (_, i) => `tick ${i}\n`).join(''));
    assert.deepEqual(outputs(notebook, 0).at(-1), "text/plain: 'end'");
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 1);
    await until('the next', () => success(notebook, 1) === true);
    assert.deepEqual(outputs(notebook, 1), ["text/plain: 'next'"]);
  });

  it('a cell whose run has ended meanwhile shows it; one that shows it already is left alone', async () => {
    const notebook = await openNotebook('print("old")\n1/0', 'print("here")', '3');
    await run(notebook, 1);
    const session = await sessionOf(notebook);
    const { ended } = await runBefore(session, notebook.cellAt(0), 2);
    await ended;
    const shown = notebook.cellAt(1).outputs[0];
    await restore(notebook);
    await until('its end', () => success(notebook, 0) === false);
    assert.deepEqual(printed(notebook, 0), 'old\n');
    assert.equal(errorOf(notebook, 0)?.name, 'ZeroDivisionError');
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 2);
    const [info] = (await session.runs()).filter(({ executionCount }) => executionCount === 2);
    const timing = notebook.cellAt(0).executionSummary?.timing;
    assert.deepEqual([timing?.startTime, timing?.endTime], [info?.requestedAt, info?.endedAt]);
    assert.equal(notebook.cellAt(1).outputs[0], shown);
    assert.equal(success(notebook, 2), undefined);
    await vscode.commands.executeCommand('notebook.cell.clearOutputs', {
      ranges: [{ start: 0, end: 1 }],
      document: notebook.uri,
    });
    await restore(notebook);
    assert.equal(notebook.cellAt(0).outputs.length, 0, 'it is restored once');
  });

  it('cells are found again by their ids, edited and moved, and in the order of their runs', async () => {
    const notebook = await openNotebookIn(
      vscode.workspace.workspaceFolders![0]!.uri,
      { id: 'first', source: 'print("first")' },
      { id: 'second', source: 'import time; time.sleep(1)\nprint("second")' },
      { id: 'third', source: 'print("third")' },
    );
    const session = await sessionOf(notebook);
    await runBefore(session, notebook.cellAt(1), 1);
    await runBefore(session, notebook.cellAt(0), 2);
    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, [
      vscode.NotebookEdit.insertCells(0, [
        new vscode.NotebookCellData(vscode.NotebookCellKind.Code, 'print("new")', 'python'),
      ]),
    ]);
    edit.replace(notebook.cellAt(1).document.uri, new vscode.Range(0, 0, 0, 0), '# edited\n');
    await vscode.workspace.applyEdit(edit);
    assert.equal(notebook.cellAt(2).metadata.id, 'second', 'the editor keeps the ids');
    await restore(notebook);
    await until('the end', () => success(notebook, 1) === true && success(notebook, 2) === true);
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => printed(notebook, index)),
      ['', 'first\n', 'second\n', ''],
    );
    assert.deepEqual(
      [1, 2].map((index) => notebook.cellAt(index).executionSummary?.executionOrder),
      [2, 1],
    );
  });

  it('a cell is interrupted as ever', async () => {
    const notebook = await openNotebook(LOOP, 'kept');
    const session = await sessionOf(notebook);
    await session.run('kept = 7');
    await runBefore(session, notebook.cellAt(0));
    await restore(notebook);
    await until('the loop', () => printed(notebook, 0) === 'on\n');
    await vscode.commands.executeCommand('notebook.cancelExecution', {
      ranges: [{ start: 0, end: 1 }],
      document: notebook.uri,
    });
    await until('the end', () => success(notebook, 0) === false);
    assert.equal(errorOf(notebook, 0)?.name, 'KeyboardInterrupt');
    await run(notebook, 1);
    assert.deepEqual(outputs(notebook, 1), ['text/plain: 7']);
  });

  it("a cell that waits behind somebody else's run is cancelled without touching that", async () => {
    const notebook = await openNotebook('print("mine")');
    const session = await sessionOf(notebook);
    const other = session.run('import time\nfor _ in range(30): time.sleep(0.1)\n"theirs"');
    await until('their run', async () => (await session.runs()).length === 1);
    await runBefore(session, notebook.cellAt(0));
    await restore(notebook);
    await vscode.commands.executeCommand('notebook.cancelExecution', {
      ranges: [{ start: 0, end: 1 }],
      document: notebook.uri,
    });
    await until('the end', () => success(notebook, 0) === false);
    assert.equal(errorOf(notebook, 0)?.name, 'KeyboardInterrupt');
    assert.equal((await other).value, 'theirs');
  });

  it('cells that waited behind the one that runs are run afterwards, edited and moved, and once', async () => {
    const windows = new Windows();
    try {
      const notebook = await openNotebookIn(
        vscode.workspace.workspaceFolders![0]!.uri,
        { id: 'slow', source: SLOW },
        { id: 'behind', source: '"behind"' },
        { id: 'gone', source: '"gone"' },
        { id: 'later', source: '"later"' },
      );
      await windows.open(notebook);
      await start(notebook, 0, 1, 2);
      await start(notebook, 3);
      await until('its output', () => printed(notebook, 0) === 'begun\n');
      windows.leave();
      assert.match(windows.kept, /"id":"later"/);
      assert.doesNotMatch(windows.kept, /begun/, 'no code is kept');
      const edit = new vscode.WorkspaceEdit();
      edit.replace(notebook.cellAt(1).document.uri, new vscode.Range(0, 0, 0, 0), '# edited\n');
      edit.set(notebook.uri, [
        vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(2, 3)),
        vscode.NotebookEdit.insertCells(0, [
          new vscode.NotebookCellData(vscode.NotebookCellKind.Code, '"new"', 'python'),
        ]),
      ]);
      await vscode.workspace.applyEdit(edit);
      await windows.open(notebook);
      await until('the end', () => success(notebook, 3) === true);
      assert.equal(printed(notebook, 1), 'begun\nended\n');
      assert.deepEqual(
        [0, 2, 3].map((index) => outputs(notebook, index)),
        [[], ["text/plain: 'behind'"], ["text/plain: 'later'"]],
      );
      assert.equal((await (await sessionOf(notebook)).runs()).length, 3);
      await until('nothing to be kept', () => windows.kept === '[]');
    } finally {
      windows.dispose();
    }
  });

  it('cells that waited behind one that has failed meanwhile are not run, but what was asked for later', async () => {
    const windows = new Windows();
    try {
      const notebook = await openNotebook(`${SLOW}\n1/0`, '"same batch"', '"later"');
      await windows.open(notebook);
      await start(notebook, 0, 1);
      await start(notebook, 2);
      await until('its output', () => printed(notebook, 0) === 'begun\n');
      windows.leave();
      const session = await sessionOf(notebook);
      await until('its end', async () => (await session.runs()).every(({ endedAt }) => endedAt !== null));
      await windows.open(notebook);
      await until('the later one', () => success(notebook, 2) === true);
      assert.equal(success(notebook, 0), false);
      assert.equal(errorOf(notebook, 0)?.name, 'ZeroDivisionError');
      assert.deepEqual(outputs(notebook, 1), []);
      assert.equal((await session.runs()).length, 2);
    } finally {
      windows.dispose();
    }
  });

  it('cells that waited are not run where the variables are gone', async () => {
    const windows = new Windows();
    try {
      const notebook = await openNotebook(SLOW, '"same batch"', '"later"');
      await windows.open(notebook);
      await start(notebook, 0, 1);
      await start(notebook, 2);
      await until('its output', () => printed(notebook, 0) === 'begun\n');
      windows.leave();
      const session = await sessionOf(notebook);
      await session.restart();
      await windows.open(notebook);
      await until('nothing to be kept', () => windows.kept === '[]');
      // What is run now would wait behind them.
      await run(notebook, 0);
      assert.deepEqual(
        [1, 2].map((index) => outputs(notebook, index)),
        [[], []],
      );
    } finally {
      windows.dispose();
    }
  });

  it('cells that wait in another window are left to it', async () => {
    const windows = new Windows();
    try {
      const notebook = await openNotebook(SLOW, '"theirs"');
      await windows.open(notebook);
      await start(notebook);
      await until('its output', () => printed(notebook, 0) === 'begun\n');
      windows.leave();
      // A process that lives, and is not this one.
      windows.change((kept) => kept.replaceAll(`"owner":${process.pid}`, `"owner":${process.ppid}`));
      await windows.open(notebook);
      await until('the end', () => success(notebook, 0) === true);
      await run(notebook, 0);
      assert.deepEqual(outputs(notebook, 1), []);
      assert.match(windows.kept, new RegExp(`"owner":${process.ppid}`));
    } finally {
      windows.dispose();
    }
  });

  it('input() is asked in the window that came back', async () => {
    const notebook = await openNotebook('print("Hello", input("Who? "))');
    const session = await sessionOf(notebook);
    const window = vscode.window as { showInputBox: unknown };
    const original = window.showInputBox;
    window.showInputBox = async () => 'Ada';
    try {
      const identity = identityOf(notebook.cellAt(0));
      // It waits until the window that comes back can answer.
      const busy = session.run('import time; time.sleep(1)');
      const ended = session.run(identity.code, {
        tag: formatCellTag(identity, { executionCount: 2, key: randomUUID() }),
      });
      await restore(notebook);
      await Promise.all([busy, ended]);
      await until('the end', () => success(notebook, 0) === true);
      assert.equal(printed(notebook, 0), 'Hello Ada\n');
    } finally {
      window.showInputBox = original;
    }
  });

  it('says where output is not kept any more', async () => {
    const notebook = await openNotebook('for i in range(400): print("x" * 99_999)\nprint("last")');
    const session = await sessionOf(notebook);
    const { ended } = await runBefore(session, notebook.cellAt(0));
    await ended;
    await restore(notebook);
    await until('the end', () => success(notebook, 0) === true);
    assert.ok(/… [\d,]+ characters of output left out here …/.test(printed(notebook, 0)));
    assert.ok(printed(notebook, 0).endsWith('last\n'));
  });

  it('a cell that was run again in this window keeps that', async () => {
    const notebook = await openNotebook('print("run")');
    const session = await sessionOf(notebook);
    const { ended } = await runBefore(session, notebook.cellAt(0));
    await ended;
    await run(notebook, 0);
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 2);
    await restore(notebook);
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 2);
    assert.equal(printed(notebook, 0), 'run\n');
  });

  it('outputs that the person has cleared do not come back', async () => {
    const { sessions } = await internals();
    const notebook = await openNotebook('print("cleared")', 'print("kept")');
    await run(notebook);
    const session = await sessionOf(notebook);
    const [cleared, kept] = (await session.runs()).map(({ tag }) => parseCellTag(tag)?.key);
    const state = newState();
    const log = vscode.window.createOutputChannel('Cleared', { log: true });
    const runs = new ClearedRuns(state, log);
    try {
      runs.watch(notebook.cellAt(0), cleared!, 1);
      runs.watch(notebook.cellAt(1), kept!, 2);
      await vscode.commands.executeCommand('notebook.cell.clearOutputs', {
        ranges: [{ start: 0, end: 1 }],
        document: notebook.uri,
      });
      await until('it to be remembered', () => runs.has(cleared!));
      assert.equal(runs.has(kept!), false);
      const found = await findRuns(sessions.currentFor(notebook)!, notebook.getCells(), [], runs);
      assert.deepEqual(
        found.map(({ isLost }) => isLost),
        [false, false],
      );
    } finally {
      runs.dispose();
      log.dispose();
    }
  });

  it('the Interactive Window goes on as well', async () => {
    const { interactiveWindow, sessions } = await withoutWorkspaceSession();
    await interactiveWindow.show();
    const notebook = vscode.workspace.notebookDocuments.find(
      ({ notebookType }) => notebookType === 'interactive',
    )!;
    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, [
      vscode.NotebookEdit.insertCells(0, [
        new vscode.NotebookCellData(vscode.NotebookCellKind.Code, 'print("typed before")', 'python'),
      ]),
    ]);
    await vscode.workspace.applyEdit(edit);
    const session = await sessions.workspaceSession();
    await runBefore(session, notebook.cellAt(0));
    await interactiveWindow.kernel.restore(notebook);
    await until('the end', () => success(notebook, 0) === true);
    assert.equal(printed(notebook, 0), 'typed before\n');
    await endSessions();
    await until('the window to close', () => notebook.isClosed);
  });

  it('a cell of the Interactive Window that the editor has lost is there again', async () => {
    const { interactiveWindow, sessions } = await withoutWorkspaceSession();
    await interactiveWindow.show();
    const notebook = vscode.workspace.notebookDocuments.find(
      ({ notebookType }) => notebookType === 'interactive',
    )!;
    const code = 'import time; time.sleep(1)\nprint("back")';
    const session = await sessions.workspaceSession();
    const cell = { notebook: notebook.uri.toString(), id: undefined, index: 3, code };
    const tag = formatCellTag(cell, { executionCount: 1, key: randomUUID() }, true);
    const ended = session.run(code, { tag });
    await until('the run', async () => (await session.runs()).length === 1);
    await interactiveWindow.kernel.restore(notebook);
    await ended;
    await until('the end', () => notebook.cellCount === 1 && success(notebook, 0) === true);
    assert.equal(notebook.cellAt(0).document.getText(), code);
    assert.equal(printed(notebook, 0), 'back\n');
    await endSessions();
  });

  it('what still runs for the output channel is written there, once', async () => {
    const { sessions } = await withoutWorkspaceSession();
    const session = await sessions.workspaceSession();
    const log = vscode.window.createOutputChannel('Output', { log: true });
    // The extension's own surface makes a channel, too.
    const written = new Map<vscode.OutputChannel, string>();
    const window = vscode.window as { createOutputChannel: unknown };
    const original = vscode.window.createOutputChannel;
    window.createOutputChannel = (name: string) => {
      const channel = original(name);
      const append = (text: string) => {
        written.set(channel, (written.get(channel) ?? '') + text);
        channel.append(text);
      };
      return { ...channel, append };
    };
    const surface = new OutputSurface(sessions, log);
    try {
      const code = 'import time\nprint("begun")\ntime.sleep(1)\nprint("ended")';
      const ended = session.run(code, { tag: 'output-channel:before' });
      await until('the run', async () => (await session.runs()).length === 1);
      await sessions.attachIfThere();
      await sessions.attachIfThere();
      await ended;
      await until('its end', () => [...written.values()].some((text) => text.includes('ended')));
      assert.match(
        [...written.values()][0] ?? '',
        /^… The code that was run at .* goes on …\nbegun\nended\n$/,
      );
    } finally {
      window.createOutputChannel = original;
      surface.dispose();
      log.dispose();
      await endSessions();
    }
  });

  it('a notebook that is renamed while a cell runs goes on with it', async () => {
    const notebook = await openNotebook(TICKS);
    await start(notebook, 0);
    await until('the first tick', () => printed(notebook, 0).includes('tick 0\n'));
    const uri = notebook.uri.with({ path: notebook.uri.path.replace('made-', 'renamed-') });
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(notebook.uri, uri);
    await vscode.workspace.applyEdit(edit);
    const renamed = () =>
      vscode.workspace.notebookDocuments.find((open) => open.uri.toString() === uri.toString());
    await until('the renamed notebook', () => renamed() !== undefined);
    const editor = () => vscode.window.visibleNotebookEditors.find((shown) => shown.notebook === renamed());
    await until('its editor', () => editor() !== undefined);
    await vscode.commands.executeCommand('notebook.selectKernel', { ...KERNEL, notebookEditor: editor() });
    await until('its end', () => success(renamed()!, 0) === true);
    assert.equal(printed(renamed()!, 0), Array.from({ length: 20 }, (_, i) => `tick ${i}\n`).join(''));
  });
});
