import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { STUB_MARKER } from '../../src/core/stubs/stubFiles.ts';
import { resolveStubFolder, syncStubs } from '../../src/ui/stubs/stubFolder.ts';

let workspace: string;
let folder: string;

const FILES = new Map([
  ['__builtins__.pyi', `${STUB_MARKER}\ntools: int\n`],
  ['code_mode/__init__.pyi', `${STUB_MARKER}\n`],
]);

beforeEach(async () => {
  workspace = await mkdtemp(path.join(os.tmpdir(), 'stub-folder-'));
  folder = path.join(workspace, 'typings');
});

afterEach(() => rm(workspace, { recursive: true, force: true }));

const listed = async (of = folder) => (await readdir(of, { recursive: true })).sort();
const read = (file: string) => readFile(path.join(folder, file), 'utf8');
const put = async (file: string, text: string) => {
  await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
};
const resolve = (value: unknown) =>
  resolveStubFolder({ setting: 'codeMode.stubs.folder', value, workspaceFolder: workspace });

describe('the folder of the stubs', () => {
  it('is made, kept from version control and taken away again', async () => {
    assert.deepEqual(await syncStubs(folder, FILES), []);
    assert.deepEqual(await listed(), [
      '.gitignore',
      '__builtins__.pyi',
      'code_mode',
      'code_mode/__init__.pyi',
    ]);
    assert.equal(
      await read('.gitignore'),
      `${STUB_MARKER}\n/.gitignore\n/__builtins__.pyi\n/code_mode/__init__.pyi\n`,
    );
    await syncStubs(folder, new Map());
    assert.deepEqual(await listed(workspace), []);
    await syncStubs(folder, new Map());
  });

  it('is written only where something has changed', async () => {
    await syncStubs(folder, FILES);
    const before = (await stat(path.join(folder, '__builtins__.pyi'))).ino;
    const other = (await stat(path.join(folder, 'code_mode/__init__.pyi'))).ino;
    await syncStubs(folder, new Map([...FILES, ['code_mode/__init__.pyi', `${STUB_MARKER}\nx: int\n`]]));
    assert.equal((await stat(path.join(folder, '__builtins__.pyi'))).ino, before);
    assert.notEqual((await stat(path.join(folder, 'code_mode/__init__.pyi'))).ino, other);
    assert.match(await read('code_mode/__init__.pyi'), /x: int/);
  });

  it('loses what is not made any more', async () => {
    await syncStubs(folder, new Map([...FILES, ['code_mode/old.pyi', `${STUB_MARKER}\n`]]));
    await syncStubs(folder, FILES);
    assert.ok(!(await listed()).includes('code_mode/old.pyi'));
  });

  it('keeps what somebody else has made', async () => {
    const theirs = ['.gitignore', '__builtins__.pyi', 'code_mode/mine.pyi', 'numpy/__init__.pyi'];
    for (const file of theirs) await put(file, `# ${file}\n`);
    assert.deepEqual(await syncStubs(folder, FILES), ['__builtins__.pyi']);
    await syncStubs(folder, new Map());
    for (const file of theirs) assert.equal(await read(file), `# ${file}\n`);
    assert.deepEqual(await listed(), [...theirs, 'code_mode', 'numpy'].sort());
  });

  it('is no folder that a file is in the place of, and says so', async () => {
    await writeFile(folder, 'text');
    await assert.rejects(syncStubs(folder, FILES), (error) => {
      assert.ok(CodeModeError.is(error, 'file'));
      assert.match(error.message, /typings can't be written: a part of its path is a file/);
      return true;
    });
  });

  it('is in the workspace', async () => {
    assert.equal(await resolve('typings'), folder);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of settings
    assert.equal(await resolve('${workspaceFolder}/a/b'), path.join(workspace, 'a/b'));
    assert.equal(await resolve(folder), folder);
    for (const value of ['..', '../other', '/tmp', '.', '', 'a/../..']) {
      await assert.rejects(resolve(value), (error) => {
        assert.ok(CodeModeError.is(error, 'settings'));
        assert.match(error.message, /codeMode\.stubs\.folder .* in the workspace only/);
        return true;
      });
    }
  });

  it('is not behind a link that leads elsewhere', async () => {
    const outside = await mkdtemp(path.join(os.tmpdir(), 'outside-'));
    try {
      await symlink(outside, folder);
      await assert.rejects(resolve('typings'), /a link in it leads out of the workspace/);
      await rm(folder);
      await mkdir(folder);
      await symlink(outside, path.join(folder, 'code_mode'));
      await assert.rejects(resolve('typings'), /a link in it leads out of the workspace/);
    } finally {
      await rm(outside, { recursive: true });
    }
  });
});
