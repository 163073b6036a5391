import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBytecode } from '../../src/core/executors/subprocess/bytecode.ts';
import type { PythonEnvironment } from '../../src/core/executors/subprocess/environment/index.ts';
import { installedPythons } from '../support/pythonWorld.ts';

const SOURCES = path.join(__dirname, '../../../src/python');

describe('the bytecode of our Python files', () => {
  let scratch: string;
  let environment: PythonEnvironment;
  const log: string[] = [];

  before(async function () {
    const [python] = await installedPythons();
    if (!python) this.skip();
    const { executable, version } = python;
    environment = { executable, version, folder: undefined, label: 'test', kind: 'named' };
  });
  beforeEach(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'code-mode-bytecode-'));
    log.length = 0;
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  function copy(name: string): string {
    const folder = path.join(scratch, name);
    cpSync(SOURCES, folder, { recursive: true, filter: (file) => path.basename(file) !== '__pycache__' });
    return folder;
  }
  const ensure = (folder: string, python = environment) =>
    ensureBytecode(folder, python, (line) => void log.push(line));

  it('is made for each module and kept', async () => {
    const folder = copy('made');
    await Promise.all([ensure(folder), ensure(folder)]);
    const package_ = path.join(folder, 'code_mode');
    const cache = path.join(package_, '__pycache__');
    const modules = readdirSync(package_).filter((name) => name.endsWith('.py'));
    assert.equal(readdirSync(cache).length, modules.length);
    const made = statSync(cache).mtimeMs;
    await ensure(folder);
    assert.equal(statSync(cache).mtimeMs, made);
    assert.deepEqual(log, []);
  });

  it('is done without where it cannot be made', async () => {
    const folder = copy('missing');
    await ensure(folder, { ...environment, executable: path.join(scratch, 'no-python') });
    assert.deepEqual(log.length, 1);
    assert.match(log[0] ?? '', /could not be compiled/);
  });
});
