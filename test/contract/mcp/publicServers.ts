import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { pythonEnvironment } from '../../support/pythonEnvironment.ts';
import { PROJECT_FOLDER } from '../support/subject.ts';
import { call, callableOf, FILESYSTEM, failed, type McpBench, MEMORY } from './bench.ts';

export function describePublicServers(bench: McpBench): void {
  describe('public servers', () => {
    it('filesystem: reads and writes in the working folder, which is its root', async () => {
      const tool = bench.node(FILESYSTEM, { args: [FILESYSTEM, '/nowhere', bench.folder] });
      const file = path.join(bench.folder, 'ä b.txt');
      await call(tool, 'write_file', { path: file, content: 'Ἑλλάς' });
      assert.deepEqual(await call(tool, 'read_text_file', { path: file }), {
        type: 'json',
        value: { content: 'Ἑλλάς' },
      });
      writeFileSync(path.join(bench.folder, 'pixel.png'), Buffer.from([1, 2, 3, 255]));
      await assert.rejects(call(tool, 'read_text_file', { path: '/etc/passwd' }), failed(/denied/));
      mkdirSync(path.join(bench.folder, 'sub'));
      const listed = await call(tool, 'list_directory', { path: bench.folder });
      assert.match(JSON.stringify(listed), /\[DIR\] sub/);
      const { parameters } = await callableOf(tool, 'edit_file');
      assert.deepEqual(
        parameters.map(({ name, type, required }) => [name, type, required]),
        [
          ['path', 'string', true],
          ['edits', 'array', true],
          ['dryRun', 'boolean', false],
        ],
      );
    });

    it('memory: keeps what it is told in its own file', async () => {
      const file = path.join(bench.folder, 'memory.jsonl');
      const tool = bench.node(MEMORY, { env: { MEMORY_FILE_PATH: file } });
      const entities = [{ name: 'Ada', entityType: 'person', observations: ['writes programs'] }];
      await call(tool, 'create_entities', { entities });
      await tool.server.restart();
      assert.match(JSON.stringify(await call(tool, 'read_graph')), /writes programs/);
    });

    it('time: a program in Python', async function () {
      this.timeout(10 * 60_000);
      const python = await pythonEnvironment(PROJECT_FOLDER, 'mcp');
      if (python === undefined) {
        assert.notEqual(process.env.CI, 'true', 'mcp-server-time must be there');
        this.skip();
      }
      const args = ['-m', 'mcp_server_time', '--local-timezone', 'UTC'];
      const tool = bench.define(stringify({ name: 'time', type: 'mcp', command: python, args }));
      const now = await call(tool, 'get_current_time', { timezone: 'Europe/Athens' });
      assert.match(JSON.stringify(now), /Europe\/Athens/);
      const { parameters } = await callableOf(tool, 'convert_time');
      assert.deepEqual(
        parameters.map(({ name, required }) => [name, required]),
        [
          ['source_timezone', true],
          ['time', true],
          ['target_timezone', true],
        ],
      );
      await assert.rejects(
        call(tool, 'get_current_time', { timezone: 'Mars/Olympus' }),
        failed(/tools\.time\.get_current_time failed: .*Mars/),
      );
    });
  });
}
