import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { isRunning } from '../../src/core/common/processes.ts';
import { CodeModeError, ToolArgumentsError, ToolFailedError } from '../../src/core/contract/errors.ts';
import { CliTools, callableOf, callTool, jsonOf, onePart, textOf } from '../support/cliTools.ts';
import { writeScript } from '../support/programs.ts';
import { until } from '../support/until.ts';

/** A tool whose program is a script of the test's folder. */
const SCRIPT =
  'name: t\ncommand: ./script\nschema: {positional: [{name: args, type: array}]}\nrecipes: {r: {}}';

describe('command-line tools', function () {
  this.timeout(30_000);
  const tools = new CliTools().install();

  before(function () {
    // The programs here are scripts of a POSIX shell.
    if (process.platform === 'win32') this.skip();
  });

  /** A tool that runs these lines of a shell script. */
  function script(lines: readonly string[], more = '') {
    writeScript(path.join(tools.folder, 'script'), lines);
    return tools.make(`${SCRIPT}\n${more}`);
  }

  /** The ids of processes that a script has written down, each in a file of its own. */
  async function written(...names: readonly string[]): Promise<number[]> {
    const files = names.map((name) => path.join(tools.folder, name));
    const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    await until('what the script writes', () => files.every((file) => read(file).endsWith('\n')));
    return files.map((file) => Number(read(file)));
  }

  /** A killed process may stay in the list for a moment, until its new parent has noticed. */
  const isAlive = (pid: number) => {
    if (!isRunning(pid)) return false;
    if (process.platform !== 'linux') return true;
    try {
      return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  };

  const failure = (pattern: RegExp) => (error: unknown) => {
    assert.ok(error instanceof ToolFailedError, String(error));
    assert.match(CodeModeError.describe(error), pattern);
    return true;
  };

  describe('arguments and input', () => {
    it('reach the program as they are', async () => {
      const tool = script([`printf '[%s]' "$@"`]);
      const args = ['a b', '$HOME', '`id`', ';ls', '*', '"', "'", '', 'ä€😀', '\n', '%PATH%', '\\'];
      assert.equal(textOf(await callTool(tool, 'r', { args })), args.map((arg) => `[${arg}]`).join(''));
    });

    it('give a program that reads its input an end at once', async () => {
      assert.equal(textOf(await callTool(script(['cat; echo done']), 'r')), 'done\n');
    });

    it('are written to the program, as much as there is', async () => {
      const tool = tools.make(
        'name: wc\nschema: {options: {bytes: {type: boolean}}, stdin: {}}\nrecipes: {r: {}}',
      );
      const input = Buffer.alloc(3_000_000, 'x');
      assert.equal(textOf(await callTool(tool, 'r', { bytes: true, input })).trim(), '3000000');
    });

    it('may be more than the program reads', async () => {
      writeScript(path.join(tools.folder, 'script'), ['echo enough']);
      const tool = tools.make('name: t\ncommand: ./script\nschema: {stdin: {}}\nrecipes: {r: {}}');
      assert.equal(textOf(await callTool(tool, 'r', { input: Buffer.alloc(3_000_000) })), 'enough\n');
    });

    it('that are too long are refused with what to do', async () => {
      await assert.rejects(callTool(script(['true']), 'r', { args: ['x'.repeat(4_000_000)] }), (error) => {
        assert.ok(error instanceof ToolArgumentsError);
        assert.match(error.hint ?? '', /schema\.stdin/);
        return true;
      });
    });

    it('that look like options are passed behind --', async () => {
      const tool = tools.make('name: cat\nschema: {positional: [{name: file}]}\nrecipes: {r: {}}');
      writeFileSync(path.join(tools.folder, '--version'), 'a file');
      assert.equal(textOf(await callTool(tool, 'r', { file: '--version' })), 'a file');
    });
  });

  describe('surroundings', () => {
    it('are the working folder, or one from there', async () => {
      assert.equal(textOf(await callTool(script(['pwd']), 'r')), `${tools.folder}\n`);
      mkdirSync(path.join(tools.folder, 'sub'));
      assert.equal(textOf(await callTool(script(['pwd'], 'cwd: sub'), 'r')), `${tools.folder}/sub\n`);
    });

    it('are our environment with what the file adds, but for the editor’s own', async () => {
      tools.secrets = { TOKEN: 'hidden' };
      process.env.CODE_MODE_TEST_OWN = 'x';
      try {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what is filled.
        const env = 'env: {MINE: "a ${TOKEN}", NUMBER: 1}';
        const tool = script(['echo "$MINE $NUMBER [$CODE_MODE_TEST_OWN]"; test -n "$PATH"'], env);
        assert.equal(textOf(await callTool(tool, 'r')), 'a hidden 1 []\n');
        const shown = tool.commandLine({ callable: callableOf(tool, 'r'), arguments: {} });
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what is not filled.
        assert.equal(shown, "MINE='a ${TOKEN}' NUMBER=1 ./script");
      } finally {
        delete process.env.CODE_MODE_TEST_OWN;
      }
    });
  });

  describe('output', () => {
    it('is text as it is, with the line break at its end', async () => {
      const part = onePart(await callTool(script(["printf 'gr\\303\\274n 😀\\n'"]), 'r'));
      assert.deepEqual(part, { type: 'utf8', bytes: part.type === 'utf8' && part.bytes });
      assert.equal(textOf(part), 'grün 😀\n');
    });

    it('can be opened by name, as scripts do', async () => {
      const tool = script(['echo problem > /dev/stderr; echo out > /dev/stdout; exit $1']);
      assert.equal(textOf(await callTool(tool, 'r')), 'out\n');
      await assert.rejects(callTool(tool, 'r', { args: ['1'] }), failure(/exit code 1\.\nproblem$/));
    });

    it('that is not UTF-8 is bytes, unless the file says that it is text', async () => {
      const lines = ["printf 'a\\377\\000b'"];
      assert.deepEqual(await callTool(script(lines), 'r'), {
        type: 'bytes',
        bytes: Buffer.from('a\xff\0b', 'latin1'),
      });
      assert.equal(textOf(await callTool(script(lines, 'output: text'), 'r')), 'a\ufffd\0b');
    });

    it('is bytes where the file says so', async () => {
      const part = await callTool(script(['printf abc'], 'output: bytes'), 'r');
      assert.deepEqual(part, { type: 'bytes', bytes: Buffer.from('abc') });
    });

    it('is values where the file says that it is JSON', async () => {
      const json = script([`printf '{"a": [1, null]}\\n'`], 'output: json');
      assert.deepEqual(jsonOf(await callTool(json, 'r')), { a: [1, null] });
      const lines = script([`printf '{"a": 1}\\n\\n2\\n'`], 'output: json_lines');
      assert.deepEqual(jsonOf(await callTool(lines, 'r')), [{ a: 1 }, 2]);
      await assert.rejects(
        callTool(script(['echo Sorry: no.'], 'output: json'), 'r'),
        failure(/to be JSON, but it begins with "Sorry: no\."/),
      );
      await assert.rejects(callTool(script(['true'], 'output: json'), 'r'), failure(/it is empty/));
    });

    it('of 2 MB arrives whole', async () => {
      const part = onePart(await callTool(script(['head -c 2097152 /dev/zero | tr "\\0" x']), 'r'));
      assert.equal(part.type === 'utf8' && part.bytes.byteLength, 2 * 1024 * 1024);
    });

    it('of 200 MB arrives whole, or is cut where the limit is', async () => {
      const lines = ['head -c 209715200 /dev/zero | tr "\\0" x'];
      const whole = onePart(await callTool(script(lines), 'r'));
      assert.equal(whole.type === 'utf8' && whole.bytes.byteLength, 200 * 1024 * 1024);
      tools.maxResultBytes = 1_000_000;
      const cut = textOf(await callTool(script(lines), 'r'));
      assert.equal(cut.slice(0, 1_000_000), 'x'.repeat(1_000_000));
      assert.equal(cut.slice(1_000_000), '\n[… the output ends here: the first 1 MB of 209.7 MB]\n');
    });

    it('is cut between characters', async () => {
      tools.maxResultBytes = 10;
      const cut = textOf(await callTool(script(['printf 12345678€rest']), 'r'));
      assert.ok(cut.startsWith('12345678\n[…'), cut);
      tools.maxResultBytes = 11;
      assert.ok(textOf(await callTool(script(['printf 12345678€rest']), 'r')).startsWith('12345678€\n[…'));
    });

    it('is not cut where it would be worth nothing then', async () => {
      tools.maxResultBytes = 1_000;
      const bytes = script(['head -c 5000 /dev/zero'], 'output: bytes');
      await assert.rejects(
        callTool(bytes, 'r'),
        failure(/gave 0\.005 MB of output, more than the 0\.001 MB/),
      );
      const binary = script(["printf '\\377%5000s' x"]);
      await assert.rejects(callTool(binary, 'r'), failure(/more than/));
    });
  });

  describe('failures', () => {
    it('are told by exit code and standard error, without secrets', async () => {
      tools.secrets = { TOKEN: 'hidden' };
      const tool = script(['echo printed; echo "bad hidden thing" >&2; exit 3']);
      await assert.rejects(
        callTool(tool, 'r'),
        failure(/^tools\.t\.r: \.\/script ended with exit code 3\.\nbad \*\*\* thing$/),
      );
      await assert.rejects(callTool(tool, null), failure(/^tools\.t: /));
    });

    it('show the end of what was said', async () => {
      const tool = script(['i=0; while [ $i -lt 3000 ]; do echo "line $i" >&2; i=$((i+1)); done; exit 1']);
      await assert.rejects(callTool(tool, 'r'), (error: Error) => {
        assert.match(error.message, /line 2999$/);
        assert.ok(error.message.length < 5_000);
        return true;
      });
      await assert.rejects(callTool(script(['echo only here; exit 1']), 'r'), failure(/\nonly here$/));
    });

    it('are what the file does not call a success', async () => {
      assert.equal(textOf(await callTool(script(['echo x; exit 1'], 'exit_codes: [0, 1]'), 'r')), 'x\n');
    });

    it('name the signal', async () => {
      await assert.rejects(callTool(script(['kill -SEGV $$']), 'r'), failure(/ended by the signal SIGSEGV/));
    });

    it('say what is not installed, not executable or not there', async () => {
      const missing = tools.make(
        'name: no-such-program-here\nrecipes: {r: {}}'.replace('name: ', 'name: t\ncommand: '),
      );
      await assert.rejects(
        callTool(missing, 'r'),
        failure(/"no-such-program-here" is not installed[\s\S]*search path/),
      );
      await assert.rejects(
        callTool(tools.make(SCRIPT), 'r'),
        failure(/script" is not installed[\s\S]*Mend `command`/),
      );
      const tool = script(['true']);
      chmodSync(path.join(tools.folder, 'script'), 0o644);
      await assert.rejects(callTool(tool, 'r'), failure(/may be executed[\s\S]*chmod \+x/));
      await assert.rejects(
        callTool(script(['true'], 'cwd: nowhere'), 'r'),
        failure(/nowhere does not exist/),
      );
      writeFileSync(path.join(tools.folder, 'script'), '#!/no/such/interpreter\n', { mode: 0o755 });
      chmodSync(path.join(tools.folder, 'script'), 0o755);
      await assert.rejects(callTool(tools.make(SCRIPT), 'r'), failure(/what it is run by is missing/));
    });

    it('come before a batch file runs', async () => {
      const tool = tools.make('name: t\ncommand: ./do.cmd\nrecipes: {r: {}}');
      await assert.rejects(callTool(tool, 'r'), failure(/do\.cmd is a batch file/));
    });
  });

  describe('the end', () => {
    /** A child and a grandchild that sleep, one of them in a session of its own. */
    const FAMILY = [
      "sh -c 'sleep 600 & echo $! > grandchild; wait' & echo $! > child",
      process.platform === 'linux' ? 'setsid sleep 600 & echo $! > apart' : 'sleep 600 & echo $! > apart',
      'echo busy >&2; echo $$ > self; wait',
    ];

    it('comes to a program and all below it when its time is over', async () => {
      const call = callTool(script(FAMILY, 'timeout: 3'), 'r');
      const failed = assert.rejects(call, failure(/was ended after 3 seconds, its timeout\.\nbusy\n/));
      const processes = await written('self', 'child', 'grandchild', 'apart');
      await failed;
      await until('their end', () => !processes.some(isAlive));
    });

    it('comes when the run ends', async () => {
      const run = new AbortController();
      const call = callTool(script(FAMILY), 'r', {}, { signal: run.signal });
      const failed = assert.rejects(call, (error) => CodeModeError.is(error, 'cancelled'));
      const processes = await written('self', 'child', 'grandchild', 'apart');
      run.abort();
      await failed;
      await until('their end', () => !processes.some(isAlive));
      await assert.rejects(callTool(script(FAMILY), 'r', {}, { signal: run.signal }), (error) =>
        CodeModeError.is(error, 'cancelled'),
      );
    });

    it('comes to what does not end when it is told to', async () => {
      const tool = script(["trap '' TERM; echo $$ > self; while true; do sleep 1; done"], 'timeout: 1');
      const failed = assert.rejects(callTool(tool, 'r'), failure(/its timeout/));
      const processes = await written('self');
      await failed;
      await until('their end', () => !processes.some(isAlive));
    });

    it('comes to a program that is told to, and may tidy up', async () => {
      const tool = script(
        ["trap 'echo tidy > tidied; exit 0' TERM; echo $$ > self; sleep 600 & wait"],
        'timeout: 1',
      );
      await assert.rejects(callTool(tool, 'r'), failure(/its timeout/));
      assert.ok(existsSync(path.join(tools.folder, 'tidied')));
    });

    it('does not wait for a child that keeps the output open, and leaves none', async () => {
      const tool = script(['sleep 600 & echo $! > child', 'echo done']);
      assert.equal(textOf(await callTool(tool, 'r')), 'done\n');
      const processes = await written('child');
      await until('their end', () => !processes.some(isAlive));
    });

    it('waits a moment for what comes late', async () => {
      assert.equal(textOf(await callTool(script(['(sleep 0.1; echo late) &']), 'r')), 'late\n');
    });

    it('comes with the tool', async () => {
      const tool = script(FAMILY);
      const failed = assert.rejects(callTool(tool, 'r'), (error) => CodeModeError.is(error, 'cancelled'));
      const processes = await written('self', 'child', 'grandchild', 'apart');
      await tool[Symbol.asyncDispose]();
      await failed;
      await until('their end', () => !processes.some(isAlive));
      await assert.rejects(callTool(tool, 'r'), (error) => CodeModeError.is(error, 'closed'));
    });

    it('brings each of many calls its own result', async () => {
      const tool = script(['sleep 0.0$(( $1 % 5 )); echo "$1"']);
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, index) => callTool(tool, 'r', { args: [index] })),
      );
      assert.deepEqual(
        results.map(textOf),
        results.map((_, index) => `${index}\n`),
      );
    });
  });

  describe('of programs that everybody has', () => {
    const JQ = `
name: jq
schema:
  options: {raw: {type: boolean, short: r}, compact: {type: boolean, short: c}}
  positional: [{name: filter, required: true}]
  stdin: {name: input}
recipes:
  query: {params: {filter: {}, input: {}}, output: json}
  raw: {preset: {raw: true}, params: {filter: {}, input: {}}}`;

    it('ask jq', async () => {
      const tool = tools.make(JQ);
      const input = { list: [{ name: 'ä' }, { name: 'b' }] };
      assert.deepEqual(jsonOf(await callTool(tool, 'query', { filter: '[.list[].name]', input })), [
        'ä',
        'b',
      ]);
      assert.equal(textOf(await callTool(tool, 'raw', { filter: '.list[0].name', input })), 'ä\n');
      assert.equal(textOf(await callTool(tool, null, { filter: '.' })), '');
      await assert.rejects(
        callTool(tool, 'query', { filter: '.[', input }),
        failure(/exit code [23]\.\njq: error/),
      );
      await assert.rejects(callTool(tool, 'query', { filter: '--help' }), ToolArgumentsError);
    });

    describe('with a server', () => {
      let server: Server;
      let base: string;

      beforeEach(async () => {
        server = createServer((request, response) => {
          const chunks: Buffer[] = [];
          request.on('data', (chunk: Buffer) => chunks.push(chunk));
          request.on('end', () => {
            if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
            else if (request.url === '/never') response.write('begun');
            else if (request.url === '/missing') response.writeHead(404).end();
            else {
              const { method, url, headers } = request;
              response.end(
                JSON.stringify({
                  method,
                  url,
                  own: headers['x-own'],
                  body: Buffer.concat(chunks).toString(),
                }),
              );
            }
          });
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      });

      afterEach(() => {
        server.closeAllConnections();
        server.close();
      });

      const CURL = `
name: curl
timeout: 1
schema:
  options:
    silent: {type: boolean, short: s}
    location: {type: boolean, short: L}
    fail: {type: boolean}
    header: {type: array, short: H}
    data: {type: string, short: d}
    request: {type: string, short: X}
    noproxy: {default: '*'}
  positional: [{name: url, type: string, required: true}]
recipes:
  get: {preset: {silent: true, location: true}, params: {url: {}}, output: json}
  post: {preset: {silent: true, request: POST}, params: {url: {}, data: {}}, output: json}`;

      it('ask curl', async () => {
        const tool = tools.make(CURL);
        assert.deepEqual(jsonOf(await callTool(tool, 'get', { url: `${base}/old` })), {
          method: 'GET',
          url: '/new',
          body: '',
        });
        assert.deepEqual(jsonOf(await callTool(tool, 'post', { url: base, data: '-x=1&y=ä' })), {
          method: 'POST',
          url: '/',
          body: '-x=1&y=ä',
        });
        const direct = await callTool(tool, null, { url: base, silent: true, header: ['X-Own: a b'] });
        assert.equal(JSON.parse(textOf(direct)).own, 'a b');
        const missing = { url: `${base}/missing`, silent: true, fail: true };
        await assert.rejects(callTool(tool, null, missing), failure(/exit code 22/));
      });

      it('end curl in time', async () => {
        const never = callTool(tools.make(CURL), 'get', { url: `${base}/never` });
        await assert.rejects(never, failure(/curl was ended after 1 second/));
      });
    });
  });
});
