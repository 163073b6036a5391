import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FoundInterpreter } from '../../src/core/executors/subprocess/environment/index.ts';
import type { KnownEnvironment } from '../../src/ui/interpreter/knownEnvironment.ts';
import { type OfferedFrom, offerInterpreters } from '../../src/ui/interpreter/offeredInterpreters.ts';

const windows = process.platform === 'win32';

describe('the menu of interpreters', () => {
  let root: string;
  let workspaceFolder: string;
  let installed: string;

  before(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'offered-'));
    workspaceFolder = path.join(root, 'work');
    installed = path.join(root, 'usr', windows ? 'python.exe' : 'bin/python3.12');
    mkdirSync(path.dirname(installed), { recursive: true });
    writeFileSync(installed, '');
    for (const folder of [path.join(workspaceFolder, '.venv'), path.join(root, 'other')]) {
      const interpreter = interpreterOf(folder);
      mkdirSync(path.dirname(interpreter), { recursive: true });
      writeFileSync(path.join(folder, 'pyvenv.cfg'), '');
      // Environments are told apart although their interpreters are links to one file.
      if (windows) writeFileSync(interpreter, '');
      else symlinkSync(installed, interpreter);
    }
  });

  after(() => rmSync(root, { recursive: true }));

  const interpreterOf = (folder: string) =>
    windows ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
  const own = (): FoundInterpreter => ({
    executable: interpreterOf(path.join(workspaceFolder, '.venv')),
    setting: '.venv',
    version: '3.12.4',
    label: '.venv',
    folder: path.join(workspaceFolder, '.venv'),
    kind: 'workspace',
  });
  const installation = (): FoundInterpreter => ({
    executable: installed,
    setting: installed,
    version: '3.12.4',
    label: 'Python 3.12',
    folder: undefined,
    kind: 'installation',
  });
  const managed = (): FoundInterpreter => ({
    executable: interpreterOf(path.join(root, 'kept')),
    setting: '3.13',
    version: '3.13.1',
    label: 'managed, Python 3.13',
    folder: path.join(root, 'kept'),
    kind: 'managed',
  });
  const known = (executable: string, name = ''): KnownEnvironment => ({
    executable,
    prefix: undefined,
    name,
    version: '3.12.4',
  });

  /** What is offered, as `group: mark label = setting [note]`. */
  async function offered(from: Partial<OfferedFrom> = {}): Promise<string[]> {
    const all = await offerInterpreters({
      setting: '',
      workspaceFolder,
      found: [managed(), own(), installation()],
      extension: { name: '', environments: [], chosen: undefined },
      ...from,
    });
    return all.map(
      ({ group, isCurrent, label, setting, note }) =>
        `${group}: ${isCurrent ? '✓ ' : ''}${label} = ${setting}${note && ` [${note}]`}`,
    );
  }

  it('has the environments, the installations, and each version that an environment can be made of', async () => {
    assert.deepEqual(await offered(), [
      'workspace: Python 3.12.4 (.venv) = .venv',
      `other: Python 3.12.4 = ${installed}`,
      'managed: Python 3.13 = 3.13',
      'managed: Python 3.12 = 3.12 [made when it is first used]',
    ]);
  });

  it('adds what another extension knows besides, and says what was chosen there', async () => {
    const other = interpreterOf(path.join(root, 'other'));
    const extension = {
      name: 'Python',
      environments: [known(own().executable), known(installed), known(other, 'other')],
      chosen: known(own().executable),
    };
    const withThem = await offered({ extension });
    assert.deepEqual(withThem.slice(0, 3), [
      'workspace: Python 3.12.4 (.venv) = .venv [chosen in the extension Python]',
      `other: Python 3.12.4 = ${installed}`,
      `extension: Python 3.12.4 (other) = ${other}`,
    ]);
    const chosen = await offered({ found: [], extension: { ...extension, chosen: known(other) } });
    assert.equal(chosen[0], `extension: Python 3.12.4 = ${other} [chosen in the extension Python]`);
    assert.equal(chosen.length, 3);
  });

  it('marks what the setting says, however it is written', async () => {
    const marked = async (setting: string) =>
      (await offered({ setting })).filter((line) => line.includes('✓')).map((line) => line.split(' = ')[0]);
    const ownLine = ['workspace: ✓ Python 3.12.4 (.venv)'];
    assert.deepEqual(await marked('.venv'), ownLine);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the setting, not of the code
    assert.deepEqual(await marked('${workspaceFolder}/.venv'), ownLine);
    assert.deepEqual(await marked(own().executable), ownLine);
    assert.deepEqual(await marked(installed), ['other: ✓ Python 3.12.4']);
    assert.deepEqual(await marked('3.12'), ['managed: ✓ Python 3.12']);
    assert.deepEqual(await marked('3.9'), ['managed: ✓ Python 3.9']);
    assert.deepEqual(await marked(''), []);
  });

  it('shows a setting that names none of them, also one that cannot be used', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the setting, not of the code
    for (const setting of ['/nowhere/python', '2.7', '${env:HOME}/python']) {
      assert.equal((await offered({ setting })).at(-1), `current: ✓ ${setting} = ${setting}`);
    }
    const none = await offered({ setting: 'python', workspaceFolder: undefined });
    assert.equal(none.at(-1), 'current: ✓ python = python');
  });
});
