import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { stringify } from 'yaml';
import { writeScript } from '../../support/programs.ts';
import { until } from '../../support/until.ts';
import { commandLine, descendants, isAlive, untilGone } from '../support/processes.ts';
import { PROJECT_FOLDER } from '../support/subject.ts';
import { call, EVERYTHING, failed, LAB, type McpBench, SILENT, textOf, untilState } from './bench.ts';

/** The processes of ours that run this script. */
function running(script: string): number[] {
  return descendants(process.pid).filter((pid) => commandLine(pid).includes(script));
}

export function describeStarts(bench: McpBench): void {
  describe('the life of a server', () => {
    it('begins when it is first needed, and is shared by all who need it', async () => {
      const tool = bench.node(LAB);
      assert.deepEqual(running(LAB), []);
      assert.deepEqual(tool.health, { state: 'ready', detail: '' });
      assert.equal(tool.known, undefined);
      const pids = await Promise.all(Array.from({ length: 8 }, () => textOf(tool, 'pid')));
      assert.equal(new Set(pids).size, 1);
      assert.deepEqual(running(LAB).map(String), [pids[0]]);
      assert.deepEqual(tool.health, { state: 'running', detail: 'lab 1.2.3' });
    });

    it('is not begun where it has been described before', async () => {
      const first = bench.node(LAB);
      const described = await first.describe();
      const again = bench.node(LAB);
      assert.deepEqual(again.known, described);
      assert.deepEqual(await again.describe(), described);
      assert.equal(again.health.state, 'ready');
      assert.equal(running(LAB).length, 1);
    });

    it('says that it starts', async () => {
      const tool = bench.node(LAB);
      const seen: string[] = [];
      tool.onDidChange(() => seen.push(tool.health.state));
      const described = tool.describe();
      assert.equal(tool.health.state, 'starting');
      assert.match(tool.health.detail, /server\.mjs; a first start may download it, and has 120 s/);
      await described;
      assert.equal(seen[0], 'starting');
      assert.equal(seen.at(-1), 'running');
    });

    it('goes on when one of those who wait for its start gives up', async () => {
      const tool = bench.node(LAB);
      const impatient = new AbortController();
      const other = tool.describe();
      const given = tool.describe(impatient.signal);
      impatient.abort(new Error('no more'));
      await assert.rejects(given, /no more/);
      assert.ok((await other).callables.length > 10);
    });

    it('begins anew after a kill -9', async () => {
      const tool = bench.node(LAB);
      const first = await textOf(tool, 'pid');
      process.kill(Number(first), 'SIGKILL');
      await untilState(tool, 'failed');
      assert.match(tool.health.detail, /The server was ended by SIGKILL\..*next call starts it again/su);
      assert.notEqual(await textOf(tool, 'pid'), first);
      assert.equal(tool.health.state, 'running');
    });

    it('fails the call that is under way when it dies', async () => {
      const tool = bench.node(LAB);
      await assert.rejects(
        call(tool, 'die'),
        failed(/tools\.lab\.die failed: its MCP server ended with code 3 while it was under way/),
      );
      assert.match(tool.health.detail, /ended with code 3\.\nIt printed last:.*Goodbye, cruel world\./su);
      assert.equal(await textOf(tool, 'say', { text: 'again' }), 'again');
    });

    it('is not begun again and again where it crashes at once', async () => {
      const tool = bench.define(
        'name: bad\ntype: mcp\ncommand: node\nargs: [-e, "console.error(42); process.exit(9)"]',
      );
      for (let count = 0; count < 3; count += 1) {
        await assert.rejects(
          tool.describe(),
          failed(/could not be started by node .*: it ended with code 9\n.*\n {2}42/u),
        );
      }
      await assert.rejects(
        tool.describe(),
        failed(/has crashed 3 times, and is not started for the next \d+ s/),
      );
      // A person may.
      await assert.rejects(tool.server.restart(), failed(/ended with code 9/));
    });

    it('can be stopped and begun by a person', async () => {
      const tool = bench.node(LAB);
      const first = await textOf(tool, 'pid');
      await tool.server.stop();
      assert.deepEqual(running(LAB), []);
      assert.equal(tool.health.state, 'ready');
      await tool.server.restart();
      assert.equal(tool.health.state, 'running');
      const second = await textOf(tool, 'pid');
      assert.notEqual(second, first);
      await tool.server.restart();
      assert.notEqual(await textOf(tool, 'pid'), second);
      assert.equal(running(LAB).length, 1);
    });

    it('can be stopped while it starts', async () => {
      const tool = bench.node(SILENT);
      const described = tool.describe();
      await until('it runs', () => running(SILENT).length === 1);
      await tool.server.stop();
      await assert.rejects(described, failed(/was stopped/));
      assert.deepEqual(running(SILENT), []);
      assert.equal(tool.health.state, 'ready');
    });

    it('fails a call that is under way when it is stopped', async () => {
      const tool = bench.node(LAB);
      const progress = new Promise<void>((resolve) => {
        const hung = call(tool, 'hang', {}, { onProgress: () => resolve() });
        void assert.rejects(hung, failed(/its MCP server was stopped while it was under way/));
      });
      await progress;
      await tool.server.stop();
    });

    it('ends with the tool, and with all that it started', async () => {
      const wrapper = writeScript(path.join(bench.folder, 'wrapper'), [
        `sleep 1000 &`,
        `"${process.execPath}" "${EVERYTHING}"`,
      ]);
      const tool = bench.define(`name: wrapped\ntype: mcp\ncommand: ${wrapper}`);
      assert.equal(await textOf(tool, 'echo', { message: 'ä' }), 'Echo: ä');
      const all = descendants(process.pid);
      assert.ok(all.length >= 3, String(all.length));
      await tool[Symbol.asyncDispose]();
      assert.deepEqual(await untilGone(all, 0), []);
      await assert.rejects(call(tool, 'echo', { message: '' }), failed(/closed/, 'closed'));
    });

    it('ends with the npx that started it', async () => {
      const args = ['--no', '@modelcontextprotocol/server-memory'];
      const definition = { name: 'memory', type: 'mcp', command: 'npx', args, cwd: PROJECT_FOLDER };
      const tool = bench.define(
        stringify({ ...definition, env: { MEMORY_FILE_PATH: path.join(bench.folder, 'memory.jsonl') } }),
      );
      await tool.describe();
      const all = descendants(process.pid);
      assert.ok(all.length >= 2, String(all.length));
      await tool[Symbol.asyncDispose]();
      assert.deepEqual(await untilGone(all, 0), []);
    });

    it('ends when the process that started it is killed', async () => {
      const parent = spawn(process.execPath, [path.join(__dirname, 'mcp/parent.js')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [pid] = await once(parent.stdout.setEncoding('utf8'), 'data');
      assert.ok(isAlive(Number(pid)));
      parent.kill('SIGKILL');
      assert.deepEqual(await untilGone([Number(pid)]), []);
    });

    it('says that there is no such program', async () => {
      const tool = bench.define('name: gone\ntype: mcp\ncommand: no-such-program-here');
      // However often somebody tries.
      for (let count = 0; count < 4; count += 1) {
        await assert.rejects(
          tool.describe(),
          failed(/there is no program no-such-program-here\.\nInstall it/),
        );
      }
      assert.equal(tool.health.state, 'failed');
      assert.match(tool.health.detail, /Install it/);
      assert.match(tool.server.log(), /there is no program/);
    });

    it('says that there is no such folder', async () => {
      const tool = bench.node(LAB, { cwd: 'nowhere' });
      await assert.rejects(
        tool.describe(),
        failed(/could not be started by .*: there is no folder .*nowhere/),
      );
    });

    it('is given up where it never answers', async () => {
      const tool = bench.node(SILENT, {}, {}, 1_000);
      await assert.rejects(
        tool.describe(),
        failed(/could not be started by .*silent\.mjs: it was not ready within 1 s\n.*\n {2}I am busy\./u),
      );
      assert.equal(tool.health.state, 'failed');
      assert.deepEqual(running(SILENT), []);
    });
  });
}
