import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { PackageSourcesSpec } from '../../src/core/deps/depsSpec.ts';
import { installerSources } from '../../src/core/deps/sources/installerSources.ts';
import { parseNetrc } from '../../src/core/deps/sources/netrc.ts';
import { parsePipFile } from '../../src/core/deps/sources/pipConfiguration.ts';
import {
  resolvePackageSources,
  type SourcesOptions,
} from '../../src/core/deps/sources/resolvePackageSources.ts';
import type { SecretRequest } from '../../src/core/session/secrets.ts';

describe('Where packages come from', () => {
  let home: string;
  let log: string[];

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'code-mode-sources-'));
    log = [];
  });

  afterEach(() => rm(home, { recursive: true, force: true }));

  async function write(file: string, text: string): Promise<string> {
    const place = path.join(home, file);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
    return place;
  }

  /** Of a machine with nothing but what a test writes. */
  function resolve(spec: PackageSourcesSpec = {}, options: SourcesOptions = {}) {
    return resolvePackageSources(spec, {
      home,
      platform: 'linux',
      log: (line) => log.push(line),
      ...options,
      env: { XDG_CONFIG_DIRS: path.join(home, 'system'), PIP_CONFIG_FILE: '/dev/null', ...options.env },
    });
  }

  const withPipFiles = { env: { PIP_CONFIG_FILE: '' } };

  it('is the usual public index where nothing is said', async () => {
    const { indexUrl, extraIndexUrls, wheelFolders, offline, origins } = await resolve();
    assert.match(indexUrl, /^https:\/\/.*\/simple\/$/);
    assert.deepEqual([extraIndexUrls, wheelFolders, offline], [[], [], false]);
    assert.deepEqual(new Set(Object.values(origins)), new Set(['default']));
  });

  it('is what the settings say, each for itself', async () => {
    const wheels = path.join(home, 'wheels');
    await mkdir(wheels);
    const env = { UV_DEFAULT_INDEX: 'https://uv.example/simple', UV_INDEX: 'https://extra.example/simple' };
    const sources = await resolve(
      { indexUrl: 'https://own.example/simple', wheelFolders: [wheels] },
      { env },
    );
    assert.equal(sources.indexUrl, 'https://own.example/simple');
    assert.deepEqual(sources.extraIndexUrls, ['https://extra.example/simple']);
    assert.deepEqual(sources.wheelFolders, [wheels]);
    assert.deepEqual(sources.origins, {
      index: 'settings',
      extraIndexes: 'uv',
      wheels: 'settings',
      offline: 'default',
    });
    assert.equal((await resolve({ offline: true })).origins.offline, 'settings');
  });

  it('refuses settings that can not be used', async () => {
    for (const spec of [
      { indexUrl: 'packages' },
      { extraIndexUrls: ['ftp://a.example/'] },
      { wheelFolders: [path.join(home, 'missing')] },
    ])
      await assert.rejects(resolve(spec), (error) => CodeModeError.is(error, 'settings'));
  });

  it('reads the environment variables of uv, then its files', async () => {
    await write(
      '.config/uv/uv.toml',
      `offline = false
find-links = ["wheels", "https://links.example/page.html"]
extra-index-url = ["https://third.example/simple"]
[[index]]
name = "second"
url = "https://second.example/simple"
[[index]]
name = "bound"
url = "https://bound.example/simple"
explicit = true
[[index]]
url = "https://file.example/simple"
default = true
`,
    );
    await write('system/uv/uv.toml', 'index-url = "https://system.example/simple"\noffline = true\n');
    await mkdir(path.join(home, '.config/uv/wheels'));
    const env = { UV_INDEX: 'first=https://first.example/simple' };
    const sources = await resolve({}, { env });
    assert.equal(sources.indexUrl, 'https://file.example/simple');
    assert.deepEqual(sources.extraIndexUrls, [
      'https://first.example/simple',
      'https://second.example/simple',
      'https://third.example/simple',
    ]);
    assert.deepEqual(sources.wheelFolders, [path.join(home, '.config/uv/wheels')]);
    assert.deepEqual(sources.linkPages, ['https://links.example/page.html']);
    assert.equal(sources.offline, true);
    const without = await resolve(
      {},
      { env: { UV_NO_CONFIG: '1', UV_DEFAULT_INDEX: 'https://env.example/' } },
    );
    assert.deepEqual(
      [without.indexUrl, without.extraIndexUrls, without.offline],
      ['https://env.example/', [], false],
    );
  });

  it('reads pip.conf of the system, of the person and of the environment, and variables over them', async () => {
    await write(
      'system/pip/pip.conf',
      '[global]\nindex-url = https://system.example/simple\nno-index = yes\n',
    );
    await write('.config/pip/pip.conf', '[global]\nindex_url: https://person.example/simple\n');
    await write(
      'venv/pip.conf',
      '[global]\n; a remark\nextra-index-url =\n    https://one.example/simple\n    https://two.example/simple\n[install]\ncert = /certs/own.pem\n',
    );
    const env = { ...withPipFiles.env, VIRTUAL_ENV: path.join(home, 'venv') };
    const sources = await resolve({}, { env });
    assert.equal(sources.indexUrl, 'https://person.example/simple');
    assert.deepEqual(sources.extraIndexUrls, ['https://one.example/simple', 'https://two.example/simple']);
    assert.deepEqual([sources.offline, sources.certificateFiles], [true, ['/certs/own.pem']]);
    const over = await resolve(
      {},
      { env: { ...env, PIP_INDEX_URL: 'https://env.example/simple', PIP_NO_INDEX: '0' } },
    );
    assert.deepEqual([over.indexUrl, over.offline], ['https://env.example/simple', false]);
    const named = await write('own.conf', '[install]\nindex-url = https://named.example/simple\n');
    assert.equal(
      (await resolve({}, { env: { ...env, PIP_CONFIG_FILE: named } })).indexUrl,
      'https://named.example/simple',
    );
  });

  it('asks the configuration of the installer first that will be used', async () => {
    const env = {
      UV_INDEX: 'https://uv.example/simple',
      PIP_INDEX_URL: 'https://pip.example/simple',
      PIP_EXTRA_INDEX_URL: 'https://extra.example/simple',
    };
    const ofUv = await resolve({}, { env });
    // Never one's own extra index with another's index.
    assert.deepEqual(ofUv.extraIndexUrls, ['https://uv.example/simple']);
    assert.deepEqual([ofUv.origins.index, ofUv.origins.extraIndexes], ['default', 'uv']);
    const ofPip = await resolve({}, { env, installer: 'pip' });
    assert.deepEqual(
      [ofPip.indexUrl, ofPip.extraIndexUrls],
      ['https://pip.example/simple', ['https://extra.example/simple']],
    );
  });

  it('leaves out what can not be read, and says so without passwords', async () => {
    await write('.config/uv/uv.toml', 'index-url = \n');
    await write('file', '');
    const env = {
      UV_INDEX: 'ada:pass@no-url',
      UV_FIND_LINKS: `${path.join(home, 'missing')},${path.join(home, 'file')}`,
    };
    const { extraIndexUrls, wheelFolders } = await resolve({}, { env });
    assert.deepEqual([extraIndexUrls, wheelFolders], [[], []]);
    assert.equal(log.length, 4, log.join('\n'));
    assert.doesNotMatch(log.join('\n'), /pass/);
  });

  describe('as whom', () => {
    const url = 'https://packages.example/simple/six/';

    it('keeps passwords apart from addresses', async () => {
      const env = {
        UV_DEFAULT_INDEX: 'https://ada:p%40ss@packages.example/simple/',
        UV_INDEX: 'own=https://own.example/simple/',
      };
      await write(
        '.config/uv/uv.toml',
        '[[index]]\nname = "in-house"\nurl = "https://house.example/simple/"\n',
      );
      const sources = await resolve(
        {},
        { env: { ...env, UV_INDEX_IN_HOUSE_USERNAME: 'bob', UV_INDEX_IN_HOUSE_PASSWORD: 'secret' } },
      );
      assert.doesNotMatch(JSON.stringify(sources), /p%40ss|p@ss|ada|bob|secret/);
      const { credentials } = sources;
      assert.deepEqual(await credentials.loginFor(url), { user: 'ada', password: 'p@ss' });
      assert.deepEqual(await credentials.loginFor('https://house.example/simple/six/'), {
        user: 'bob',
        password: 'secret',
      });
      assert.equal(await credentials.loginFor('https://files.example/six.whl'), undefined);
      assert.equal(await credentials.loginFor('http://packages.example/simple/six/'), undefined);
    });

    it('reads .netrc', async () => {
      await write(
        '.netrc',
        '# mine\nmachine packages.example login ada\n  password "p ss"\nmachine b.example password x\n',
      );
      const { credentials } = await resolve({ indexUrl: 'https://packages.example/simple/' });
      assert.deepEqual(await credentials.loginFor(url), { user: 'ada', password: 'p ss' });
      const logins = parseNetrc(
        'macdef init\n  machine no.example password no\n\nmachine a.example login u account z password v\ndefault login anonymous password me\n',
      );
      assert.deepEqual(
        [...logins],
        [
          ['a.example', { user: 'u', password: 'v' }],
          ['', { user: 'anonymous', password: 'me' }],
        ],
      );
    });

    it('asks a person for what is refused, and leaves who gives nothing in peace', async () => {
      const asked: SecretRequest[] = [];
      const answers = [undefined, 'token', 'bob:right', undefined];
      const { credentials } = await resolve(
        { indexUrl: 'https://packages.example/simple/' },
        {
          secret: async (request) => {
            asked.push(request);
            return answers.shift();
          },
        },
      );
      assert.equal(await credentials.loginFor(url), undefined);
      assert.equal(asked.length, 0);
      assert.equal(await credentials.otherLoginFor(url, undefined, false), undefined);
      const both = await Promise.all([
        credentials.otherLoginFor(url, undefined, true),
        credentials.otherLoginFor(url, undefined, true),
      ]);
      const token = { user: '__token__', password: 'token' };
      assert.deepEqual(both, [token, token]);
      const right = await credentials.otherLoginFor(url, token, true);
      assert.deepEqual(right, { user: 'bob', password: 'right' });
      assert.deepEqual(await credentials.loginFor(url), right);
      assert.deepEqual(
        asked.map(({ name, wasRefused }) => [name, wasRefused]),
        [false, true, true].map((wasRefused) => [
          'package index https://packages.example/simple/',
          wasRefused,
        ]),
      );
      assert.equal(await credentials.otherLoginFor(url, right, true), undefined);
      assert.equal(await credentials.otherLoginFor(url, right, true), undefined);
      assert.equal(asked.length, 4);
    });
  });

  describe('what an installer is told', () => {
    it('is what it does not read itself', async () => {
      const env = { UV_INDEX: 'https://uv.example/simple', PIP_FIND_LINKS: home };
      const sources = await resolve(
        { indexUrl: 'https://ada@own.example/simple' },
        { env, secret: async () => 'x y' },
      );
      assert.deepEqual(await installerSources('uv', sources), {
        indexUrl: 'https://ada:x%20y@own.example/simple',
        extraIndexUrls: [],
        findLinks: [home],
        offline: false,
        certificateFile: undefined,
      });
      assert.deepEqual((await installerSources('pip', sources)).findLinks, []);
      assert.deepEqual((await installerSources('pip', sources)).extraIndexUrls, [
        'https://__token__:x%20y@uv.example/simple',
      ]);
    });

    it('is nothing where nothing is set', async () => {
      const { indexUrl, extraIndexUrls, findLinks, offline } = await installerSources('uv', await resolve());
      assert.deepEqual([indexUrl, extraIndexUrls, findLinks, offline], [undefined, [], [], false]);
    });
  });

  it('reads the format of pip.conf', () => {
    assert.deepEqual(
      [
        ...parsePipFile(
          '\uFEFF[global]\r\ntimeout=5\r\n--No_Index : true\r\n# x\r\nlist =\r\n  a\r\n\r\n  b\r\n[x]\r\n orphan\r\n',
        ),
      ],
      [
        ['global.timeout', '5'],
        ['global.no-index', 'true'],
        ['global.list', '\na\nb'],
      ],
    );
  });
});
