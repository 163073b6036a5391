import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { PackageSourcesSpec } from '../../src/core/deps/depsSpec.ts';
import { parseWheelName, versionOf } from '../../src/core/deps/index/fileNames.ts';
import { parseIndexPage } from '../../src/core/deps/index/indexPage.ts';
import type { IndexFile } from '../../src/core/deps/index/indexProject.ts';
import { newestOf, offerOf } from '../../src/core/deps/index/offers.ts';
import { PackageIndex } from '../../src/core/deps/index/packageIndex.ts';
import {
  resolvePackageSources,
  type SourcesOptions,
} from '../../src/core/deps/sources/resolvePackageSources.ts';
import { type PackageServer, sdist, servePackages, wheel, writePackages } from '../support/packages.ts';

const PROJECT_FOLDER = path.resolve(__dirname, '../../..');

describe('The package index', () => {
  let folder: string;
  let log: string[];
  const open: AsyncDisposable[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'code-mode-index-'));
    log = [];
  });

  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(...given: Parameters<typeof servePackages>): Promise<PackageServer> {
    const server = await servePackages(...given);
    open.push(server);
    return server;
  }

  async function index(spec: PackageSourcesSpec, options: SourcesOptions = {}): Promise<PackageIndex> {
    const sources = await resolvePackageSources(spec, {
      env: { PIP_CONFIG_FILE: '/dev/null' },
      home: folder,
      ...options,
    });
    const opened = new PackageIndex(sources, { log: (line) => log.push(line) });
    open.push(opened);
    return opened;
  }

  async function failureOf(promise: Promise<unknown>, code = 'install-failed'): Promise<string> {
    const error: unknown = await promise.then(
      () => assert.fail('It did not fail.'),
      (reason: unknown) => reason,
    );
    assert.ok(CodeModeError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    return CodeModeError.describe(error);
  }

  const six = wheel({ name: 'Six', version: '1.0', requiresPython: '>=3.9,<4' });
  const older = { ...wheel({ name: 'six', version: '0.9' }), yanked: true };

  for (const speaks of ['json', 'html'] as const) {
    it(`reads pages of ${speaks}`, async () => {
      const server = await serve([six, older, sdist({ name: 'six', version: '1.0' })], { speaks });
      const project = await (await index({ indexUrl: server.url })).project('SIX');
      assert.equal(project?.name, 'six');
      assert.deepEqual(
        project.files.map(({ filename, url, requiresPython, yanked }) => [
          filename,
          url,
          requiresPython,
          yanked,
        ]),
        [
          [six.filename, `${server.origin}/files/${six.filename}`, '>=3.9,<4', false],
          [older.filename, `${server.origin}/files/${older.filename}`, undefined, true],
          ['six-1.0.tar.gz', `${server.origin}/files/six-1.0.tar.gz`, undefined, false],
        ],
      );
      assert.match(project.files[0]?.sha256 ?? '', /^[0-9a-f]{64}$/);
      assert.equal(project.files[0]?.size, speaks === 'json' ? six.bytes.length : undefined);
    });
  }

  it('knows nothing of what no index has, and asks again only after a while', async () => {
    const server = await serve([six]);
    const asked = await index({ indexUrl: server.url.slice(0, -1) });
    for (const name of ['nothing', 'nothing', 'six', 'six']) {
      assert.equal((await asked.project(name)) !== undefined, name === 'six');
    }
    assert.deepEqual(server.requests, ['GET /simple/nothing/', 'GET /simple/six/']);
  });

  it('takes a package from the first index that has it, extra indexes first', async () => {
    const own = await serve([wheel({ name: 'inside', version: '1.0' })]);
    const main = await serve([wheel({ name: 'inside', version: '9.0' }), six]);
    const asked = await index({ indexUrl: main.url, extraIndexUrls: [own.url] });
    const inside = await asked.project('inside');
    assert.deepEqual(
      inside?.files.map(({ filename }) => filename),
      ['inside-1.0-py3-none-any.whl'],
    );
    assert.ok(await asked.project('six'));
    assert.deepEqual(main.requests, ['GET /simple/six/']);
  });

  it('offers what folders have beside it, and nothing else while offline', async () => {
    const wheels = await writePackages(path.join(folder, 'wheels'), [
      wheel({ name: 'six', version: '2.0' }),
      wheel({ name: 'six-more', version: '3.0' }),
    ]);
    const server = await serve([six]);
    const spec = { indexUrl: server.url, wheelFolders: [wheels] };
    const both = await (await index(spec)).project('six');
    assert.deepEqual(offerOf(both ?? assert.fail(), () => true, '').versions, ['2.0', '1.0']);
    const alone = await index({ ...spec, offline: true });
    const offered = (await alone.project('six')) ?? assert.fail();
    assert.deepEqual(offerOf(offered, () => true, '').versions, ['2.0']);
    assert.equal(await alone.project('other'), undefined);
    assert.equal(server.requests.length, 1);
    const [file] = offered.files;
    assert.ok(file);
    const to = path.join(folder, 'copy.whl');
    await alone.download(file, to);
    assert.equal((await readFile(to)).length, file.size);
  });

  it('reads an index that is a folder', async () => {
    const mirror = path.join(folder, 'mirror');
    await mkdir(path.join(mirror, 'six'), { recursive: true });
    await writePackages(mirror, [six]);
    await writeFile(path.join(mirror, 'six/index.html'), `<a href="../${six.filename}">six</a>`);
    const asked = await index({ indexUrl: pathToFileURL(mirror).href });
    const [file] = (await asked.project('six'))?.files ?? [];
    assert.equal(file?.filename, six.filename);
    await asked.download(file, path.join(folder, 'six.whl'));
    assert.equal(await asked.project('nothing'), undefined);
  });

  describe('downloads', () => {
    async function theFile(asked: PackageIndex): Promise<IndexFile> {
      return (await asked.project('six'))?.files[0] ?? assert.fail();
    }

    it('a file whole, and tells how far it is', async () => {
      const server = await serve([six]);
      const asked = await index({ indexUrl: server.url });
      const to = path.join(folder, six.filename);
      const told: unknown[] = [];
      await asked.download(await theFile(asked), to, undefined, (...bytes) => told.push(bytes));
      assert.deepEqual(await readFile(to), six.bytes);
      assert.deepEqual(told.at(-1), [six.bytes.length, six.bytes.length]);
    });

    it('no file whose hash is another, and leaves nothing behind', async () => {
      const server = await serve([six]);
      const asked = await index({ indexUrl: server.url });
      const file = await theFile(asked);
      server.add({ ...six, bytes: Buffer.from('exchanged') });
      assert.match(await failureOf(asked.download(file, path.join(folder, 'x'))), /hash differs/);
      assert.deepEqual(await readdir(folder), []);
    });

    it('again what broke off', async () => {
      const server = await serve([six]);
      const asked = await index({ indexUrl: server.url });
      const file = await theFile(asked);
      let breaks = 1;
      server.intervene = (_, response) => {
        if (breaks-- === 0) return false;
        response.writeHead(200, { 'content-length': six.bytes.length });
        response.write(six.bytes.subarray(0, 100), () => response.destroy());
        return true;
      };
      await asked.download(file, path.join(folder, 'six.whl'));
      assert.equal(server.count('/files/'), 2);
    });

    it('until it is cancelled', async () => {
      const server = await serve([six]);
      const asked = await index({ indexUrl: server.url });
      const file = await theFile(asked);
      const controller = new AbortController();
      server.intervene = (_, response) => {
        response.writeHead(200);
        response.write('x', () => controller.abort());
        return true;
      };
      await failureOf(asked.download(file, path.join(folder, 'x'), controller.signal), 'cancelled');
      assert.deepEqual(await readdir(folder), []);
    });

    it('nothing where nothing can be written', async () => {
      const server = await serve([six]);
      const asked = await index({ indexUrl: server.url });
      const to = path.join(folder, 'missing/x');
      assert.match(await failureOf(asked.download(await theFile(asked), to)), /could not be written/);
    });
  });

  describe('says why it can not be asked', () => {
    it('nothing listens', async () => {
      const server = await servePackages([]);
      const { url } = server;
      await server[Symbol.asyncDispose]();
      const text = await failureOf((await index({ indexUrl: url })).project('six'));
      assert.match(
        text,
        /^The package index at 127\.0\.0\.1:\d+: nothing listens at .*codeMode\.deps\.indexUrl/s,
      );
    });

    it('its name is not known', async () => {
      const asked = await index({ indexUrl: 'http://no-such-host.invalid/simple/' });
      assert.match(
        await failureOf(asked.project('six')),
        /no-such-host\.invalid (?:is not known|could not be looked up)/,
      );
    });

    it('it fails', async () => {
      const server = await serve([six]);
      server.intervene = server.answering(500);
      const text = await failureOf((await index({ indexUrl: server.url })).project('six'));
      assert.match(text, /answered 500 Internal Server Error\.\nTry again later/);
    });

    it('it is none', async () => {
      const server = await serve([six]);
      server.intervene = server.answering(200);
      const text = await failureOf((await index({ indexUrl: server.url })).project('six'));
      assert.match(text, /is none: it answers with text\/plain\.\n.*\/simple\//);
    });

    it('it is cancelled, or closed', async () => {
      const server = await serve([six]);
      server.intervene = server.stalling();
      const asked = await index({ indexUrl: server.url });
      const controller = new AbortController();
      const first = failureOf(asked.project('six', controller.signal), 'cancelled');
      const second = failureOf(asked.project('other'), 'cancelled');
      while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await first;
      await asked[Symbol.asyncDispose]();
      await second;
    });

    it('its certificate is of an authority that is not known, until that is named', async () => {
      const tls = path.join(PROJECT_FOLDER, 'test/fixtures/tls');
      const certificate = path.join(tls, 'certificate.pem');
      const options = { key: await readFile(path.join(tls, 'key.pem')), cert: await readFile(certificate) };
      const server = createServer(options, (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<a href="six-1.0.tar.gz">six</a>'),
      );
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const spec = { indexUrl: `https://localhost:${(server.address() as AddressInfo).port}/simple/` };
        const text = await failureOf((await index(spec)).project('six'));
        assert.match(text, /authority that is not trusted.*\n.*PIP_CERT/s);
        const env = { PIP_CONFIG_FILE: '/dev/null', PIP_CERT: certificate };
        assert.ok(await (await index(spec, { env })).project('six'));
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  });

  describe('with a password', () => {
    const login = { user: 'ada', password: 'p@ss:w%rd' };

    it('is asked with that of its address', async () => {
      const server = await serve([six], { login });
      const url = new URL(server.url);
      url.username = login.user;
      url.password = encodeURIComponent(login.password);
      const asked = await index({}, { env: { PIP_INDEX_URL: url.href, PIP_CONFIG_FILE: '/dev/null' } });
      assert.ok(await asked.project('six'));
      assert.equal(server.requests.length, 1);
    });

    it('is asked with what a person gives, and says what to do where nobody does', async () => {
      const server = await serve([six], { login });
      const answers = [undefined, 'ada:wrong', `${login.user}:${login.password}`];
      const secret = async () => answers.shift();
      const asked = await index({ indexUrl: server.url }, { secret });
      const file = (await asked.project('six'))?.files[0] ?? assert.fail();
      await asked.download(file, path.join(folder, 'six.whl'));
      assert.equal(server.count('/simple/'), 3);
      assert.equal(server.count('/files/'), 1);
      const nobody = await failureOf((await index({ indexUrl: server.url })).project('six'));
      assert.match(nobody, /refuses whoever does not say who they are \(401 Unauthorized\)\.\n.*netrc/s);
    });

    it('shows none of it, and sends it to nobody else', async () => {
      const seen: (string | undefined)[] = [];
      const other = await serve([six]);
      other.intervene = (request) => {
        seen.push(request.headers.authorization);
        return false;
      };
      const server = await serve([six], { login: { user: 'ada', password: 'hidden' } });
      server.intervene = server.redirectingTo(other.origin);
      const env = { UV_INDEX_URL: server.urlWithLogin, PIP_CONFIG_FILE: '/dev/null' };
      const asked = await index({}, { env });
      const file = (await asked.project('six'))?.files[0] ?? assert.fail();
      assert.equal(new URL(file.url).origin, other.origin);
      await asked.download(file, path.join(folder, 'six.whl'));
      assert.deepEqual(seen, [undefined, undefined]);
      server.intervene = server.answering(503);
      const text = await failureOf(asked.project('other'));
      assert.doesNotMatch(`${text}${log.join()}`, /hidden|ada/);
    });
  });

  it('is asked by a few at once', async () => {
    const names = Array.from({ length: 30 }, (_, number) => `p${number}`);
    const server = await serve(names.map((name) => wheel({ name, version: '2.0' })));
    let open = 0;
    let most = 0;
    server.intervene = (_, response) => {
      open++;
      most = Math.max(most, open);
      response.once('close', () => open--);
      return false;
    };
    const packages = names.map((name) => ({
      name,
      title: name,
      version: '1.0',
      summary: '',
      requires: [],
      installer: null,
      origin: null,
    }));
    const newest = await newestOf(await index({ indexUrl: server.url }), packages, () => true);
    assert.deepEqual(newest, Object.fromEntries(names.map((name) => [name, '2.0'])));
    assert.ok(most <= 8, `${most} at once`);
  });

  describe('offers', () => {
    const files = (names: readonly string[]): IndexFile[] =>
      names.map((filename) => ({
        filename,
        url: `https://x.example/${filename}`,
        sha256: undefined,
        requiresPython: undefined,
        yanked: filename.includes('yanked'),
        size: undefined,
      }));
    const offer = (...names: string[]) =>
      offerOf(
        { name: 'a', files: files(names) },
        ({ filename }) => !filename.includes('win'),
        'It fits nothing.',
      );

    it('versions in the order of PEP 440', () => {
      const names = ['1.9', '1.10', '1.10.post1', '2.0rc1', '1!0.1', 'nonsense', '1.10.dev1'];
      assert.deepEqual(offer(...names.map((version) => `a-${version}.tar.gz`)).versions, [
        '1!0.1',
        '1.10.post1',
        '1.10',
        '1.9',
      ]);
      assert.deepEqual(offer('a-1.0rc1.tar.gz', 'a-1.0b2.zip').versions, ['1.0rc1', '1.0b2']);
    });

    it('a reason where there is none', () => {
      assert.equal(offer('a-1.0-cp39-abi3-win_amd64.whl').problem, 'It fits nothing.');
      assert.equal(offer('a-1.0.exe').problem, 'The package index has no version of it.');
      assert.equal(offer('a-1.0.tar.gz').problem, null);
    });

    it('newer ones alone, pre-releases to those who have one', async () => {
      const source = {
        project: async (name: string) => ({
          name,
          files: files(['a-1.0.tar.gz', 'a-2.0rc1.tar.gz']).filter(() => name === 'a'),
        }),
      };
      const installed = (version: string, origin: string | null = null) => [
        { name: 'a', title: 'a', version, summary: '', requires: [], installer: null, origin },
      ];
      const newest = (...given: Parameters<typeof installed>) =>
        newestOf(source, installed(...given), () => true);
      assert.deepEqual(await newest('0.9'), { a: '1.0' });
      assert.deepEqual(await newest('1.0'), {});
      assert.deepEqual(await newest('2.0b1'), { a: '2.0rc1' });
      assert.deepEqual(await newest('0.9', 'file:///a'), {});
    });
  });

  it('reads the names of wheels and archives', () => {
    assert.deepEqual(parseWheelName('My_Pack.age-1.0+cu1-1build-py2.py3-none-any.whl'), {
      name: 'my-pack-age',
      version: '1.0+cu1',
      tags: ['py2-none-any', 'py3-none-any'],
    });
    assert.equal(parseWheelName('six-1.0-any.whl'), undefined);
    const version = (filename: string, project: string) => versionOf({ filename }, project);
    assert.equal(version('a-b-c-1.0-2.tar.gz', 'a-b-c'), '1.0-2');
    assert.equal(version('a-b-c-1.0.tar.gz', 'a-b'), undefined);
    assert.equal(version('a_b-1.0.zip', 'a-b'), '1.0');
    assert.equal(version('a_b-1.0.win32.exe', 'a-b'), undefined);
  });

  it('reads what pages of other indexes look like', () => {
    const html = `<!-- <a href="no.whl"> --><base href="/deep/"><A class=x HREF='a%2B1-1.0.tar.gz?x=1#sha256=${'A'.repeat(64)}'
      data-requires-python="&gt;=3.8" data-yanked data-core-metadata="sha256=ABC">a</A>
      <a href="file:///etc/passwd">p</a><a href="../">up</a><a name="x">no link</a>`;
    assert.deepEqual(parseIndexPage(html, 'text/html', 'https://ada:b@x.example/simple/a/'), [
      {
        filename: 'a+1-1.0.tar.gz',
        url: 'https://x.example/deep/a%2B1-1.0.tar.gz?x=1',
        sha256: 'a'.repeat(64),
        requiresPython: '>=3.8',
        yanked: true,
        size: undefined,
        metadataSha256: 'abc',
      },
    ]);
    for (const [text, type] of [
      ['{', 'application/json'],
      ['{"files": []}', 'application/vnd.pypi.simple.v1+json'],
      ['{"meta": {"api-version": "2.0"}, "files": []}', 'application/vnd.pypi.simple.v2+json'],
      ['', ''],
    ] as const)
      assert.throws(() => parseIndexPage(text, type, 'https://x.example/'));
  });
});
