import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfiguredDependency } from '../../src/core/contract/dependencies.ts';
import type { DependencyConfiguration } from '../../src/core/deps/configuration/dependencyConfiguration.ts';
import { FileDependencyStore } from '../../src/core/deps/configuration/fileDependencyStore.ts';
import { openDependencyConfiguration } from '../../src/core/deps/configuration/index.ts';
import type { DepsSpec } from '../../src/core/deps/depsSpec.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { refused } from '../support/storageFolder.ts';
import { until } from '../support/until.ts';

const WRITER = path.resolve(__dirname, '../support/requirementsWriter.js');

describe('configured packages', () => {
  let workspace: string;
  let base: string;
  let opened: AsyncDisposable[];
  beforeEach(() => {
    workspace = realpathSync(mkdtempSync(path.join(tmpdir(), 'code-mode-deps-')));
    base = path.join(workspace, '.code-mode');
    opened = [];
  });
  afterEach(async () => {
    for (const each of opened) await each[Symbol.asyncDispose]();
    rmSync(workspace, { recursive: true, force: true });
  });

  /** In the workspace. */
  const at = (name: string) => path.join(workspace, name);
  const requirements = '.code-mode/requirements.txt';

  function write(name: string, text: string | Uint8Array): void {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  }
  const read = (name = requirements) => readFileSync(at(name), 'utf8');

  function keep<T extends AsyncDisposable>(one: T): T {
    opened.push(one);
    return one;
  }
  const open = (deps: DepsSpec = {}): DependencyConfiguration =>
    keep(
      openDependencyConfiguration(
        { baseFolder: base, workspaceFolder: workspace, deps },
        { log: () => undefined },
      ),
    );

  async function specs(configuration: DependencyConfiguration): Promise<string[]> {
    return (await configuration.list()).map(({ spec }) => spec);
  }

  it('are those of the store, then of the settings, then of pyproject.toml', async () => {
    write(requirements, '# mine\nPandas>=2 # frames\n./local\n');
    write(
      'pyproject.toml',
      [
        '[build-system]',
        'requires = ["rich"]',
        '[project]',
        'name = "x"',
        'dependencies = [',
        '  "numpy",',
        '  \'rich ; python_version < "4"\',',
        '  "pywin32; sys_platform == \\"win32\\"",',
        ']',
      ].join('\n'),
    );
    const deps = { packages: ['six', 'PANDAS==1'], pyproject: at('pyproject.toml') };
    const configuration = open(deps);
    const expected: ConfiguredDependency[] = [
      { name: 'pandas', spec: 'Pandas>=2', source: 'requirements.txt', file: at(requirements), line: 2 },
      { name: './local', spec: './local', source: 'requirements.txt', file: at(requirements), line: 3 },
      { name: 'six', spec: 'six', source: 'settings', file: null, line: null },
      { name: 'numpy', spec: 'numpy', source: 'pyproject.toml', file: at('pyproject.toml'), line: 6 },
      {
        name: 'rich',
        spec: 'rich ; python_version < "4"',
        source: 'pyproject.toml',
        file: at('pyproject.toml'),
        line: 7,
      },
      {
        name: 'pywin32',
        spec: 'pywin32; sys_platform == "win32"',
        source: 'pyproject.toml',
        file: at('pyproject.toml'),
        line: 8,
      },
    ];
    assert.deepEqual(await configuration.list(), expected);
    assert.deepEqual(configuration.fixed(), [
      'six',
      'pandas==1',
      ...expected.slice(3).map(({ spec }) => spec),
    ]);
    assert.equal(await configuration.requirementsFile(), at(requirements));
  });

  it('are none where nothing is there', async () => {
    const configuration = open({ pyproject: at('pyproject.toml') });
    assert.deepEqual(await configuration.list(), []);
    assert.deepEqual(configuration.fixed(), []);
    assert.equal(await configuration.requirementsFile(), undefined);
    assert.equal(await configuration.delete('six'), false);
    for (const text of ['', '[tool.x]\na = 1\n', '[project]\nname = "x"\ndynamic = ["dependencies"]\n']) {
      write('pyproject.toml', text);
      assert.deepEqual(await configuration.list(), []);
    }
  });

  it('are not looked for before somebody asks', async () => {
    write(requirements, '-r missing.txt\n');
    write('pyproject.toml', '[');
    const configuration = open({ packages: ['-x'], pyproject: at('pyproject.toml') });
    configuration.onDidChange(() => assert.fail('nothing has changed'));
    await delay(100);
    await assert.rejects(
      configuration.list(),
      refused(/requirements\.txt, line 1, includes missing\.txt/, 'storage'),
    );
  });

  it('have a store where there is a folder', async () => {
    const configuration = keep(
      openDependencyConfiguration({ deps: { packages: ['six'] } }, { log: () => undefined }),
    );
    assert.deepEqual(await specs(configuration), ['six']);
    await assert.rejects(configuration.save('rich'), refused(/no base folder/, 'unsupported'));
    assert.equal(await configuration.delete('six'), false);
  });

  it('that are none are named, with file and line', async () => {
    const settings = open({ packages: ['six', 'git+https://example.test/x'] });
    await assert.rejects(
      settings.list(),
      refused(/codeMode\.deps\.packages.*"git\+https.*is a URL/, 'settings'),
    );
    assert.throws(() => settings.fixed(), refused(/codeMode\.deps\.packages/, 'settings'));
    const project = open({ pyproject: at('pyproject.toml') });
    for (const [text, problem] of [
      ['[project]\ndependencies = [\n', /pyproject\.toml, line \d+: Invalid TOML/],
      ['[project]\ndependencies = "x"\n', /project\.dependencies/],
      ['[project]\ndependencies = [1]\n', /project\.dependencies/],
      ['[project]\ndependencies = ["a", "-r x"]\n', /pyproject\.toml, line 2: "-r x"/],
      ['project = 1\n', /project/],
    ] as const) {
      write('pyproject.toml', text);
      await assert.rejects(project.list(), refused(problem, 'settings'), text);
    }
  });

  describe('in files', () => {
    it('are changed in their own line alone', async () => {
      write(requirements, '\uFEFF# a\r\nPandas>=1 # b\r\n\r\n--index-url x\r\n');
      const configuration = open();
      await configuration.save('pandas>=2');
      assert.equal(read(), '\uFEFF# a\r\npandas>=2 # b\r\n\r\n--index-url x\r\n');
      await configuration.save('six');
      assert.equal(await configuration.delete('pandas'), true);
      assert.equal(await configuration.delete('pandas'), false);
      assert.equal(read(), '\uFEFF# a\r\n\r\n--index-url x\r\nsix\r\n');
      await assert.rejects(configuration.save('six; x'), refused(/the character ;/));
    });

    it('are not written where nothing changes', async () => {
      write(requirements, 'a >= 1  # x\nb; os_name == "nt"\n');
      const { ino } = statSync(at(requirements));
      const configuration = open();
      await configuration.save('A>=1');
      await configuration.save('b');
      await configuration.delete('other');
      assert.equal(statSync(at(requirements)).ino, ino);
      assert.deepEqual(readdirSync(base), ['requirements.txt']);
    });

    it('keep an older encoding', async () => {
      write(requirements, Buffer.from('# caf\xe9\nsix==1\n', 'latin1'));
      const configuration = open();
      await configuration.save('six==2');
      assert.deepEqual(readFileSync(at(requirements)), Buffer.from('# caf\xe9\nsix==2\n', 'latin1'));
      write(requirements, Buffer.from('\uFEFFsix==1\n', 'utf16le'));
      await assert.rejects(configuration.save('six==2'), refused(/requirements\.txt is not text/, 'storage'));
    });

    it('keep who may read them, and are left alone where they are read-only', async () => {
      write(requirements, 'six==1\n');
      chmodSync(at(requirements), 0o600);
      const configuration = open();
      await configuration.save('six==2');
      assert.equal(statSync(at(requirements)).mode & 0o777, 0o600);
      chmodSync(at(requirements), 0o444);
      await assert.rejects(
        configuration.save('six==3'),
        refused(/requirements\.txt is read-only/, 'storage'),
      );
      await assert.rejects(configuration.delete('six'), refused(/read-only/, 'storage'));
      assert.equal(read(), 'six==2\n');
    });

    it('that stand in several lines are one', async () => {
      write(
        requirements,
        'a==1\nA==2\nb==1; os_name == "nt"\nb==2; os_name == "posix"\nc; os_name == "nt"\n',
      );
      const configuration = open({ packages: ['b==3'] });
      assert.deepEqual(await specs(configuration), [
        'a==1',
        'b==1; os_name == "nt"',
        'b==2; os_name == "posix"',
        'c; os_name == "nt"',
      ]);
      await configuration.save('a==3');
      await configuration.save('c==1');
      // Which of them is meant is not clear.
      await assert.rejects(
        configuration.save('b==3'),
        refused(/"b" has a line for each.*line 2 of .*, line 3 of/, 'storage'),
      );
      assert.equal(await configuration.delete('b'), true);
      assert.equal(read(), 'a==3\nc==1; os_name == "nt"\n');
    });

    it('are followed into the files that are included', async () => {
      write(requirements, 'first\n-r ../requirements.txt\n-c ../limits.txt\nlast\n');
      write('requirements.txt', 'a==1 --hash=sha256:00\n-r "sub/with blank.txt"\n');
      write('sub/with blank.txt', '-r ../$\u007bCODE_MODE_TEST_NAME}.txt\nb==1 # b\nfirst==0\n');
      write('again.txt', '# nothing\n');
      write('limits.txt', 'c==1\n-r more-limits.txt\n');
      write('more-limits.txt', 'd==1\n');
      process.env.CODE_MODE_TEST_NAME = 'again';
      const configuration = open();
      assert.deepEqual(
        (await configuration.list()).map(({ spec, file, line }) => [
          spec,
          path.relative(workspace, file!),
          line,
        ]),
        [
          ['first', requirements, 1],
          ['a==1', 'requirements.txt', 1],
          ['b==1', path.join('sub', 'with blank.txt'), 2],
          ['last', requirements, 4],
        ],
      );
      delete process.env.CODE_MODE_TEST_NAME;
    });

    it('are changed in the included file that names them, and nowhere else', async () => {
      write(requirements, 'first\n-r ../requirements.txt\n');
      write('requirements.txt', '# project\na==1 \\\n  --hash=sha256:00\nb\n');
      const configuration = open();
      await configuration.save('a==2');
      await configuration.save('new');
      assert.equal(await configuration.delete('b'), true);
      assert.equal(read('requirements.txt'), '# project\na==2\n');
      assert.equal(read(), 'first\n-r ../requirements.txt\nnew\n');
      assert.deepEqual(readdirSync(workspace).sort(), ['.code-mode', 'requirements.txt']);
    });

    it('are not changed outside of the workspace', async () => {
      const outside = mkdtempSync(path.join(tmpdir(), 'code-mode-outside-'));
      try {
        writeFileSync(path.join(outside, 'shared.txt'), 'a==1\n');
        writeFileSync(path.join(outside, 'secret'), 'word\n');
        write(requirements, `-r ${path.join(outside, 'shared.txt')}\n`);
        const configuration = open();
        assert.deepEqual(await specs(configuration), ['a==1']);
        await assert.rejects(
          configuration.save('a==2'),
          refused(/"a" is configured in .*outside of the workspace/, 'storage'),
        );
        await assert.rejects(configuration.delete('a'), refused(/outside of the workspace/, 'storage'));
        assert.equal(readFileSync(path.join(outside, 'shared.txt'), 'utf8'), 'a==1\n');
        // What code writes here must not show it what it can't read.
        symlinkSync(path.join(outside, 'secret'), path.join(base, 'link.txt'));
        for (const target of [path.join(outside, 'secret'), 'link.txt']) {
          write(requirements, `\n-r ${target}\n`);
          await assert.rejects(
            configuration.list(),
            refused(/line 2, includes .*outside of the workspace/, 'storage'),
          );
        }
        // Nor write there.
        rmSync(at(requirements));
        symlinkSync(path.join(outside, 'shared.txt'), at(requirements));
        await assert.rejects(configuration.save('b'), refused(/outside of the workspace/, 'storage'));
        assert.equal(readFileSync(path.join(outside, 'shared.txt'), 'utf8'), 'a==1\n');
      } finally {
        rmSync(outside, { recursive: true, force: true });
      }
    });

    it('may be a link to the file of the project', async () => {
      write('requirements.txt', 'a\n');
      mkdirSync(base);
      symlinkSync('../requirements.txt', at(requirements));
      await open().save('b');
      assert.equal(read('requirements.txt'), 'a\nb\n');
      assert.equal(realpathSync(at(requirements)), at('requirements.txt'));
    });

    it('say which line includes what is missing, goes in a circle or is no file', async () => {
      const configuration = open();
      const isRefused = async (problem: RegExp) => {
        await assert.rejects(configuration.list(), refused(problem, 'storage'));
        await assert.rejects(configuration.save('a'), refused(problem, 'storage'));
      };
      write(requirements, '# x\n-r other.txt\n');
      await isRefused(/^requirements\.txt, line 2, includes other\.txt, which is not there\.$/);
      write('.code-mode/other.txt', 'b\n-c requirements.txt\n');
      await isRefused(/^other\.txt, line 2, includes requirements\.txt, by which it is included itself\.$/);
      write('.code-mode/other.txt', '-r other.txt\n');
      await isRefused(/^other\.txt, line 1, includes other\.txt, by which/);
      rmSync(path.join(base, 'other.txt'));
      mkdirSync(path.join(base, 'other.txt'));
      await isRefused(/^requirements\.txt, line 2, includes other\.txt, which is no file/);
      rmSync(path.join(base, 'other.txt'), { recursive: true });
      if (process.platform !== 'win32') {
        execFileSync('mkfifo', [path.join(base, 'other.txt')]);
        await isRefused(/is no file/);
        rmSync(path.join(base, 'other.txt'));
      }
      write('.code-mode/other.txt', '#'.repeat(1_000_001));
      await isRefused(/larger than 1 MB/);
      for (let depth = 0; depth < 30; depth += 1) write(`.code-mode/${depth}.txt`, `-r ${depth + 1}.txt\n`);
      write(requirements, '-r 0.txt\n');
      await isRefused(/one file too many/);
      write('.code-mode/0.txt', '');
      write(requirements, Array.from({ length: 120 }, () => '-r 0.txt\n').join(''));
      await isRefused(/line 100, includes one file too many/);
    });

    it('lose nothing where many write at once', async () => {
      write(requirements, '# kept\n-r ../requirements.txt\n');
      write('requirements.txt', 'shared==0\n');
      const writers = Array.from({ length: 4 }, () => open());
      await Promise.all(
        writers.flatMap((one, writer) => [
          ...[0, 1, 2, 3, 4].map((n) => one.save(`p${writer}-${n}`)),
          one.save(`shared==${writer + 1}`),
        ]),
      );
      assert.equal((await writers[0]!.list()).length, 21);
      assert.match(read(), /^# kept\n-r \.\.\/requirements\.txt\n(?:p\d-\d\n){20}$/);
      assert.match(read('requirements.txt'), /^shared==[1-4]\n$/);
      assert.deepEqual(readdirSync(base), ['requirements.txt']);
    });

    it('are whole, whenever a writer is killed, and the next one goes on', async function () {
      this.timeout(60_000);
      write(requirements, '# kept\nfirst==1  # x\n');
      for (let round = 0; round < 4; round += 1) {
        const children: ChildProcess[] = [0, 1].map((n) => fork(WRITER, [at(requirements), `p${n}`]));
        await Promise.all(children.map((child) => once(child, 'message')));
        await delay(round * 9 + Math.random() * 10);
        for (const child of children) {
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }
        assert.match(
          read(),
          /^# kept\nfirst==1 {2}# x\n(?:after==\d\n)?(?:p[01]==\d+\n){0,2}(?:after==\d\n)?(?:p[01]==\d+\n){0,2}$/,
        );
        await open().save(`after==${round}`);
        assert.match(read(), new RegExp(`^after==${round}$`, 'm'));
      }
    });

    it('of a thousand lines are there at once', async () => {
      write(requirements, Array.from({ length: 1000 }, (_, n) => `package-${n}==1.${n}  # ${n}\n`).join(''));
      const configuration = open({ packages: ['package-7'] });
      assert.equal((await configuration.list()).length, 1000);
      await configuration.save('package-999==2');
      assert.match(read(), /\npackage-999==2 {2}# 999\n$/);
    });

    it('are told of when they change, by whomever, and only then', async () => {
      write(requirements, '-r ../sub/more.txt\n');
      write('sub/more.txt', 'a\n');
      write('pyproject.toml', '[project]\ndependencies = ["b"]\n');
      const configuration = open({ pyproject: at('pyproject.toml') });
      let changes = 0;
      configuration.onDidChange(() => {
        changes += 1;
      });
      const isTold = async (what: string, change: () => unknown) => {
        const before = changes;
        await change();
        await until(what, () => changes > before);
      };
      assert.deepEqual(await specs(configuration), ['a', 'b']);
      await isTold('own change', () => configuration.save('c'));
      await isTold('included file', () => write('sub/more.txt', 'a==2\n'));
      await isTold('pyproject.toml', () => write('pyproject.toml', '[project]\ndependencies = ["d"]\n'));
      await isTold('missing file', () => renameSync(at('sub/more.txt'), at('sub/other.txt')));
      await assert.rejects(configuration.list(), refused(/not there/, 'storage'));
      await isTold('file that is back', () => renameSync(at('sub/other.txt'), at('sub/more.txt')));
      await isTold('another store', () =>
        keep(new FileDependencyStore({ file: at(requirements), log: () => undefined })).save('e'),
      );
      await isTold('no folder', () => rmSync(base, { recursive: true }));
      await isTold('new folder', () => write(requirements, 'f\n'));
      assert.deepEqual(await specs(configuration), ['f', 'd']);
      await delay(150);
      const before = changes;
      write(requirements, 'f # comment\n');
      write('.code-mode/other.txt', 'g\n');
      await configuration.save('f');
      await delay(200);
      assert.equal(changes, before);
    });
  });

  describe('in Redis', () => {
    let server: RedisServer;
    before(async function () {
      if (!hasRedis()) this.skip();
      server = await RedisServer.start();
    });
    beforeEach(() => server.send('FLUSHALL'));
    after(() => server?.[Symbol.asyncDispose]());

    const openRedis = () =>
      keep(
        openDependencyConfiguration(
          {
            baseFolder: base,
            storage: { type: 'redis', url: server.url, prefix: 'x', workspaceId: 'w' },
            deps: { packages: ['rich'] },
          },
          { log: () => undefined },
        ),
      );
    const members = async () => ((await server.send('SMEMBERS', 'x:deps')) as string[]).sort();

    it('are the set of py-code-mode, in place of the file', async () => {
      write(requirements, 'other\n');
      await server.send('SADD', 'x:deps', 'pandas>=2', 'My_Package', 'a @ https://example.test/a.zip');
      const configuration = openRedis();
      assert.deepEqual(await server.clients(), []);
      assert.deepEqual(
        (await configuration.list()).map(({ name, spec, source }) => [name, spec, source]),
        [
          ['my-package', 'My_Package', 'redis'],
          ['a @ https://example.test/a.zip', 'a @ https://example.test/a.zip', 'redis'],
          ['pandas', 'pandas>=2', 'redis'],
          ['rich', 'rich', 'settings'],
        ],
      );
      assert.equal(await configuration.requirementsFile(), undefined);
      await configuration.save('my.package>=1');
      assert.equal(await configuration.delete('pandas'), true);
      assert.equal(await configuration.delete('pandas'), false);
      assert.deepEqual(await members(), ['a @ https://example.test/a.zip', 'my.package>=1']);
      assert.equal(existsSync(at(requirements)) && read(), 'other\n');
    });

    it('are one entry a package, however many write at once', async () => {
      const writers = Array.from({ length: 4 }, openRedis);
      await Promise.all(
        writers.flatMap((one, writer) => [one.save(`shared==${writer}`), one.save(`p-${writer}`)]),
      );
      const names = (await members()).map((member) => member.split('=')[0]);
      assert.deepEqual(names, ['p-0', 'p-1', 'p-2', 'p-3', 'shared']);
    });

    it('are told of when somebody changes them', async () => {
      const configuration = openRedis();
      let changes = 0;
      configuration.onDidChange(() => {
        changes += 1;
      });
      assert.deepEqual(await specs(configuration), ['rich']);
      // The server tells on a connection that is opened now.
      await until('two connections', async () => (await server.clients()).length === 2);
      await delay(100);
      assert.equal(changes, 0);
      await server.send('SADD', 'x:deps', 'six');
      await until('a change', () => changes > 0);
      assert.deepEqual(await specs(configuration), ['six', 'rich']);
      await configuration[Symbol.asyncDispose]();
      await assert.rejects(configuration.list(), refused(/closed/, 'closed'));
    });

    it('say where they are when the server does not answer', async () => {
      const configuration = keep(
        openDependencyConfiguration(
          { storage: { type: 'redis', url: `unix://${path.join(workspace, 'none')}`, prefix: 'x' } },
          { log: () => undefined },
        ),
      );
      await assert.rejects(configuration.list(), refused(/packages could not be listed|Redis/, 'storage'));
    });
  });
});
