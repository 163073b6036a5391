import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ALL_CAPABILITIES } from '../../src/core/contract/capability.ts';
import { executorRegistry } from '../../src/core/executors/index.ts';
import { codeMode, type Ended, RunningCommand } from './support/commandLine.ts';
import { descendants, untilGone } from './support/processes.ts';
import { EXECUTORS_OF_THIS_MACHINE } from './support/subject.ts';

/** One message on standard error: what is wrong, and on the next line what to do. Nothing was run. */
function assertUsageError(ended: Ended, message: RegExp): void {
  assert.equal(ended.code, 2, ended.stderr);
  assert.equal(ended.stdout, '');
  assert.match(ended.stderr, /^code-mode: .+\n.+\n$/);
  assert.match(ended.stderr, message);
}

describe('code-mode', function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'code-mode-cli-'));
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function file(name: string, content: string | Uint8Array): Promise<string> {
    const target = path.join(folder, name);
    await writeFile(target, content);
    return target;
  }

  describe('by itself', () => {
    for (const args of [
      ['--help'],
      ['-h'],
      ['help'],
      ['run', '--help'],
      ['help', 'run'],
      ['capabilities', '-h'],
    ]) {
      it(`helps with ${args.join(' ')}`, async () => {
        const ended = await codeMode(args);
        assert.equal(ended.code, 0);
        assert.match(ended.stdout, /Usage: code-mode/);
        assert.equal(ended.stderr, '');
      });
    }

    it('says its version', async () => {
      const ended = await codeMode(['--version']);
      assert.match(ended.stdout, /^code-mode \d+\.\d+\.\d+\n$/);
      assert.equal(ended.code, 0);
    });

    it('refuses no command, an unknown command and an unknown option', async () => {
      assertUsageError(await codeMode([]), /There is no command\./);
      assertUsageError(await codeMode(['fly']), /There is no command "fly"/);
      assertUsageError(await codeMode(['run', '--fly', '-c', '1']), /--fly/);
      assertUsageError(await codeMode(['capabilities', '--fly']), /--fly/);
      assertUsageError(await codeMode(['capabilities', 'extra']), /"extra"/);
    });
  });

  describe('run', () => {
    it('prints what the code prints and then the value', async () => {
      const ended = await codeMode([
        'run',
        '-c',
        'import sys\nprint("out")\nprint("err", file=sys.stderr)\n{"a": (1, 2)}',
      ]);
      assert.deepEqual(ended, { code: 0, signal: null, stdout: "out\n{'a': (1, 2)}\n", stderr: 'err\n' });
    });

    it('prints nothing for None', async () => {
      assert.equal((await codeMode(['run', '-c', 'None'])).stdout, '');
    });

    it('prints displays as text', async () => {
      const ended = await codeMode([
        'run',
        '-c',
        'display({"a": 1})\nclass P:\n    def _repr_html_(self): return "<b>"\n    def __repr__(self): return "P!"\nP()',
      ]);
      assert.equal(ended.stdout, "{'a': 1}\nP!\n");
    });

    it('runs a file, and its traceback names it', async () => {
      const script = await file(
        'failing.py',
        'def f():\n    raise ValueError("bad")\nprint("before")\nf()\n',
      );
      const ended = await codeMode(['run', script]);
      assert.equal(ended.code, 1);
      assert.equal(ended.stdout, 'before\n');
      assert.match(ended.stderr, /^Traceback \(most recent call last\):/);
      assert.ok(
        ended.stderr.includes(`File "${script}", line 2, in f\n    raise ValueError("bad")`),
        ended.stderr,
      );
      assert.match(ended.stderr, /ValueError: bad\n$/);
    });

    it('runs code from standard input', async () => {
      const ended = await codeMode(['run', '-'], { stdin: 'print("Grüße 🌍")\n6 * 7' });
      assert.deepEqual([ended.code, ended.stdout], [0, 'Grüße 🌍\n42\n']);
    });

    it('takes code and values that look like options', async () => {
      assert.equal((await codeMode(['run', '-c', '-1 + 3'])).stdout, '2\n');
      assert.equal((await codeMode(['run', '--code=-5'])).stdout, '-5\n');
      assert.equal((await codeMode(['run', '-c', ''])).code, 0);
      const script = await file('-odd.py', '"odd"');
      assert.equal((await codeMode(['run', '--', path.basename(script)], { cwd: folder })).stdout, "'odd'\n");
    });

    it('ends with 0 after sys.exit(0) and 1 after sys.exit(3)', async () => {
      assert.equal((await codeMode(['run', '-c', 'import sys; sys.exit(0)'])).code, 0);
      assert.equal((await codeMode(['run', '-c', 'import sys; sys.exit(3)'])).code, 1);
    });

    it('ends with 1 for a syntax error', async () => {
      const ended = await codeMode(['run', '-c', 'def']);
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, /SyntaxError/);
    });

    it('says which command installs what an import lacks', async () => {
      const base = path.join(folder, 'a base');
      const given = ['run', '--base', base, '-c', 'import sklearn'];
      const person = await codeMode(given);
      assert.equal(person.code, 1);
      assert.ok(
        person.stderr.endsWith(
          `No module named 'sklearn'\ncode-mode: The module sklearn is in the package scikit-learn, which is not installed. This installs it: code-mode deps add scikit-learn --base "${base}"\n`,
        ),
        person.stderr,
      );
      const agent = await codeMode([...given, '--agent', '--json']);
      const { error } = JSON.parse(agent.stdout);
      assert.equal(error.missingModule, 'sklearn');
      assert.match(error.message, /deps\.add\("scikit-learn"\) installs it/);
      assert.ok(error.traceback.trimEnd().endsWith(error.message));
      assert.equal(agent.stderr, '');
    });

    it('ends with 124 for a timeout, with what was printed', async () => {
      const ended = await codeMode(['run', '-c', 'print("before")\nwhile True: pass', '--timeout', '0.5']);
      assert.equal(ended.code, 124);
      assert.equal(ended.stdout, 'before\n');
      assert.match(ended.stderr, /0\.5 s/);
    });

    it('runs on every executor', async () => {
      for (const { id } of EXECUTORS_OF_THIS_MACHINE) {
        const ended = await codeMode(['run', '--executor', id, '-c', '1 + 1']);
        assert.deepEqual([ended.code, ended.stdout], [0, '2\n'], id);
      }
    });

    it('streams: output is there while the code goes on', async () => {
      const command = new RunningCommand(['run', '-c', 'print("first")\nwhile True: pass'], { stdin: null });
      await command.printed('first');
      command.process.kill('SIGTERM');
      assert.equal((await command.ended).code, 143);
    });

    it('prints 200,000 lines without losing one', async () => {
      const ended = await codeMode(['run', '-c', 'for n in range(200_000): print(n)']);
      assert.equal(ended.stdout, Array.from({ length: 200_000 }, (_, n) => `${n}\n`).join(''));
    });
  });

  describe('run --json', () => {
    it('prints one result and nothing else', async () => {
      const ended = await codeMode([
        'run',
        '--json',
        '-c',
        'import sys\nprint("out")\nprint("err", file=sys.stderr)\nclass P:\n    def _repr_png_(self): return b"\\x89PNG\\xff"\ndisplay(P())\n[1, 2]',
      ]);
      assert.equal(ended.code, 0);
      assert.equal(ended.stderr, '');
      assert.equal(ended.stdout.split('\n').length, 2, 'one line');
      const result = JSON.parse(ended.stdout);
      assert.deepEqual(
        [result.status, result.value, result.valueIsRepr, result.stdout, result.stderr, result.error],
        ['ok', [1, 2], false, 'out\n', 'err\n', null],
      );
      assert.equal(
        result.displays[0].data['image/png'],
        Buffer.from('\x89PNG\xff', 'latin1').toString('base64'),
      );
      for (const key of ['executionTimeMs', 'toolCalls', 'executor', 'executionCount', 'variablesSurvived']) {
        assert.ok(key in result, key);
      }
    });

    it('prints a result for an error and for a timeout', async () => {
      const failed = await codeMode(['run', '--json', '-c', '1 / 0']);
      assert.equal(failed.code, 1);
      assert.equal(failed.stderr, '');
      assert.equal(JSON.parse(failed.stdout).error.type, 'ZeroDivisionError');
      const late = await codeMode([
        'run',
        '--json',
        '--timeout',
        '0.5',
        '-c',
        'print("kept")\nwhile True: pass',
      ]);
      assert.equal(late.code, 124);
      assert.equal(JSON.parse(late.stdout).status, 'timeout');
      assert.equal(JSON.parse(late.stdout).stdout, 'kept\n');
    });

    it('prints a value of 50 MB whole', async () => {
      const ended = await codeMode(['run', '--json', '-c', '"é" * 25_000_000']);
      assert.equal(JSON.parse(ended.stdout).value.length, 25_000_000);
    });

    it('prints lone surrogates and NUL as JSON can carry them', async () => {
      const ended = await codeMode(['run', '--json', '-c', '"\\ud800\\x00"']);
      assert.equal(JSON.parse(ended.stdout).value, '\ud800\x00');
    });

    it('prints nothing on standard output for wrong usage', async () => {
      assertUsageError(await codeMode(['run', '--json', '--timeout', 'soon', '-c', '1']), /"soon"/);
    });
  });

  describe('run with what cannot be used', () => {
    it('wants exactly one thing to run', async () => {
      assertUsageError(await codeMode(['run']), /nothing to run/);
      assertUsageError(await codeMode(['run', '-c', '1', 'file.py']), /-c CODE and "file\.py"/);
      assertUsageError(await codeMode(['run', '-c', '1', '-']), /one of them/);
      assertUsageError(await codeMode(['run', 'a.py', 'b.py']), /"b\.py" is one argument too many/);
      assertUsageError(await codeMode(['run', '-c']), /"-c" needs a value/);
      assertUsageError(await codeMode(['run', '-c', '1', '-c', '2']), /twice/);
    });

    it('names the executors that there are', async () => {
      const ended = await codeMode(['run', '--executor', 'cloud', '-c', '1']);
      assertUsageError(ended, /no executor "cloud"/);
      for (const { id } of executorRegistry.list()) assert.ok(ended.stderr.includes(id));
    });

    for (const timeout of ['0', '-1', 'abc', '', 'NaN', 'Infinity', '1e400', '0x10', '5s', '3000000']) {
      it(`refuses --timeout "${timeout}"`, async () => {
        assertUsageError(await codeMode(['run', '--timeout', timeout, '-c', '1']), /--timeout/);
      });
    }

    it('explains a missing file, a folder and a path through a file', async () => {
      assertUsageError(
        await codeMode(['run', 'missing.py'], { cwd: folder }),
        /There is no file "missing\.py"/,
      );
      assertUsageError(await codeMode(['run', folder]), /is a folder/);
      const plain = await file('plain.txt', '');
      assertUsageError(await codeMode(['run', path.join(plain, 'x.py')]), /There is no file/);
      await symlink('nowhere', path.join(folder, 'dangling.py'));
      assertUsageError(await codeMode(['run', path.join(folder, 'dangling.py')]), /There is no file/);
    });

    it('explains a base folder that cannot be written', async () => {
      const plain = await file('in-the-way', '');
      assertUsageError(
        await codeMode(['run', '--base', plain, '-c', '1']),
        /base folder .* a file is in the way/,
      );
      assertUsageError(
        await codeMode(['run', '--base', path.join(plain, 'below'), '-c', '1']),
        /base folder/,
      );
      // A place where not even root can make a folder.
      if (process.platform === 'linux') {
        assertUsageError(await codeMode(['run', '--base', '/proc/no-such', '-c', '1']), /base folder/);
      }
    });

    it('refuses --workspace without --attach', async () => {
      assertUsageError(await codeMode(['run', '--workspace', folder, '-c', '1']), /--attach/);
    });
  });

  describe('run --base', () => {
    it('makes the folder, and keeps artifacts there', async () => {
      const base = path.join(folder, 'new', 'base');
      const saved = await codeMode(['run', '--base', base, '-c', 'artifacts.save("note", "kept"); None']);
      assert.equal(saved.code, 0, saved.stderr);
      const loaded = await codeMode(['run', '--base', base, '-c', 'artifacts.load("note")']);
      assert.equal(loaded.stdout, "'kept'\n", loaded.stderr);
    });

    it('is not needed: a plain run leaves no folder', async () => {
      const empty = path.join(folder, 'empty');
      await mkdir(empty);
      assert.equal((await codeMode(['run', '-c', '1'], { cwd: empty })).code, 0);
      assert.deepEqual(await readdir(empty), []);
    });
  });

  describe("run reads a file's encoding as Python does", () => {
    const latin1 = (text: string) => Buffer.from(text, 'latin1');

    it('UTF-8 with and without a byte order mark', async () => {
      assert.equal((await codeMode(['run', await file('plain.py', 'print("é🌍")')])).stdout, 'é🌍\n');
      assert.equal((await codeMode(['run', await file('mark.py', '\ufeffprint("é")')])).stdout, 'é\n');
      assert.equal((await codeMode(['run', '-'], { stdin: '\ufeffprint("é")' })).stdout, 'é\n');
    });

    for (const [name, declaration] of [
      ['first line', '# -*- coding: latin-1 -*-\n'],
      ['second line, after a comment', '#!/usr/bin/env python\n# vim: set fileencoding=iso-8859-1 :\n'],
      ['second line, after a blank one', '\r\n# coding=latin1\r\n'],
    ] as const) {
      it(`a declaration in the ${name}`, async () => {
        const script = await file('latin.py', latin1(`${declaration}print("é\x80".encode("utf-8"))\n`));
        assert.equal((await codeMode(['run', script])).stdout, "b'\\xc3\\xa9\\xc2\\x80'\n");
      });
    }

    it('cp1252 and koi8_r', async () => {
      const cp1252 = await file(
        'cp1252.py',
        Buffer.concat([latin1('# coding: cp1252\nprint("'), Buffer.from([0x80]), latin1('")')]),
      );
      assert.equal((await codeMode(['run', cp1252])).stdout, '€\n');
      const koi8 = await file(
        'koi8.py',
        Buffer.concat([latin1('# coding: koi8_r\nprint("'), Buffer.from([0xc1]), latin1('")')]),
      );
      assert.equal((await codeMode(['run', koi8])).stdout, 'а\n');
    });

    it('no declaration counts after the second line or after code', async () => {
      const late = await file('late.py', '\n\n# coding: latin-1\nprint("é")');
      assert.equal((await codeMode(['run', late])).stdout, 'é\n');
      const after = await file('after.py', 'x = 1\n# coding: latin-1\nprint("é")');
      assert.equal((await codeMode(['run', after])).stdout, 'é\n');
    });

    it('what cannot be decoded is explained', async () => {
      assertUsageError(
        await codeMode(['run', await file('bad.py', latin1('x = 1\nprint("é")'))]),
        /not valid UTF-8 \(line 2\)/,
      );
      assertUsageError(await codeMode(['run', await file('odd.py', '# coding: klingon\n')]), /"klingon"/);
      assertUsageError(
        await codeMode(['run', await file('both.py', '\ufeff# coding: latin-1\n')]),
        /byte order mark/,
      );
      assertUsageError(
        await codeMode(['run', await file('wide.py', Buffer.from('\ufeff1', 'utf16le'))]),
        /UTF-16/,
      );
      assertUsageError(await codeMode(['run', await file('ascii.py', '# coding: ascii\n"é"')]), /ascii/);
    });
  });

  describe('run --set', () => {
    const subprocess = ['run', '--executor', 'subprocess'];

    it('gives the executor its settings: numbers, words, lists and versions', async () => {
      const limited = await codeMode([...subprocess, '--set', 'memoryLimit=300', '-c', 'bytearray(10**9)']);
      assert.equal(limited.code, 1);
      assert.match(limited.stderr, /MemoryError/);
      const passed = await codeMode(
        [
          ...subprocess,
          '--set=sandbox=off',
          '--set',
          'passEnvironment=["CONTRACT_TOKEN"]',
          '-c',
          'import os; os.environ["CONTRACT_TOKEN"]',
        ],
        { env: { ...process.env, CONTRACT_TOKEN: 'a=b' } },
      );
      assert.deepEqual([passed.code, passed.stdout], [0, "'a=b'\n"], passed.stderr);
      // As JSON it would be 3.1.
      const version = await codeMode([
        ...subprocess,
        '--set',
        'python=3.10',
        '--set',
        'memoryLimit=-1',
        '-c',
        '',
      ]);
      assertUsageError(version, /codeMode\.subprocess\.memoryLimit is -1/);
    });

    it('refuses names and values that the executor does not know, and says which it knows', async () => {
      assertUsageError(
        await codeMode([...subprocess, '--set', 'memory=1', '-c', '1']),
        /no setting codeMode\.subprocess\.memory\.\nThere are: python, memoryLimit, .*warmSpare\./,
      );
      assertUsageError(
        await codeMode(['run', '--executor', 'sandbox', '--set', 'memoryLimit=1', '-c', '1']),
        /no setting codeMode\.sandbox\.memoryLimit\.\nThere are: osSandbox/,
      );
      assertUsageError(
        await codeMode(['run', '--executor', 'in-process', '--set', 'network=on', '-c', '1']),
        /no setting codeMode\.in-process\.network\.\n.*no settings/,
      );
      assertUsageError(
        await codeMode([...subprocess, '--set', 'sandbox=perhaps', '-c', '1']),
        /codeMode\.subprocess\.sandbox is "perhaps"/,
      );
    });

    it('refuses what sets nothing, what is set twice, and a session that is live already', async () => {
      assertUsageError(
        await codeMode([...subprocess, '--set', 'python', '-c', '1']),
        /does not set anything/,
      );
      assertUsageError(await codeMode([...subprocess, '--set', '=1', '-c', '1']), /does not set anything/);
      assertUsageError(await codeMode([...subprocess, '-c', '1', '--set']), /needs a value/);
      assertUsageError(
        await codeMode([...subprocess, '--set', 'python=3.12', '--set', 'python=3.11', '-c', '1']),
        /"--set python=…" is given twice/,
      );
      assertUsageError(await codeMode(['run', '--attach', '--set', 'python=3.12', '-c', '1']), /--attach/);
    });

    it('says what to install where a sandbox that is required is missing', async () => {
      const empty = path.join(folder, 'no programs');
      await mkdir(empty);
      const ended = await codeMode([...subprocess, '--set', 'sandbox=required', '-c', '1'], {
        env: { ...process.env, PATH: empty },
      });
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, /requires the operating system's sandbox, which is missing here/);
    });

    it('works in the current folder', async () => {
      await file('module_of_the_folder.py', 'answer = 42\n');
      const ended = await codeMode(
        [...subprocess, '-c', 'import os, module_of_the_folder as m; [os.getcwd(), m.answer]'],
        { cwd: folder },
      );
      assert.equal(ended.stdout, `['${folder}', 42]\n`, ended.stderr);
    });
  });

  describe('run answers input()', () => {
    it('from standard input, line by line, to its end', async () => {
      const ended = await codeMode(
        [
          'run',
          '-c',
          'names = [input("Name? "), input()]\ntry:\n    input()\nexcept EOFError:\n    print("end")\nnames',
        ],
        { stdin: 'Zoë 🌍\r\nlast' },
      );
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(ended.stdout, "Name? end\n['Zoë 🌍', 'last']\n");
    });

    it('while standard input stays open', async () => {
      const command = new RunningCommand(['run', '-c', 'print("hello", input("Name? "))'], { stdin: null });
      await command.printed('Name? ');
      command.process.stdin.write('Ada\n');
      const ended = await command.ended;
      assert.deepEqual([ended.code, ended.stdout], [0, 'Name? hello Ada\n']);
    });

    it('with EOFError where standard input was the code', async () => {
      const ended = await codeMode(['run', '-'], { stdin: 'input("anyone? ")' });
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, /EOFError/);
    });

    it('with prompts on standard error for --json', async () => {
      const ended = await codeMode(['run', '--json', '-c', 'input("Q? ")'], { stdin: 'A\n' });
      assert.equal(JSON.parse(ended.stdout).value, 'A');
      assert.equal(ended.stderr, 'Q? ');
    });

    it('of getpass(), prompting on standard error', async () => {
      const ended = await codeMode(['run', '-c', 'import getpass\nlen(getpass.getpass("Secret: "))'], {
        stdin: 'four\n',
      });
      assert.deepEqual([ended.stdout, ended.stderr], ['4\n', 'Secret: ']);
    });
  });

  describe('run and signals', () => {
    if (process.platform === 'win32') return;

    it('SIGINT interrupts Python, which may clean up; the command ends with 130', async () => {
      const command = new RunningCommand(
        ['run', '-c', 'print("ready")\ntry:\n    while True: pass\nfinally:\n    print("cleaned up")'],
        { stdin: null },
      );
      await command.printed('ready');
      command.process.kill('SIGINT');
      const ended = await command.ended;
      assert.equal(ended.code, 130);
      assert.equal(ended.stdout, 'ready\ncleaned up\n');
      assert.match(ended.stderr, /KeyboardInterrupt/);
    });

    it('Ctrl+C, which the terminal sends to every process of the group, interrupts and does not kill', async () => {
      const command = new RunningCommand(
        ['run', '-c', 'print("ready")\ntry:\n    while True: pass\nfinally:\n    print("cleaned up")'],
        { stdin: null, group: true },
      );
      await command.printed('ready');
      process.kill(-command.process.pid!, 'SIGINT');
      const ended = await command.ended;
      assert.equal(ended.code, 130, ended.stderr);
      assert.equal(ended.stdout, 'ready\ncleaned up\n');
    });

    it('SIGINT that the code catches lets it end well', async () => {
      const command = new RunningCommand(
        [
          'run',
          '-c',
          'print("ready")\ntry:\n    while True: pass\nexcept KeyboardInterrupt:\n    print("caught")',
        ],
        { stdin: null },
      );
      await command.printed('ready');
      command.process.kill('SIGINT');
      assert.equal((await command.ended).code, 0);
    });

    it('a second SIGINT kills code that swallows the first', async () => {
      const command = new RunningCommand(
        [
          'run',
          '-c',
          'print("ready")\nwhile True:\n    try:\n        while True: pass\n    except BaseException: print("swallowed")',
        ],
        { stdin: null },
      );
      await command.printed('ready');
      command.process.kill('SIGINT');
      await command.printed('swallowed');
      command.process.kill('SIGINT');
      assert.equal((await command.ended).code, 130);
    });

    it('SIGINT ends a question', async () => {
      const command = new RunningCommand(['run', '-c', 'input("waiting ")'], { stdin: null });
      await command.printed('waiting');
      command.process.kill('SIGINT');
      assert.equal((await command.ended).code, 130);
    });

    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      it(`${signal} ends everything`, async () => {
        const command = new RunningCommand(['run', '-c', 'print("ready")\nwhile True: pass'], {
          stdin: null,
        });
        await command.printed('ready');
        const children = descendants(command.process.pid!);
        command.process.kill(signal);
        assert.equal((await command.ended).code, code);
        assert.deepEqual(await untilGone(children), []);
      });
    }

    it('SIGKILL leaves no process behind', async () => {
      const command = new RunningCommand(['run', '-c', 'print("ready")\nwhile True: pass'], { stdin: null });
      await command.printed('ready');
      const children = descendants(command.process.pid!);
      assert.notEqual(children.length, 0);
      command.process.kill('SIGKILL');
      await command.ended;
      assert.deepEqual(await untilGone(children), []);
    });

    it('a reader that goes away ends it quietly', async () => {
      const command = new RunningCommand(['run', '-c', 'while True: print("line")'], { stdin: null });
      await command.printed('line');
      command.process.stdout.destroy();
      const ended = await command.ended;
      assert.equal(ended.code, 141);
      assert.equal(ended.stderr, '');
    });
  });

  describe('capabilities', () => {
    it('lists every executor with every capability and a reason', async () => {
      const ended = await codeMode(['capabilities']);
      assert.equal(ended.code, 0, ended.stderr);
      for (const { id } of executorRegistry.list()) assert.match(ended.stdout, new RegExp(`^${id}: `, 'm'));
      for (const capability of ALL_CAPABILITIES) assert.ok(ended.stdout.includes(capability), capability);
    });

    it('prints JSON', async () => {
      const report = JSON.parse((await codeMode(['capabilities', '--json'])).stdout);
      assert.deepEqual(
        report.map((entry: { id: string }) => entry.id),
        executorRegistry.list().map(({ id }) => id),
      );
      for (const { id, capabilities, startError } of report) {
        // There need be no engine, nor its image.
        if (id !== 'container') assert.equal(startError, null);
        assert.equal(capabilities.length, ALL_CAPABILITIES.length);
      }
    });

    it('shows one executor', async () => {
      const [first] = executorRegistry.list();
      const report = JSON.parse((await codeMode(['capabilities', '--json', '--executor', first!.id])).stdout);
      assert.equal(report.length, 1);
      assertUsageError(await codeMode(['capabilities', '--executor', 'cloud']), /no executor "cloud"/);
    });

    it('verifies what is declared, limits that --set sets among it, and says what is not', async () => {
      const limits = ['--set', 'memoryLimit=512', '--set', 'cpuLimit=5'];
      const ended = await codeMode([
        'capabilities',
        '--verify',
        '--json',
        '--executor',
        'subprocess',
        ...limits,
      ]);
      assert.equal(ended.code, 0, ended.stdout);
      const [{ capabilities }] = JSON.parse(ended.stdout);
      const verified = new Set<string>();
      for (const { capability, supported, probe, detail } of capabilities) {
        if (supported) {
          assert.equal(probe.passed, true, `${capability}: ${probe.saw}`);
          verified.add(capability);
        } else assert.equal(probe, null);
        assert.ok(detail);
      }
      assert.ok(verified.has('memory_limit') && verified.has('cpu_limit'));
      const text = await codeMode(['capabilities', '--verify', '--executor', 'in-process']);
      assert.match(text.stdout, /verified: /);
      assert.match(text.stdout, /not declared: /);
    });

    it('takes --set for one executor only', async () => {
      assertUsageError(await codeMode(['capabilities', '--set', 'cpuLimit=5']), /--executor/);
    });
  });
});
