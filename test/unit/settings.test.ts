import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { assertWritable, resolveBaseFolder } from '../../src/ui/settings/baseFolder.ts';
import { parseSessionSettings } from '../../src/ui/settings/schema.ts';

const EXECUTORS = ['sandbox', 'in-process'];
const GOOD = { executor: 'sandbox', timeout: 0 };

describe('the settings of a session', () => {
  it('are taken where they are right', () => {
    assert.deepEqual(parseSessionSettings(GOOD, EXECUTORS), {
      executor: 'sandbox',
      timeoutS: null,
    });
    assert.equal(parseSessionSettings({ ...GOOD, timeout: 1.5 }, EXECUTORS).timeoutS, 1.5);
  });

  it('name what is broken and what to do', () => {
    const cases: [Partial<Record<keyof typeof GOOD, unknown>>, RegExp][] = [
      [
        { executor: 'docker' },
        /codeMode\.executor is "docker": there is no such executor\.\n.*sandbox, in-process/,
      ],
      [{ executor: null }, /codeMode\.executor is null: an executor is a name/],
      [{ timeout: -1 }, /codeMode\.timeout is -1: a timeout is above zero seconds\.\n.*0 for no limit/],
      [{ timeout: '5' }, /codeMode\.timeout is "5": a timeout is a number of seconds/],
      [{ timeout: 1e9 }, /codeMode\.timeout is 1000000000: a timeout is at most 2,000,000 seconds/],
    ];
    for (const [broken, expected] of cases) {
      assert.throws(
        () => parseSessionSettings({ ...GOOD, ...broken }, EXECUTORS),
        (error) => CodeModeError.is(error, 'settings') && expected.test(CodeModeError.describe(error)),
        JSON.stringify(broken),
      );
    }
  });
});

describe('the base folder', () => {
  const places = { workspaceFolder: path.resolve('/work'), home: path.resolve('/home/me') };

  it('is relative to the workspace folder, or absolute', () => {
    assert.equal(resolveBaseFolder('.code-mode', places), path.resolve('/work/.code-mode'));
    assert.equal(resolveBaseFolder('../store', places), path.resolve('/store'));
    assert.equal(resolveBaseFolder(path.resolve('/store'), places), path.resolve('/store'));
  });

  it('knows the home and the workspace folder by name', () => {
    assert.equal(resolveBaseFolder('~/store', places), path.resolve('/home/me/store'));
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of the setting, not of the code
    assert.equal(resolveBaseFolder('${userHome}/store', places), path.resolve('/home/me/store'));
    assert.equal(resolveBaseFolder('${workspaceFolder}/store', places), path.resolve('/work/store'));
    assert.throws(() => resolveBaseFolder('${env:STORE}', places), /unknown variable \$\{env:STORE\}/);
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of the setting, not of the code
  });

  it('is nowhere where it is relative and no folder is open', () => {
    const none = { ...places, workspaceFolder: undefined };
    assert.equal(resolveBaseFolder('.code-mode', none), undefined);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the setting, not of the code
    assert.equal(resolveBaseFolder('${workspaceFolder}/store', none), undefined);
    assert.equal(resolveBaseFolder('~/store', none), path.resolve('/home/me/store'));
  });

  it('can be made later, but not where a file is in the way', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'base-'));
    try {
      await assertWritable(folder);
      await assertWritable(path.join(folder, 'not/there/yet'));
      const file = path.join(folder, 'file');
      await writeFile(file, '');
      await assert.rejects(
        assertWritable(path.join(file, 'base')),
        (error) => CodeModeError.is(error, 'settings') && /file is not a folder/.test(error.message),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
