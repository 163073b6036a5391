// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of devcontainer.json look like this.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError, SettingsError } from '../../src/core/contract/errors.ts';
import { ImagesDisturbedError } from '../../src/core/executors/container/engine/problems.ts';
import { BuildOutput } from '../../src/core/executors/container/image/buildOutput.ts';
import { contentDigest } from '../../src/core/executors/container/image/contentDigest.ts';
import { parseDevcontainer } from '../../src/core/executors/container/image/devcontainer.ts';
import {
  type DevcontainerVariables,
  fillVariables,
} from '../../src/core/executors/container/image/devcontainerVariables.ts';
import { findImage } from '../../src/core/executors/container/image/findImage.ts';
import { parseIgnorePatterns } from '../../src/core/executors/container/image/ignorePatterns.ts';
import { readImageSource } from '../../src/core/executors/container/image/imageSource.ts';
import { PullProgress } from '../../src/core/executors/container/image/pullProgress.ts';
import { parseContainerSettings } from '../../src/core/executors/container/settings.ts';

describe('an image that is looked for', () => {
  const id = `sha256:${'a'.repeat(64)}`;
  const look = (answers: readonly (string | Error)[]) => {
    const left = [...answers];
    const call = async () => {
      const answer = left.shift();
      if (typeof answer !== 'string') throw answer ?? new Error('asked once too often');
      return answer;
    };
    return findImage({ label: 'Podman', call }, 'python:3', new AbortController().signal);
  };
  const found = JSON.stringify([{ Id: id, Config: { Env: ['A=b=c'] } }]);

  it('is found while others are removed', async () => {
    const disturbed = new ImagesDisturbedError();
    assert.deepEqual(await look([disturbed, disturbed, found]), {
      id,
      isLocal: true,
      environment: { A: 'b=c' },
    });
    await assert.rejects(look(Array.from({ length: 5 }, () => disturbed)), disturbed);
  });

  it('is not there, or not to be had', async () => {
    assert.equal(await look([new CodeModeError('not-found', 'There is none.')]), undefined);
    await assert.rejects(look([new CodeModeError('start-failed', 'no')]), /no$/);
    await assert.rejects(look(['what?']), /cannot be read/);
  });
});

describe('where the image of a container comes from', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'image-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = async (name: string, content: string) => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  };
  const read = (settings: Readonly<Record<string, unknown>>, workspaceFolder: string | undefined = folder) =>
    readImageSource(parseContainerSettings(settings), workspaceFolder);

  it('is the image of the settings', async () => {
    const { name, origin } = await read({ image: 'team/python:1' });
    assert.deepEqual([name, origin], ['team/python:1', { kind: 'fetched', name: 'team/python:1' }]);
  });

  it('is a Dockerfile, which is built in its own folder', async () => {
    await write('docker/Dockerfile', 'FROM scratch');
    const { name, origin } = await read({ build: 'docker/Dockerfile' });
    assert.equal(name, 'docker/Dockerfile');
    assert.ok(origin.kind === 'built');
    assert.equal(origin.context, path.join(folder, 'docker'));
    assert.equal(origin.dockerfile, path.join(folder, 'docker/Dockerfile'));
  });

  it('is a file that is not there: what there is is named', async () => {
    await write('.devcontainer/devcontainer.json', '{}');
    await assert.rejects(read({ build: 'Dockerfile' }), (error) => {
      assert.ok(error instanceof SettingsError);
      assert.match(error.message, /codeMode\.container\.build is Dockerfile, and there is no such file/);
      assert.match(error.hint ?? '', /\.devcontainer\/devcontainer\.json/);
      return true;
    });
    const settings = parseContainerSettings({ build: 'Dockerfile' });
    await assert.rejects(readImageSource(settings, undefined), /no folder is open/);
  });

  it('is a devcontainer.json whose Dockerfile is not there', async () => {
    await write('.devcontainer.json', '{"build": {"dockerfile": "nowhere/Dockerfile"}}');
    await assert.rejects(
      read({ build: '.devcontainer.json' }),
      /builds from the Dockerfile nowhere\/Dockerfile/,
    );
  });

  it('hands of this machine on only what the settings pass', async () => {
    const env = { GIVEN: '${localEnv:CODE_MODE_GIVEN}', KEPT: '${localEnv:CODE_MODE_KEPT}' };
    await write('.devcontainer.json', JSON.stringify({ image: 'a', containerEnv: env }));
    process.env.CODE_MODE_GIVEN = 'given';
    process.env.CODE_MODE_KEPT = 'kept';
    try {
      const source = await read({ build: '.devcontainer.json', passEnvironment: ['CODE_MODE_GIVEN'] });
      assert.deepEqual(source.environment({}), { GIVEN: 'given', KEPT: '' });
      assert.match(source.notices.join('\n'), /left empty: CODE_MODE_KEPT;/);
    } finally {
      delete process.env.CODE_MODE_GIVEN;
      delete process.env.CODE_MODE_KEPT;
    }
  });

  it('has a digest that follows what goes into the image, and nothing else', async () => {
    await write('Dockerfile', 'FROM scratch\nCOPY . /all\n');
    await write('data.txt', 'a');
    const build = {
      kind: 'built' as const,
      name: 'Dockerfile',
      dockerfile: path.join(folder, 'Dockerfile'),
      context: folder,
      args: {},
      target: undefined,
    };
    const digest = (changes: Partial<typeof build> = {}) =>
      contentDigest({ ...build, ...changes }, new AbortController().signal);
    const first = await digest();
    await write('.git/index', 'restless');
    await write('.code-mode/requirements.txt', 'rich');
    assert.equal(await digest(), first);
    assert.notEqual(await digest({ args: { A: '1' } }), first);
    await write('data.txt', 'b');
    const second = await digest();
    assert.notEqual(second, first);
    await write('Dockerfile', 'FROM scratch\nENV A=1\n');
    const third = await digest();
    await write('data.txt', 'c');
    assert.equal(await digest(), third, 'nothing of the folder goes into it');
  });
});

describe('devcontainer.json', () => {
  const parse = (content: string) => parseDevcontainer(content, 'devcontainer.json');

  it('is read with comments and commas, in its old form as well', () => {
    const { base } = parse('{ /* old */ "dockerFile": "Dockerfile", "context": "..", }');
    assert.deepEqual(base, { dockerfile: 'Dockerfile', context: '..', args: {}, target: undefined });
  });

  it('tells what is not followed, and nothing of what is only for the editor', () => {
    const { ignored } = parse(
      '{"image": "a", "name": "b", "customizations": {}, "mounts": [], "privileged": true}',
    );
    assert.deepEqual(ignored, ['mounts', 'privileged']);
  });

  for (const [content, reason] of [
    ['{"dockerComposeFile": "compose.yaml", "service": "app"}', /Docker Compose, which is not supported/],
    ['{"image": "a", "features": {"ghcr.io/devcontainers/features/node:1": {}}}', /adds features.*node:1/],
    ['{"build": {"dockerfile": "D", "options": ["--network=host"]}}', /build\.options.*--network=host/],
    ['{"name": "nothing"}', /names neither an image nor a Dockerfile/],
    ['{"image": 3}', /cannot be used: image: /],
    ['[]', /no JSON that can be read: it is no object/],
    ['{"image": ', /no JSON that can be read/],
  ] as const) {
    it(`says why it cannot be used: ${content}`, () => {
      assert.throws(
        () => parse(content),
        (error) => CodeModeError.is(error, 'file') && reason.test(error.message) && error.hint !== undefined,
      );
    });
  }

  it('has variables', () => {
    const variables: DevcontainerVariables = {
      localEnv: { USER: 'ada' },
      containerEnv: { PATH: '/bin' },
      localWorkspaceFolder: 'C:\\work\\project',
      containerWorkspaceFolder: '/workspace',
    };
    for (const [text, filled] of [
      ['${localEnv:USER}-${localEnv:NONE}', 'ada-'],
      ['${localEnv:NONE:a:b}', 'a:b'],
      ['/x:${containerEnv:PATH}', '/x:/bin'],
      ['${localWorkspaceFolderBasename}', 'project'],
      ['${containerWorkspaceFolder}/src', '/workspace/src'],
      ['${devcontainerId} $HOME', '${devcontainerId} $HOME'],
    ] as const) {
      assert.equal(fillVariables(text, variables), filled);
    }
  });
});

describe('.dockerignore', () => {
  const fits = (content: string, ...paths: string[]) => {
    const { isIgnored } = parseIgnorePatterns(content);
    return paths.filter((each) => isIgnored(each));
  };

  it('leaves out what fits, with what is below it', () => {
    assert.deepEqual(fits('node_modules\n', 'node_modules/a/b', 'src/node_modules/a'), ['node_modules/a/b']);
    assert.deepEqual(fits('/out/\n', 'out/a', 'outer'), ['out/a']);
    assert.deepEqual(fits('*.log', 'a.log', 'b/a.log'), ['a.log']);
    assert.deepEqual(fits('**/*.log', 'a.log', 'b/c/a.log'), ['a.log', 'b/c/a.log']);
    assert.deepEqual(fits('data/**', 'data/a/b', 'data2'), ['data/a/b']);
    assert.deepEqual(fits('v?.[ab]', 'v1.a', 'v1.c', 'v12.a'), ['v1.a']);
    assert.deepEqual(fits('# a\n\n  b  \n', '# a', 'b'), ['b']);
    assert.deepEqual(fits('a+b (c)', 'a+b (c)', 'aab c'), ['a+b (c)']);
  });

  it('takes back in what a later line says', () => {
    assert.deepEqual(fits('*\n!src\nsrc/secret', 'a', 'src/b', 'src/secret/c'), ['a', 'src/secret/c']);
    assert.equal(parseIgnorePatterns('*\n!src').hasExceptions, true);
  });
});

describe('what an engine prints while it prepares an image', () => {
  const build = (...lines: string[]) => {
    const output = new BuildOutput();
    const shown = lines.map((line) => output.read(line)).filter((line) => line !== undefined);
    return { output, shown };
  };

  it("is shown in one form: Podman's", () => {
    const { shown, output } = build(
      'STEP 1/2: FROM docker.io/library/python:3.13-slim',
      'Copying blob sha256:37c84e1f5c00b3a1a6bbf9c5fe5ee9e3a6bb5b2bd1c5ab1cb6b5a5d4e1c9d1f3',
      '--> Using cache a3f7001a40b3b876ba504918a80f22ec27d1f65a5d529d212284903c10d251af',
      'STEP 2/2: RUN pip install rich',
      'Collecting rich',
      'COMMIT localhost/a:1',
      'af11d57507282b7e56702f0dd8759145d505e326ee2b1c25855f1407fe2eb7c4',
    );
    assert.deepEqual(shown, [
      'Step 1 of 2: FROM docker.io/library/python:3.13-slim',
      'Step 2 of 2: RUN pip install rich',
      'Collecting rich',
    ]);
    assert.equal(output.step, 'RUN pip install rich');
    assert.deepEqual(output.last, ['Collecting rich']);
  });

  it("is shown in one form: BuildKit's", () => {
    const { shown } = build(
      '#1 [internal] load build definition from Dockerfile',
      '#5 [base 2/3] RUN pip install rich',
      '#5 0.534 Collecting rich',
      '#5 DONE 2.1s',
      '#5 CACHED',
    );
    assert.deepEqual(shown, ['Step 2 of 3: RUN pip install rich', 'Collecting rich']);
  });

  it("is shown in one form: that of Docker's older builder", () => {
    const { shown } = build(
      'Sending build context to Docker daemon  5.12kB',
      'Step 1/1 : RUN \u001b[31mmake\u001b[0m',
      ' ---> Running in 0123456789ab',
      'made',
      'Successfully built cb7bfa2fd391',
    );
    assert.deepEqual(shown, ['Step 1 of 1: RUN make', 'made']);
  });

  it('keeps the end of what the step has printed', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const { output } = build('STEP 1/1: RUN make', ...lines);
    assert.deepEqual(output.last, lines.slice(-10));
  });

  it('tells how many layers Docker has of how many', () => {
    const progress = new PullProgress();
    const shown = [
      '3.13-slim: Pulling from library/python',
      '59e22667830b: Pulling fs layer',
      '4c665aba06d1: Pulling fs layer',
      '59e22667830b: Download complete',
      '59e22667830b: Pull complete',
      '4c665aba06d1: Already exists',
      'Status: Downloaded newer image for python:3.13-slim',
    ].map((line) => progress.read(line));
    assert.deepEqual(shown.filter(Boolean), [
      '1 layer',
      '2 layers',
      '1 of 2 layers',
      '2 of 2 layers',
      'all layers are there',
    ]);
  });
});
