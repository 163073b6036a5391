import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CodeModeApi, ExtensionTool } from '../../src/ui/tools/extensionApi.ts';
import { until } from '../support/until.ts';
import { internals } from './editorSupport.ts';

const SAY = (text: string) => `
name: say
description: ${text}
command: ${JSON.stringify(process.execPath)}
env: {ELECTRON_RUN_AS_NODE: "1"}
schema:
  options:
    code: {type: string, flag: "--eval="}
  positional:
    - {name: text, type: string, required: true}
recipes:
  it:
    description: ${text}
    preset: {code: "process.stdout.write(process.argv[1])"}
    params: {text: {}}
`;

async function fileOf(name: string): Promise<vscode.Uri> {
  return vscode.Uri.joinPath(await (await internals()).tools.folder(), `${name}.yaml`);
}

async function define(name: string, yaml: string): Promise<void> {
  await vscode.workspace.fs.writeFile(await fileOf(name), Buffer.from(yaml));
}

async function remove(name: string): Promise<void> {
  await vscode.workspace.fs.delete(await fileOf(name));
}

/** Runs code in the workspace's session as an agent does. */
async function runAsAgent(code: string) {
  const session = await (await internals()).sessions.workspaceSession();
  return session.run(code, { initiator: 'agent', timeoutS: 30 });
}

async function run(code: string) {
  const session = await (await internals()).sessions.workspaceSession();
  return session.run(code, { timeoutS: 30 });
}

/** Answers the approvals that are asked for while `work` runs by the real box: the item whose label contains `answer`. */
async function approving(
  answer: string,
  work: () => Promise<unknown>,
): Promise<vscode.QuickPick<vscode.QuickPickItem>[]> {
  const original = vscode.window.createQuickPick;
  const boxes: vscode.QuickPick<vscode.QuickPickItem>[] = [];
  Object.assign(vscode.window, {
    createQuickPick: () => {
      const box = original.call(vscode.window) as vscode.QuickPick<vscode.QuickPickItem>;
      boxes.push(box);
      const show = box.show.bind(box);
      box.show = () => {
        show();
        const chosen = box.items.find(({ label }) => label.includes(answer));
        assert.ok(chosen, `there is no "${answer}"`);
        box.activeItems = [chosen];
        setTimeout(
          () => void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem'),
          1000,
        );
      };
      return box;
    },
  });
  try {
    await work();
    return boxes;
  } finally {
    Object.assign(vscode.window, { createQuickPick: original });
  }
}

describe('tools in the window', function () {
  this.timeout(60_000);

  before(() => define('say', SAY('Says it.')));
  after(() => remove('say'));

  it('that an agent calls are asked for, with the real arguments; what a person runs is not', async () => {
    assert.equal((await run('tools.say.it(text="mine")')).value, 'mine');
    let result: Awaited<ReturnType<typeof run>> | undefined;
    const boxes = await approving('Allow Once', async () => {
      result = await runAsAgent('tools.say.it(text="an agent’s")');
    });
    assert.equal(result?.value, 'an agent’s');
    assert.equal(boxes.length, 1);
    assert.match(boxes[0]?.title ?? '', /An agent wants to call tools\.say\.it/);
    assert.ok(boxes[0]?.items.some(({ description }) => description === 'an agent’s'));
  });

  it('that are not allowed fail in Python', async () => {
    let result: Awaited<ReturnType<typeof run>> | undefined;
    await approving("Don't Allow", async () => {
      result = await runAsAgent('tools.say.it(text="x")');
    });
    assert.equal(result?.error?.type, 'ToolRefusedError');
  });

  it('that are always allowed are asked for again once their definition has changed', async () => {
    await approving('Always Allow', () => runAsAgent('tools.say.it(text="x")'));
    assert.equal((await runAsAgent('tools.say.it(text="again")')).value, 'again');
    await define('say', SAY('Says it louder.'));
    const { tools } = await internals();
    await until('the new definition', async () =>
      (await tools.list()).some(({ status }) => status?.description === 'Says it louder.'),
    );
    const boxes = await approving('Allow Once', () => runAsAgent('tools.say.it(text="y")'));
    assert.equal(boxes.length, 1);
  });

  it('can be blocked and let free by the person', async () => {
    const { tools } = await internals();
    const approval = async () => (await tools.list()).find(({ name }) => name === 'say')?.approval;
    await tools.setApproval('say', 'blocked');
    assert.equal(await approval(), 'blocked');
    await until('the session to know', async () => (await run('tools.say.it(text="x")')).error !== null);
    await tools.setApproval('say', 'allowed');
    assert.equal(await approval(), 'allowed');
    await until('the session to know', async () => (await run('tools.say.it(text="x")')).error === null);
    assert.equal((await runAsAgent('tools.say.it(text="free")')).value, 'free');
    await tools.setApproval('say', 'ask');
    assert.equal(await approval(), 'ask');
  });

  it('come from other extensions as well', async () => {
    const api = (await internals()) as unknown as CodeModeApi;
    const tool: ExtensionTool = {
      name: 'greeter',
      description: 'Greets people.',
      provider: 'The tests',
      callables: [
        {
          name: 'greet',
          description: 'Greets somebody.',
          inputSchema: {
            type: 'object',
            properties: {
              name: { type: 'string', description: 'Whom' },
              times: { type: 'integer', default: 1 },
            },
            required: ['name'],
          },
          invoke: ({ name, times = 1 }) => ({ greeting: `Hello ${name}`.repeat(Number(times)) }),
        },
        {
          name: 'fail',
          description: 'Fails.',
          invoke: () => {
            throw new Error('It was meant to.');
          },
        },
      ],
    };
    const registered = api.registerTool(tool);
    try {
      assert.throws(() => api.registerTool({ ...tool, name: 'no identifier' }), /identifier/);
      await until('the tool in Python', async () => (await run('tools.greeter')).error === null);
      assert.deepEqual((await run('tools.greeter.greet(name="Ada", times=2)')).value, {
        greeting: 'Hello AdaHello Ada',
      });
      assert.match((await run('tools.greeter.greet()')).error?.message ?? '', /needs 'name'/);
      assert.match((await run('tools.greeter.fail()')).error?.message ?? '', /It was meant to/);
      const { tools } = await internals();
      assert.ok((await tools.list()).some(({ name, type }) => name === 'greeter' && type === 'extension'));
    } finally {
      registered.dispose();
    }
    await until(
      'the tool to be gone',
      async () => (await run('tools.greeter.greet(name="x")')).error !== null,
    );
  });
});
