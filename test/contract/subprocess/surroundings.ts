import assert from 'node:assert/strict';
import { assertOk, assertUsable } from '../support/subject.ts';
import type { SubprocessBench } from './bench.ts';

/** What surrounds Python: its environment variables, and the sessions beside it. */
export function describeSurroundings(bench: SubprocessBench): void {
  describe('gives Python an environment', () => {
    const secrets = {
      CONTRACT_TOKEN: 'plain',
      contract_password: 'plain',
      AWS_SECRET_ACCESS_KEY: 'plain',
      OPENAI_API_KEY: 'plain',
      CONTRACT_DATABASE: 'postgres://user:hunter2@localhost/data',
      CONTRACT_DEPLOY: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
      CONTRACT_SIGNING: '-----BEGIN RSA PRIVATE KEY-----\nMIIE',
    };
    const hosts = { VSCODE_IPC_HOOK_CLI: '/tmp/x', ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' };
    const harmless = {
      CONTRACT_SETTING: 'plain',
      CONTRACT_URL: 'https://localhost:8000/a:b@c',
      TOKENIZERS_PARALLELISM: 'false',
      GIT_AUTHOR_NAME: 'Ada',
    };
    const before: Record<string, string | undefined> = {};

    beforeEach(() => {
      for (const [name, text] of Object.entries({ ...secrets, ...hosts, ...harmless })) {
        before[name] = process.env[name];
        process.env[name] = text;
      }
    });
    afterEach(() => {
      for (const [name, text] of Object.entries(before)) {
        if (text === undefined) delete process.env[name];
        else process.env[name] = text;
      }
    });

    it("without what looks like a secret by its name or its value, and without the editor's", async () => {
      const seen = (await bench.value(await bench.start(), 'import os\ndict(os.environ)')) as Record<
        string,
        string
      >;
      for (const name of [...Object.keys(secrets), ...Object.keys(hosts)]) {
        assert.equal(seen[name], undefined, name);
      }
      for (const [name, text] of Object.entries(harmless)) assert.equal(seen[name], text, name);
      assert.deepEqual(
        Object.keys(seen).filter((name) => name.startsWith('VSCODE_')),
        [],
      );
    });

    it('with the secrets that the settings list', async () => {
      const passEnvironment = ['CONTRACT_TOKEN', 'CONTRACT_DATABASE'];
      const seen = (await bench.value(
        await bench.start({ passEnvironment }),
        'import os\ndict(os.environ)',
      )) as Record<string, string>;
      assert.deepEqual(
        Object.keys(secrets).filter((name) => name in seen),
        passEnvironment,
      );
    });

    it('in which its virtual environment is active, and no other one', async () => {
      const { folder } = await bench.makeEnvironment('active');
      const ask =
        'import os, shutil, subprocess, sys\n[os.environ.get("VIRTUAL_ENV"), sys.prefix, subprocess.run(["python", "-c", "import sys; print(sys.prefix, end=\'\')"], capture_output=True, text=True).stdout]';
      process.env.VIRTUAL_ENV = '/another/one';
      try {
        assert.deepEqual(await bench.value(await bench.start({ python: folder }), ask), [
          folder,
          folder,
          folder,
        ]);
        const installation = (await bench.value(await bench.start(), ask)) as (string | null)[];
        assert.equal(installation[0], null);
      } finally {
        delete process.env.VIRTUAL_ENV;
      }
    });

    it('in which it starts although PYTHONSAFEPATH and the like are set', async () => {
      process.env.PYTHONSAFEPATH = '1';
      process.env.PYTHONHOME = '/nowhere';
      process.env.PYTHONDEVMODE = '1';
      try {
        await assertUsable(await bench.start());
      } finally {
        delete process.env.PYTHONSAFEPATH;
        delete process.env.PYTHONHOME;
        delete process.env.PYTHONDEVMODE;
      }
    });
  });

  describe('side by side', () => {
    it('has sessions that see nothing of each other', async () => {
      const [one, two] = await Promise.all([bench.start(), bench.start()]);
      const code = (name: string) =>
        [
          'import builtins, os, pathlib, sys, tempfile',
          `whose = os.environ["WHOSE"] = sys.modules["whose"] = builtins.whose = "${name}"`,
          `made = pathlib.Path(tempfile.gettempdir(), "${name}").write_text("mine")`,
          `for n in range(3000): print("${name}", n)`,
          '[os.getpid(), tempfile.gettempdir()]',
        ].join('\n');
      const [first, second] = await Promise.all([one.run(code('one')), two.run(code('two'))]);
      for (const [name, result] of [
        ['one', first],
        ['two', second],
      ] as const) {
        assertOk(result);
        assert.equal(result.stdout, Array.from({ length: 3000 }, (_, n) => `${name} ${n}\n`).join(''));
      }
      const [firstPid, firstFolder] = first.value as [number, string];
      const [secondPid, secondFolder] = second.value as [number, string];
      assert.ok(firstPid !== secondPid && firstFolder !== secondFolder);
      const look =
        '[whose, os.environ["WHOSE"], sys.modules["whose"], builtins.whose, os.listdir(tempfile.gettempdir())]';
      assert.deepEqual(await bench.value(one, look), ['one', 'one', 'one', 'one', ['one']]);
      assert.deepEqual(await bench.value(two, look), ['two', 'two', 'two', 'two', ['two']]);
    });
  });
}
