import assert from 'node:assert/strict';
import { assertOk, assertUsable, HANG_S, type Subject } from '../support/subject.ts';

/** What a forked child does with the rest of its cell, and how it ends. */
const FORKED: readonly {
  readonly title: string;
  readonly code: string;
  readonly status: number;
  readonly stdout?: string;
  readonly stderr?: RegExp;
}[] = [
  { title: 'that falls through', code: 'pass', status: 0 },
  { title: 'that prints', code: 'print("child")', status: 0, stdout: 'child\n' },
  { title: 'that prints without a newline', code: 'print("child", end="")', status: 0, stdout: 'child' },
  { title: 'that leaves by os._exit', code: 'os._exit(5)', status: 5 },
  { title: 'that leaves by sys.exit', code: 'sys.exit(7)', status: 7 },
  {
    title: 'that leaves by sys.exit with a complaint',
    code: 'sys.exit("no good")',
    status: 1,
    stderr: /^no good\n$/,
  },
  {
    title: 'that raises',
    code: 'raise ValueError("in the child")',
    status: 1,
    stderr: /^Traceback[\s\S]*ValueError: in the child\n$/,
  },
  {
    title: 'that calls a tool',
    code: 'tools.list()',
    status: 1,
    stderr: /This is a forked process: tools, .* are its parent's alone/,
  },
  { title: 'that displays', code: 'display(1)', status: 1, stderr: /This is a forked process/ },
  { title: 'that asks for input', code: 'input("?")', status: 1, stderr: /This is a forked process/ },
];

/** Children of the Python process: by fork, by multiprocessing, and such as go their own way. */
export function describeChildProcesses(subject: Subject): void {
  describe('a forked child', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    for (const { title, code, status, stdout = '', stderr = /^$/ } of FORKED) {
      for (const awaits of ['', 'import asyncio\nawait asyncio.sleep(0)\n']) {
        it(`${title} ${awaits ? 'in code that awaits ' : ''}ends like a program, and its parent goes on`, async () => {
          const result = await subject.run(
            [
              `${awaits}import os, sys`,
              'print("held back by the parent, ", end="")',
              'kept = 1',
              'child = os.fork()',
              'if child == 0:',
              `    ${code}`,
              'else:',
              '    status = os.waitpid(child, 0)[1] >> 8',
              '    print("parent")',
              'status if child else None',
            ].join('\n'),
          );
          assertOk(result);
          assert.equal(result.value, status);
          assert.equal(result.stdout, `held back by the parent, ${stdout}parent\n`);
          assert.match(result.stderr, stderr);
          const next = await subject.run('print("next")\nkept');
          assert.deepEqual([next.value, next.stdout, next.stderr], [1, 'next\n', '']);
        });
      }
    }

    it('may print at the same time as its parent', async () => {
      const result = await subject.run(
        [
          'import os',
          'child = os.fork()',
          'for n in range(2000): print("parent" if child else "child", n)',
          'if child: print(os.waitpid(child, 0)[1])',
        ].join('\n'),
      );
      assertOk(result);
      const lines = result.stdout.split('\n');
      for (const who of ['parent', 'child']) {
        const own = lines.filter((line) => line.startsWith(who));
        assert.deepEqual(
          own,
          Array.from({ length: 2000 }, (_, n) => `${who} ${n}`),
        );
      }
    });

    it('of a thread ends with it', async () => {
      const result = await subject.run(
        [
          'import os, threading',
          'def work():',
          '    child = os.fork()',
          '    if child == 0: print("child")',
          '    else: ended.append(os.waitpid(child, 0)[1])',
          'ended = []',
          'thread = threading.Thread(target=work)',
          'thread.start()',
          'thread.join()',
          'ended',
        ].join('\n'),
      );
      assertOk(result);
      assert.deepEqual([result.value, result.stdout], [[0], 'child\n']);
      await assertUsable(subject.shared);
    });

    it('of fifty ends, and no message is lost', async () => {
      const result = await subject.run(
        [
          'import os',
          'children = []',
          'for n in range(50):',
          '    child = os.fork()',
          '    if child == 0: os._exit(n)',
          '    children.append(child)',
          '    display(n)',
          '[os.waitpid(child, 0)[1] >> 8 for child in children] == list(range(50))',
        ].join('\n'),
      );
      assertOk(result);
      assert.equal(result.value, true);
      assert.equal(result.displays.length, 50);
    });
  });

  describe('multiprocessing', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    it('runs functions of a cell in a Pool, whose output and errors come here', async () => {
      const result = await subject.run(
        [
          'import multiprocessing',
          'def square(n):',
          '    print("squaring", n)',
          '    return n * n',
          'def fail(n): raise KeyError(n)',
          'with multiprocessing.Pool(2) as pool:',
          '    squares = pool.map(square, range(5))',
          '    try: pool.map(fail, [3])',
          '    except KeyError as error: squares.append(error.args[0])',
          'squares',
        ].join('\n'),
      );
      assertOk(result);
      assert.deepEqual(result.value, [0, 1, 4, 9, 16, 3]);
      const lines = result.stdout.trimEnd().split('\n').sort();
      assert.deepEqual(
        lines,
        Array.from({ length: 5 }, (_, n) => `squaring ${n}`),
      );
    });

    it('runs processes with queues, pipes and exit codes', async () => {
      const result = await subject.run(
        [
          'import multiprocessing, sys',
          'def work(queue, end):',
          '    queue.put("from the queue")',
          '    end.send("from the pipe")',
          '    sys.exit(4)',
          'queue = multiprocessing.Queue()',
          'here, there = multiprocessing.Pipe()',
          'process = multiprocessing.Process(target=work, args=(queue, there))',
          'process.start()',
          'seen = [queue.get(), here.recv()]',
          'process.join()',
          '[*seen, process.exitcode]',
        ].join('\n'),
      );
      assertOk(result);
      assert.deepEqual(result.value, ['from the queue', 'from the pipe', 4]);
    });

    it('runs functions of a cell in a ProcessPoolExecutor', async () => {
      const result = await subject.run(
        'from concurrent.futures import ProcessPoolExecutor\ndef double(n): return 2 * n\nwith ProcessPoolExecutor(2) as pool: doubled = list(pool.map(double, range(4)))\ndoubled',
      );
      assertOk(result);
      assert.deepEqual(result.value, [0, 2, 4, 6]);
    });

    it('starts other interpreters for functions that they can import', async () => {
      const result = await subject.run(
        'import multiprocessing\nwith multiprocessing.get_context("spawn").Pool(1) as pool: numbers = pool.map(abs, [-1, 2])\nnumbers',
      );
      assertOk(result);
      assert.deepEqual(result.value, [1, 2]);
    });

    it('is ended by an interrupt with its workers', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        'import multiprocessing, time\nwith multiprocessing.Pool(2) as pool:\n    print("ready", flush=True)\n    pool.map(time.sleep, [1000, 1000])',
        {
          timeoutS: HANG_S,
          onEvent: (event) => {
            if (event.kind === 'stdout' && event.text === 'ready\n') void executor.interrupt();
          },
        },
      );
      assert.equal(result.status, 'interrupted');
      const left = await executor.run('len(multiprocessing.active_children())', { timeoutS: HANG_S });
      assert.equal(left.value, 0);
    });
  });

  describe('a child that leaves the process group and holds standard output open', () => {
    // It ends by itself once the session's temporary folder is gone.
    const daemon = [
      'import os, subprocess, tempfile',
      'code = \'while [ -d "$0" ]; do sleep 0.1; done\'',
      'daemon = subprocess.Popen(["sh", "-c", code, tempfile.gettempdir()], start_new_session=True)',
      'print("daemon started")',
    ].join('\n');

    before(async function () {
      await subject.requireNative(this);
    });

    it('holds up neither the end of a run nor a restart', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(daemon, { timeoutS: HANG_S });
      assertOk(result);
      assert.equal(result.stdout, 'daemon started\n');
      await executor.restart();
      await assertUsable(executor);
    });

    it('does not hold up the end of a crash', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(`${daemon}\nos._exit(3)`, { timeoutS: HANG_S });
      assert.equal(result.status, 'died');
      assert.match(result.error?.message ?? '', /exit code 3/);
      assert.equal(result.stdout, 'daemon started\n');
      await assertUsable(executor);
    });

    it('does not hold up close', async () => {
      const executor = await subject.fresh();
      assertOk(await executor.run(daemon, { timeoutS: HANG_S }));
      await executor.close();
      assert.equal(executor.state, 'stopped');
    });
  });
}
