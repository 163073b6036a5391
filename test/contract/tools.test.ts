import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning } from '../../src/core/common/processes.ts';
import { CodeModeError, ToolFailedError } from '../../src/core/contract/errors.ts';
import type { ToolCall } from '../../src/core/contract/execution.ts';
import type { ApprovalAnswer } from '../../src/core/contract/tools.ts';
import { executorRegistry } from '../../src/core/executors/index.ts';
import type { ApprovalQuestion, Session, SessionSpec } from '../../src/core/session/session.ts';
import type { ProvidedTool } from '../../src/core/session/tools.ts';
import { ApprovalStore } from '../../src/core/tools/approvals/approvalStore.ts';
import { ServedManager } from './support/served.ts';
import { Deferred, HANG_S } from './support/subject.ts';

const EXECUTOR = executorRegistry.list()[0]!.id;
/** A server of the Model Context Protocol. */
const SERVER = path.resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js');
/** Prints its argument; what begins with a dash is none of its business. */
const SAY = `
name: say
description: Prints a text.
command: ${process.execPath}
schema:
  options:
    e: {type: string, short: e}
  positional:
    - {name: text, type: string, required: true}
recipes:
  it:
    description: Prints a text.
    preset: {e: "process.stdout.write(process.argv[1])"}
    params: {text: {}}
`;

describe('the tools of sessions', function () {
  this.timeout(60_000);
  let served: ServedManager;
  let asked: ApprovalQuestion[];
  let answer: (question: ApprovalQuestion, signal: AbortSignal) => Promise<ApprovalAnswer>;

  beforeEach(async () => {
    served = await ServedManager.create();
    asked = [];
    answer = async () => 'once';
    await define('say', SAY);
  });
  afterEach(async () => served[Symbol.asyncDispose]());

  const define = async (name: string, yaml: string) => {
    const folder = path.join(served.baseFolder, 'tools');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, `${name}.yaml`), yaml);
  };

  const open = async (more: Partial<SessionSpec> = {}): Promise<Session> => {
    const manager = await served.attach({
      onApproval: (question, signal) => {
        asked.push(question);
        return answer(question, signal);
      },
    });
    return manager.open({
      id: 'workspace',
      title: 'Workspace',
      executor: EXECUTOR,
      baseFolder: served.baseFolder,
      workspaceFolder: served.workspaceFolder,
      ...more,
    });
  };

  const AGENT = { initiator: 'agent', timeoutS: HANG_S } as const;
  const SAY_HELLO = 'tools.say.it(text="hello")';

  describe('approvals', () => {
    it('are asked for what an agent runs, with the real arguments, and not for what a person runs', async () => {
      const session = await open();
      assert.equal((await session.run(SAY_HELLO)).value, 'hello');
      assert.equal(asked.length, 0);
      assert.equal((await session.run(SAY_HELLO, AGENT)).value, 'hello');
      const [question] = asked;
      assert.deepEqual(question?.arguments, { text: 'hello' });
      assert.equal(`${question?.tool}.${question?.callable} ${question?.initiator}`, 'say.it agent');
      assert.match(question?.commandLine ?? '', /hello/);
      assert.equal(question?.title, 'Workspace');
    });

    it('hold for one call, for the session or for the workspace, until the definition changes', async () => {
      const session = await open();
      for (let count = 1; count <= 2; count += 1) {
        await session.run(SAY_HELLO, AGENT);
        assert.equal(asked.length, count);
      }
      answer = async () => 'session';
      await session.run(SAY_HELLO, AGENT);
      await session.run(SAY_HELLO, AGENT);
      assert.equal(asked.length, 3);

      const other = await open({ id: 'other' });
      answer = async () => 'workspace';
      await other.run(SAY_HELLO, AGENT);
      assert.equal(asked.length, 4);
      const third = await open({ id: 'third' });
      assert.equal((await third.run(SAY_HELLO, AGENT)).value, 'hello');
      assert.equal(asked.length, 4);

      await define('say', SAY.replace('Prints a text.', 'Prints any text.'));
      answer = async () => 'no';
      // Another process wrote the file: at the latest after a second it is seen.
      await new Promise((resolve) => setTimeout(resolve, 1200));
      assert.equal((await third.run(SAY_HELLO, AGENT)).error?.type, 'ToolRefusedError');
      assert.equal(asked.length, 5);
    });

    it('that are not given are a PermissionError, and the tool is not called', async () => {
      answer = async () => 'no';
      const session = await open();
      const code = `try:\n    ${SAY_HELLO}\nexcept PermissionError as error:\n    refused = str(error)\nrefused`;
      const result = await session.run(code, AGENT);
      assert.match(String(result.value), /tools\.say\.it was not allowed/);
      assert.match(result.toolCalls[0]?.error ?? '', /was not allowed/);
    });

    it('are refused where nobody can be asked, with what to do', async () => {
      const manager = await served.attach();
      const session = await manager.open({
        id: 'alone',
        title: 'Alone',
        executor: EXECUTOR,
        baseFolder: served.baseFolder,
      });
      const result = await session.run(SAY_HELLO, AGENT);
      assert.match(result.error?.message ?? '', /nobody is there to give it[\s\S]*Tools view/);
    });

    it('follow the policy: always, never', async () => {
      const always = await open({ id: 'always', tools: { approval: 'always' } });
      await always.run(SAY_HELLO);
      assert.equal(asked.length, 1);
      const never = await open({ id: 'never', tools: { approval: 'never' } });
      await never.run(SAY_HELLO, AGENT);
      assert.equal(asked.length, 1);
    });

    it('do not help a tool that is blocked', async () => {
      const store = new ApprovalStore(served.baseFolder, { log: () => undefined });
      await store.block('say');
      const session = await open({ tools: { approval: 'never' } });
      const result = await session.run(SAY_HELLO);
      assert.match(result.error?.message ?? '', /"say" is blocked/);
      await store.forget('say');
      await new Promise((resolve) => setTimeout(resolve, 600));
      assert.equal((await session.run(SAY_HELLO)).value, 'hello');
    });

    it('are asked for once where many calls wait for the same one', async () => {
      const session = await open();
      const many =
        'import asyncio\nresults = await asyncio.gather(*(tools.say.it.call_async(text=str(i)) for i in range(30)), return_exceptions=True)\n';
      answer = async () => 'no';
      assert.deepEqual(
        (await session.run(`${many}[type(result).__name__ for result in results]`, AGENT)).value,
        Array(30).fill('ToolRefusedError'),
      );
      assert.equal(asked.length, 1);
      answer = async () => 'session';
      const allowed = await session.run(`${many}results`, AGENT);
      assert.deepEqual(
        allowed.value,
        Array.from({ length: 30 }, (_, index) => String(index)),
      );
      assert.equal(asked.length, 2);
    });

    it('are withdrawn with the run', async () => {
      const session = await open();
      const begun = new Deferred();
      const withdrawn = new Deferred();
      answer = (_question, signal) => {
        begun.resolve();
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            withdrawn.resolve();
            reject(new Error('withdrawn'));
          });
        });
      };
      const run = session.run(SAY_HELLO, AGENT);
      await begun.promise;
      await session.interrupt();
      await withdrawn.promise;
      assert.equal((await run).status, 'interrupted');
    });
  });

  describe('the trace', () => {
    it('lists every call with arguments, duration, size and error: in the result, live, and afterwards', async () => {
      const session = await open();
      const other = await open();
      const heard: ToolCall[] = [];
      const all = new Deferred();
      other.onDidCallTool(({ call }) => {
        heard.push(call);
        if (heard.length === 4) all.resolve();
      });
      const result = await session.run(
        `${SAY_HELLO}\ntry:\n    tools.say.it(text="a\\0b")\nexcept Exception:\n    pass`,
      );
      assert.equal(result.error, null);
      assert.deepEqual(
        result.toolCalls.map((call) => [call.tool, call.callable, call.resultBytes, call.error === null]),
        [
          ['say', 'it', 5, true],
          ['say', 'it', null, false],
        ],
      );
      assert.ok(result.toolCalls.every(({ durationMs }) => durationMs !== null && durationMs >= 0));
      await all.promise;
      assert.deepEqual(
        heard.map(({ durationMs }) => durationMs === null),
        [true, false, true, false],
      );
      const [run] = await other.runs();
      assert.equal(run?.toolCallCount, 2);
      assert.equal(run?.title, SAY_HELLO);
      assert.deepEqual(await other.toolCalls(run?.id ?? ''), result.toolCalls);
    });

    it('does not grow without bound', async () => {
      const calls = 1010;
      const session = await open();
      await session.run('pass');
      const provider = await served.attach();
      await provider.tools.provide([provided('noop', async () => ({ type: 'json', value: null }))]);
      const result = await session.run(`for _ in range(${calls}):\n    tools.noop.run()`);
      assert.equal(result.error, null);
      assert.deepEqual([result.toolCalls.length, result.toolCallsOmitted], [1000, calls - 1000]);
    });
  });

  describe('secrets', () => {
    const SECRET = 'hunter2-and-more';
    const SHOW = `
name: show
description: Prints a variable.
command: ${process.execPath}
env: {CODE_MODE_TEST_SECRET_OF_TOOL: "\${CODE_MODE_TEST_UNSET}"}
schema:
  options:
    e: {type: string, short: e}
  positional:
    - {name: mark, type: string, required: true}
recipes:
  it:
    preset: {e: "process.stdout.write(process.env.CODE_MODE_TEST_SECRET_OF_TOOL)"}
    params: {mark: {}}
  fail:
    preset: {e: "process.stderr.write(process.env.CODE_MODE_TEST_SECRET_OF_TOOL); process.exit(3)"}
    params: {mark: {}}
`;

    it('are asked for once, reach the tool, and are neither in the trace nor in errors nor in the log', async () => {
      await define('show', SHOW);
      const requests: string[] = [];
      const lines: string[] = [];
      const manager = await served.attach({
        log: (line) => lines.push(line),
        onSecret: async ({ name, wasRefused }) => {
          requests.push(`${name} ${wasRefused}`);
          return wasRefused ? SECRET : undefined;
        },
      });
      const session = await manager.open({
        id: 'secret',
        title: 'Secret',
        executor: EXECUTOR,
        baseFolder: served.baseFolder,
      });
      const code = `value = tools.show.it(mark="x")\ntools.show.it(mark=value)\ntools.show.fail(mark=value)`;
      const result = await session.run(code);
      assert.equal((await session.run('value')).value, SECRET);
      assert.deepEqual(requests, [
        `tool ${served.baseFolder} CODE_MODE_TEST_UNSET false`,
        `tool ${served.baseFolder} CODE_MODE_TEST_UNSET true`,
      ]);
      assert.match(result.error?.message ?? '', /•••/);
      for (const text of [JSON.stringify(result), lines.join('\n'), served.log.join('\n')]) {
        assert.ok(!text.includes(SECRET), text);
      }
      assert.deepEqual(result.toolCalls[1]?.arguments, { mark: '•••' });
    });

    it('that nobody gives are an error that says how to set them', async () => {
      await define('show', SHOW);
      const session = await open();
      const result = await session.run('tools.show.it(mark="x")');
      assert.match(result.error?.message ?? '', /CODE_MODE_TEST_UNSET[\s\S]*Set Tool Secret/);
    });
  });

  describe('of other extensions', () => {
    it('are called where they live, with bytes both ways, and their errors come back', async () => {
      const session = await open();
      const provider = await served.attach();
      const signalled = new Deferred();
      await provider.tools.provide([
        provided('reverse', async (given) => {
          const { data } = given;
          if (data instanceof Uint8Array) return { type: 'bytes', bytes: Uint8Array.from(data).reverse() };
          throw new ToolFailedError('There is nothing to reverse.', { hint: 'Give it bytes.' });
        }),
        provided('hang', (_given, signal) => {
          signalled.resolve();
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        }),
      ]);
      const result = await session.run('tools.reverse.run(data=bytes(range(5))).hex()');
      assert.equal(result.value, '0403020100');
      const failed = await session.run('tools.reverse.run(data="no")');
      assert.equal(failed.error?.type, 'ToolError');
      assert.match(failed.error?.message ?? '', /nothing to reverse[\s\S]*Give it bytes/);
      assert.deepEqual((await session.run('[tool.name for tool in tools.list()]')).value, [
        'hang',
        'reverse',
        'say',
      ]);
      const hanging = session.run('tools.hang.run(data="x")');
      await signalled.promise;
      await session.interrupt();
      assert.equal((await hanging).status, 'interrupted');
      await provider[Symbol.asyncDispose]();
      const gone = await session.run('tools.reverse.run(data="x")');
      assert.match(gone.error?.message ?? '', /no tool "reverse"/);
    });
  });

  describe('with a server', () => {
    const EVERYTHING = `
name: everything
type: mcp
transport: stdio
command: ${process.execPath}
args: [${JSON.stringify(SERVER)}]
`;

    it('share it, and it ends with the last of them', async () => {
      await define('everything', EVERYTHING);
      const pidFile = path.join(served.workspaceFolder, 'pid');
      await define(
        'everything',
        EVERYTHING.replace(
          /command: .*\nargs: .*/,
          () => `command: /bin/sh\nargs: ["-c", 'echo $$ >> ${pidFile}; exec ${process.execPath} ${SERVER}']`,
        ),
      );
      const [first, second] = await Promise.all([open(), open({ id: 'second' })]);
      const echo = 'tools.everything.echo(message="hi")';
      const results = await Promise.all([first.run(echo), second.run(echo)]);
      assert.deepEqual(
        results.map(({ value }) => value),
        ['Echo: hi', 'Echo: hi'],
      );
      const pids = (await readFile(pidFile, 'utf8')).trim().split('\n').map(Number);
      assert.equal(pids.length, 1);
      await first.close();
      assert.ok(isRunning(pids[0]!));
      assert.equal((await second.run(echo)).value, 'Echo: hi');
      await second.close();
      assert.ok(!isRunning(pids[0]!));
    });

    it('are shown with their health, restarted and stopped by those who look at them', async () => {
      await define('everything', EVERYTHING);
      const manager = await served.attach();
      const spec = { baseFolder: served.baseFolder, workspaceFolder: served.workspaceFolder };
      assert.deepEqual(await manager.tools.statuses(spec), []);
      const described = await manager.tools.describe(spec, 'everything');
      assert.ok(described.callables.some(({ name }) => name === 'echo'));
      await manager.tools.restart(spec, 'everything');
      const health = async () =>
        (await manager.tools.statuses(spec)).find(({ name }) => name === 'everything')?.health;
      assert.equal((await health())?.state, 'running');
      assert.match((await health())?.detail ?? '', /everything/);
      await manager.tools.stop(spec, 'everything');
      assert.notEqual((await health())?.state, 'running');
      assert.match(await manager.tools.log(spec, 'everything'), /\S/);
      await assert.rejects(manager.tools.restart(spec, 'say'), (error) => CodeModeError.is(error, 'usage'));
    });
  });

  it('run at most so many calls at the same time, and all come back', async () => {
    let running = 0;
    let most = 0;
    const session = await open({ tools: { maxParallelCalls: 3 } });
    const provider = await served.attach();
    await provider.tools.provide([
      provided('slow', async ({ data }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        return { type: 'json', value: data as string };
      }),
    ]);
    const result = await session.run(
      'import asyncio\nawait asyncio.gather(*(tools.slow.run.call_async(data=str(i)) for i in range(20)))',
    );
    assert.deepEqual(
      result.value,
      Array.from({ length: 20 }, (_, index) => String(index)),
    );
    assert.equal(most, 3);
  });
});

/** A tool with one callable, `run`, that takes `data`. */
function provided(
  name: string,
  run: (given: Parameters<ProvidedTool['call']>[1], signal: AbortSignal) => ReturnType<ProvidedTool['call']>,
): ProvidedTool {
  const data = {
    name: 'data',
    originalName: 'data',
    type: 'any',
    description: '',
    required: false,
    schema: {},
  } as const;
  return {
    name,
    description: `The tool ${name}.`,
    tags: [],
    provider: 'A test',
    direct: null,
    callables: [{ name: 'run', originalName: 'run', description: '', parameters: [data], returns: 'any' }],
    call: (_callable, given, signal) => run(given, signal),
  };
}
