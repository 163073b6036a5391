import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { assertWritable, resolveBaseFolder } from '../../src/ui/settings/baseFolder.ts';
import { parseDepsSettings } from '../../src/ui/settings/deps.ts';
import { parseBaseFolder, parseSessionSettings } from '../../src/ui/settings/schema.ts';
import { parseEmbeddingsSettings, parseStorageSettings } from '../../src/ui/settings/storage.ts';

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

describe('the setting of the base folder', () => {
  it('is a text with something in it', () => {
    assert.equal(parseBaseFolder('.code-mode'), '.code-mode');
    assert.throws(
      () => parseBaseFolder('  '),
      /codeMode\.baseFolder is " {2}": the name of the folder is empty/,
    );
    assert.throws(() => parseBaseFolder(undefined), /codeMode\.baseFolder is missing: a folder is a text/);
  });
});

describe('the settings of the store', () => {
  const FILES = {
    storage: 'file',
    'redis.url': 'redis://127.0.0.1:6379/0',
    'redis.prefix': 'py_code_mode',
    workspaceId: '',
  };
  const REDIS = { ...FILES, storage: 'redis' };

  it('choose files of the base folder, where there is one', () => {
    assert.deepEqual(parseStorageSettings(FILES, '/base'), { type: 'file', baseFolder: '/base' });
    assert.equal(parseStorageSettings(FILES, undefined), undefined);
    assert.deepEqual(parseStorageSettings({ ...FILES, workspaceId: 'team-1' }, '/base'), {
      type: 'file',
      baseFolder: '/base',
      workspaceId: 'team-1',
    });
  });

  it('choose Redis, with or without a base folder', () => {
    assert.deepEqual(parseStorageSettings(REDIS, undefined), {
      type: 'redis',
      url: 'redis://127.0.0.1:6379/0',
      prefix: 'py_code_mode',
    });
  });

  it('do not mind what is not used', () => {
    assert.doesNotThrow(() =>
      parseStorageSettings({ ...FILES, 'redis.url': 7, 'redis.prefix': '' }, '/base'),
    );
  });

  it('name what is broken and what to do', () => {
    const cases: [Partial<Record<keyof typeof FILES, unknown>>, RegExp][] = [
      [{ storage: 's3' }, /codeMode\.storage is "s3": there is no such storage\.\n.*"redis"/],
      [{ 'redis.url': 'http://127.0.0.1' }, /codeMode\.redis\.url: This cannot be the address.*redis:/],
      [{ 'redis.url': undefined }, /codeMode\.redis\.url is no text/],
      [{ 'redis.prefix': '' }, /codeMode\.redis\.prefix is "": a prefix has at least one character/],
      [{ workspaceId: '../up' }, /codeMode\.workspaceId cannot be used/],
    ];
    for (const [broken, expected] of cases) {
      assert.throws(
        () => parseStorageSettings({ ...REDIS, ...broken }, undefined),
        (error) => CodeModeError.is(error, 'settings') && expected.test(CodeModeError.describe(error)),
        JSON.stringify(broken),
      );
    }
  });

  it('are no place for a password, and errors do not repeat it', () => {
    for (const url of [
      'redis://:hunter2@127.0.0.1',
      'redis://ada:hunter2@127.0.0.1/1',
      'http://:hunter2@db',
    ]) {
      assert.throws(
        () => parseStorageSettings({ ...REDIS, 'redis.url': url }, undefined),
        (error) => CodeModeError.is(error, 'settings') && !CodeModeError.describe(error).includes('hunter2'),
      );
    }
  });
});

describe('the settings of the semantic search', () => {
  const parse = (
    url: unknown,
    model: unknown,
    resolve = (folder: string): string | undefined => `/w/${folder}`,
  ) => parseEmbeddingsSettings({ 'embeddings.url': url, 'embeddings.model': model }, resolve);

  it('choose nothing, an endpoint or a folder', () => {
    assert.equal(parse('', ''), undefined);
    assert.deepEqual(parse('http://127.0.0.1:11434/v1/', 'nomic'), {
      type: 'endpoint',
      url: 'http://127.0.0.1:11434/v1',
      model: 'nomic',
    });
    assert.deepEqual(parse('', 'models/tiny'), { type: 'local', folder: '/w/models/tiny' });
  });

  it('name what is broken and what to do', () => {
    assert.throws(() => parse('ftp://x', 'm'), /codeMode\.embeddings\.url cannot be used/);
    assert.throws(() => parse('http://x', ''), /codeMode\.embeddings\.model no model/);
    assert.throws(() => parse('', 'tiny', () => undefined), /relative to a workspace folder/);
    assert.throws(() => parse(5, ''), /codeMode\.embeddings\.url is 5/);
  });
});

describe('the settings of packages', () => {
  const RAW = {
    'deps.packages': [],
    'deps.pyproject': false,
    'deps.syncOnStart': false,
    'deps.allowRuntimeChanges': true,
    'deps.approval': 'agent',
    'deps.installer': 'auto',
    'deps.indexUrl': '',
    'deps.extraIndexUrls': [],
    'deps.wheelFolders': [],
    'deps.offline': false,
    'deps.buildFromSource': true,
  };
  const parse = (
    changed: Partial<Record<keyof typeof RAW, unknown>>,
    workspaceFolder: string | undefined = '/work',
  ) =>
    parseDepsSettings(
      { ...RAW, ...changed },
      {
        workspaceFolder,
        isTrusted: true,
        resolveFolder: (folder) => resolveBaseFolder(folder, { workspaceFolder, home: '/home/me' }),
      },
    );

  it("leave to the person's own configuration what they do not say", () => {
    assert.deepEqual(parse({}), {
      packages: [],
      syncOnStart: false,
      allowRuntimeChanges: true,
      approval: 'agent',
      installer: 'auto',
      offline: false,
      buildFromSource: true,
      isTrusted: true,
    });
  });

  it('name packages, indexes and folders', () => {
    const spec = parse({
      'deps.packages': ['pandas>=2', '--what is this'],
      'deps.pyproject': true,
      'deps.indexUrl': ' https://ada@packages.example.com/simple ',
      'deps.extraIndexUrls': ['http://127.0.0.1:8080/simple'],
      'deps.wheelFolders': ['wheels', '~/wheels', '/srv/wheels'],
    });
    assert.deepEqual(spec.packages, ['pandas>=2', '--what is this']);
    assert.equal(spec.pyproject, path.join('/work', 'pyproject.toml'));
    assert.equal(spec.indexUrl, 'https://ada@packages.example.com/simple');
    assert.deepEqual(spec.extraIndexUrls, ['http://127.0.0.1:8080/simple']);
    assert.deepEqual(spec.wheelFolders, ['/work/wheels', '/home/me/wheels', '/srv/wheels']);
  });

  it('have no project to read where no folder is open', () => {
    const spec = parseDepsSettings(
      { ...RAW, 'deps.pyproject': true },
      { workspaceFolder: undefined, isTrusted: false, resolveFolder: () => undefined },
    );
    assert.equal(spec.pyproject, undefined);
    assert.equal(spec.isTrusted, false);
  });

  it('name what is broken and what to do', () => {
    const cases: [Partial<Record<keyof typeof RAW, unknown>>, RegExp][] = [
      [{ 'deps.packages': 'pandas' }, /codeMode\.deps\.packages is "pandas": it is no list\..*\n.*\["pandas/],
      [{ 'deps.packages': [1] }, /codeMode\.deps\.packages is \[1\]: an entry is no text/],
      [{ 'deps.syncOnStart': 'yes' }, /codeMode\.deps\.syncOnStart is "yes": it is neither true nor false/],
      [{ 'deps.approval': 'no' }, /codeMode\.deps\.approval is "no": there is no such policy/],
      [{ 'deps.installer': 'conda' }, /codeMode\.deps\.installer is "conda": there is no such installer/],
      [{ 'deps.indexUrl': 'packages' }, /codeMode\.deps\.indexUrl has an entry that is no address/],
      [{ 'deps.extraIndexUrls': 'https://x' }, /codeMode\.deps\.extraIndexUrls is no list/],
      [{ 'deps.extraIndexUrls': ['ftp://x'] }, /codeMode\.deps\.extraIndexUrls has an entry that is no/],
      [{ 'deps.wheelFolders': ['wheels', ' '] }, /codeMode\.deps\.wheelFolders has an empty entry/],
    ];
    for (const [broken, expected] of cases) {
      assert.throws(
        () => parse(broken),
        (error) => CodeModeError.is(error, 'settings') && expected.test(CodeModeError.describe(error)),
        JSON.stringify(broken),
      );
    }
    assert.throws(
      () =>
        parseDepsSettings(
          { ...RAW, 'deps.wheelFolders': ['wheels'] },
          { workspaceFolder: undefined, isTrusted: true, resolveFolder: () => undefined },
        ),
      /"wheels", which is relative to a workspace folder, and none is open/,
    );
  });

  it('are no place for a password, and errors do not repeat it', () => {
    const url = 'https://ada:hunter2@packages.example.com/simple';
    for (const broken of [
      { 'deps.indexUrl': url },
      { 'deps.indexUrl': `${url}:not a url`.replace('https', 'ht tps') },
      { 'deps.extraIndexUrls': [url] },
    ]) {
      assert.throws(
        () => parse(broken),
        (error) => CodeModeError.is(error, 'settings') && !CodeModeError.describe(error).includes('hunter2'),
      );
    }
  });
});
