import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { Engine } from '../../src/core/executors/container/engine/engine.ts';
import { type ImageRequest, prepareImage } from '../../src/core/executors/container/image/prepareImage.ts';
import {
  builtImages,
  containerEngine,
  DockerService,
  hasContainers,
  hasDocker,
  parsedContainerSettings,
  removeImages,
  testName,
} from '../support/containers.ts';
import { ImageRegistry } from '../support/imageRegistry.ts';

/** What was shown while an image was prepared, with what it came to. */
interface Shown {
  readonly lines: string[];
  prepare(
    settings: Readonly<Record<string, unknown>>,
    more?: Partial<ImageRequest>,
  ): ReturnType<typeof prepareImage>;
}

describe('images of containers', function () {
  this.timeout(120_000);
  let engine: Engine;
  let folder: string;
  const base = () => parsedContainerSettings().image;

  before(async function () {
    if (!hasContainers()) return this.skip();
    engine = withoutNetwork(await containerEngine());
  });
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), `${testName()}-`));
  });
  afterEach(async () => {
    await removeImages(engine, folder);
    await rm(folder, { recursive: true, force: true });
  });

  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), content);
    }
  };
  const show = (): Shown => {
    const lines: string[] = [];
    return {
      lines,
      prepare: (settings, more = {}) =>
        prepareImage({
          engine,
          settings: parsedContainerSettings({ pull: 'missing', ...settings }),
          workspaceFolder: folder,
          signal: new AbortController().signal,
          onProgress: (line) => lines.push(line),
          ...more,
        }),
    };
  };
  const output = async (id: string, ...args: string[]) => {
    const text = await engine.call([
      ...['run', '--rm', '--network', 'none', ...engine.runArguments],
      ...parsedContainerSettings().runArguments,
      ...['--entrypoint', args[0] ?? '', id, ...args.slice(1)],
    ]);
    return text.trim();
  };

  it('is there: nothing is done, and its id is what is started', async () => {
    const { lines, prepare } = show();
    const image = await prepare({ pull: 'never' });
    assert.match(image.id, /^sha256:[0-9a-f]{64}$/);
    assert.equal(image.name, base());
    assert.deepEqual(lines, []);
    assert.equal(await output(image.id, 'echo', 'started'), 'started');
  });

  it('that was made here is not looked for elsewhere, however new it is to be', async () => {
    const { lines, prepare } = show();
    await prepare({ pull: 'always' }, { fresh: true });
    assert.deepEqual(lines, []);
  });

  it('is missing and may not be fetched: the command that fetches it is named', async () => {
    const missing = show().prepare({ image: 'docker.io/library/nothing-of-this-name:1', pull: 'never' });
    await assert.rejects(missing, (error) => {
      assert.ok(CodeModeError.is(error, 'not-found'));
      assert.match(error.hint ?? '', /pull docker\.io\/library\/nothing-of-this-name:1/);
      return true;
    });
  });

  it('cannot be fetched, since its registry does not answer', async () => {
    const missing = show().prepare({ image: '127.0.0.1:1/team/python:1' });
    await assert.rejects(missing, /The registry 127\.0\.0\.1:1 cannot be reached/);
  });

  it('is built from a Dockerfile with its steps shown, and not again until something in it changes', async () => {
    await write({
      Dockerfile: `FROM ${base()}\nRUN echo a step speaks\nCOPY data.txt /data.txt\n`,
      'data.txt': 'first',
      'other.txt': 'not looked at',
      '.dockerignore': 'other.txt\n',
    });
    const first = show();
    const image = await first.prepare({ build: 'Dockerfile' });
    assert.equal(image.name, 'Dockerfile');
    assert.ok(first.lines.includes('a step speaks'), first.lines.join('\n'));
    assert.ok(first.lines.some((line) => /^Step 2 of \d+: RUN echo a step speaks$/.test(line)));
    assert.ok(!first.lines.some((line) => /^-->|^[0-9a-f]{64}$/.test(line)), first.lines.join('\n'));
    assert.equal(await output(image.id, 'cat', '/data.txt'), 'first');

    await write({ 'other.txt': 'changed' });
    const second = show();
    assert.deepEqual(await second.prepare({ build: 'Dockerfile' }), image);
    assert.deepEqual(second.lines, []);

    await write({ 'data.txt': 'second' });
    const changed = await show().prepare({ build: 'Dockerfile' });
    assert.notEqual(changed.id, image.id);
    assert.equal(await output(changed.id, 'cat', '/data.txt'), 'second');
    assert.deepEqual(await builtImages(engine, folder), [changed.id], 'the image that it replaces is gone');
  });

  it('is kept where a container still uses it', async () => {
    await write({ Dockerfile: `FROM ${base()}\nENV NUMBER=1\n` });
    const image = await show().prepare({ build: 'Dockerfile' });
    const name = testName();
    await engine.call(['create', '--name', name, '--network', 'none', image.id, 'true']);
    try {
      await write({ Dockerfile: `FROM ${base()}\nENV NUMBER=2\n` });
      const next = await show().prepare({ build: 'Dockerfile' });
      assert.deepEqual((await builtImages(engine, folder)).sort(), [image.id, next.id].sort());
    } finally {
      await engine.call(['rm', '--force', name]);
    }
  });

  it('is rebuilt without what the engine has of it', async () => {
    await write({ Dockerfile: `FROM ${base()}\nRUN cat /proc/sys/kernel/random/uuid > /once\n` });
    const image = await show().prepare({ build: 'Dockerfile' });
    const fresh = await show().prepare({ build: 'Dockerfile' }, { fresh: true });
    assert.notEqual(fresh.id, image.id);
    assert.deepEqual(await builtImages(engine, folder), [fresh.id]);
    assert.deepEqual(await show().prepare({ build: 'Dockerfile' }), fresh);
  });

  it('is built once for two who want it at the same time', async () => {
    await write({ Dockerfile: `FROM ${base()}\nRUN cat /proc/sys/kernel/random/uuid > /once\n` });
    const [one, two] = [show(), show()];
    const images = await Promise.all([one, two].map(({ prepare }) => prepare({ build: 'Dockerfile' })));
    assert.equal(images[0]?.id, images[1]?.id);
    assert.equal([one, two].filter(({ lines }) => lines.length > 0).length, 1);
  });

  it('cannot be built: the step and the end of what it printed are told', async () => {
    const noise = Array.from({ length: 30 }, (_, index) => `echo line ${index}`).join('; ');
    await write({ Dockerfile: `FROM ${base()}\nRUN ${noise}; echo no space for this idea >&2; exit 3\n` });
    await assert.rejects(show().prepare({ build: 'Dockerfile' }), (error) => {
      assert.ok(CodeModeError.is(error, 'start-failed'));
      assert.match(error.message, /^Building Dockerfile has failed at: RUN echo line 0/);
      assert.match(error.message, /line 29\n/);
      assert.match(error.message, /no space for this idea/);
      assert.match(error.message, /exit status 3/);
      assert.ok(!error.message.includes('\nline 10\n'));
      assert.match(error.hint ?? '', /Correct Dockerfile/);
      return true;
    });
  });

  it('builds on an image that is not there: that one is named', async () => {
    await write({ Dockerfile: 'FROM 127.0.0.1:1/team/base:2\n' });
    await assert.rejects(show().prepare({ build: 'Dockerfile' }), (error) => {
      assert.ok(CodeModeError.is(error, 'start-failed'));
      assert.match(error.message, /The registry 127\.0\.0\.1:1 cannot be reached.*team\/base:2/);
      return true;
    });
  });

  it('is cancelled while a step runs: the step ends, and nothing of it is left', async () => {
    await write({ Dockerfile: `FROM ${base()}\nRUN echo it begins; sleep 600.25\n` });
    const before = await engine.call(['ps', '--all', '--external', '--quiet']);
    const cancelling = new AbortController();
    const preparing = show().prepare(
      { build: 'Dockerfile' },
      {
        signal: cancelling.signal,
        onProgress: (line) => line === 'it begins' && cancelling.abort(),
      },
    );
    await assert.rejects(preparing, (error) => CodeModeError.is(error, 'cancelled'));
    assert.deepEqual(await builtImages(engine, folder), []);
    const after = await engine.call(['ps', '--all', '--external', '--format', '{{.ID}} {{.Command}}']);
    const left = after
      .split('\n')
      .filter((line) => line.includes('buildah') && !before.includes(line.slice(0, 12)));
    assert.deepEqual(left, []);
    assert.equal(spawnSync('pgrep', ['-f', 'sleep 600[.]25']).stdout.toString(), '');
  });

  it('is built from a devcontainer.json, with its arguments, stage and environment', async () => {
    await write({
      '.devcontainer/devcontainer.json': `{
        // As editors write it.
        "build": { "dockerfile": "../docker/Dockerfile", "context": "..", "args": { "GREETING": "hello" }, "target": "wanted", },
        "containerEnv": { "FROM_CONTAINER": "\${localWorkspaceFolderBasename}" },
        "remoteEnv": { "PATH": "/extra:\${containerEnv:PATH}", "ALSO": "\${containerEnv:FROM_CONTAINER}!" },
        "postCreateCommand": "make",
      }`,
      'docker/Dockerfile': `FROM ${base()} AS wanted\nARG GREETING\nENV PATH=/usr/bin:/bin\nRUN echo $GREETING > /greeting\nFROM wanted\nRUN exit 1\n`,
    });
    const { lines, prepare } = show();
    const build = '.devcontainer/devcontainer.json';
    const image = await prepare({ build });
    assert.equal(await output(image.id, 'cat', '/greeting'), 'hello');
    const name = path.basename(folder);
    assert.deepEqual(image.environment, {
      FROM_CONTAINER: name,
      PATH: '/extra:/usr/bin:/bin',
      ALSO: `${name}!`,
    });
    assert.ok(lines.includes(`${build}: not followed here: postCreateCommand`), lines.join('\n'));
  });

  describe('from a registry', () => {
    let registry: ImageRegistry;
    const before = process.env.CONTAINERS_REGISTRIES_CONF;

    beforeEach(async () => {
      const name = `localhost/${testName()}:1`;
      await write({
        'image/Dockerfile': 'FROM scratch\nCOPY content.txt /content.txt\n',
        'image/content.txt': `content of ${name}`,
      });
      await engine.call(['build', '--tag', name, path.join(folder, 'image')]);
      await engine.call(['save', '--format', 'oci-dir', '--output', path.join(folder, 'layout'), name]);
      await engine.call(['rmi', name]);
      registry = await ImageRegistry.start(path.join(folder, 'layout'));
      await write({ 'registries.conf': registry.configuration });
      process.env.CONTAINERS_REGISTRIES_CONF = path.join(folder, 'registries.conf');
    });
    afterEach(async () => {
      await engine.call(['rmi', registry.image]).catch(() => undefined);
      await registry[Symbol.asyncDispose]();
      if (before === undefined) delete process.env.CONTAINERS_REGISTRIES_CONF;
      else process.env.CONTAINERS_REGISTRIES_CONF = before;
    });

    it('is fetched once, and how far it is is shown', async () => {
      const first = show();
      const image = await first.prepare({ image: registry.image });
      assert.equal(first.lines[0], `Fetching ${registry.image}`);
      assert.match(first.lines.join('\n'), /Fetching \S+: 1 layer/);
      const second = show();
      assert.deepEqual(await second.prepare({ image: registry.image }), image);
      assert.deepEqual(second.lines, []);
      assert.equal(registry.manifestRequests, 1);
    });

    it('is asked for again where the settings say always, or it is to be fresh', async () => {
      await show().prepare({ image: registry.image });
      await show().prepare({ image: registry.image, pull: 'always' });
      assert.equal(registry.manifestRequests, 2);
      await show().prepare({ image: registry.image }, { fresh: true });
      assert.equal(registry.manifestRequests, 3);
    });

    it('has no such image: what to correct is said', async () => {
      const missing = show().prepare({ image: registry.image.replace(/1$/, 'none') });
      await assert.rejects(missing, /has no image \S+:none, or does not give it to you/);
    });

    it('is cancelled while it is fetched, and can be fetched afterwards', async () => {
      let release = (): void => undefined;
      registry.hold = new Promise((resolve) => {
        release = resolve;
      });
      const cancelling = new AbortController();
      const watch = setInterval(() => registry.blobRequests > 0 && cancelling.abort(), 20);
      try {
        await assert.rejects(
          show().prepare({ image: registry.image }, { signal: cancelling.signal }),
          (error) => CodeModeError.is(error, 'cancelled'),
        );
      } finally {
        clearInterval(watch);
        release();
      }
      registry.hold = undefined;
      assert.match((await show().prepare({ image: registry.image })).id, /^sha256:/);
    });

    it('is what a devcontainer.json names', async () => {
      await write({
        '.devcontainer.json': JSON.stringify({ image: registry.image, containerEnv: { A: 'b' } }),
      });
      const image = await show().prepare({ build: '.devcontainer.json' });
      assert.deepEqual([image.name, image.environment], ['.devcontainer.json', { A: 'b' }]);
    });
  });

  it("is built by Docker's command line as well", async function () {
    if (!hasDocker()) return this.skip();
    await write({ Dockerfile: `FROM ${base()}\nRUN echo a step speaks\n` });
    await using service = await DockerService.start();
    const docker = withoutNetwork(await containerEngine(service.settings()));
    const { lines, prepare } = show();
    const image = await prepare({ build: 'Dockerfile' }, { engine: docker });
    assert.ok(lines.includes('a step speaks'), lines.join('\n'));
    assert.deepEqual(await show().prepare({ build: 'Dockerfile' }, { engine: docker }), image);
    await write({ Dockerfile: `FROM ${base()}\nRUN echo it went wrong; exit 4\n` });
    await assert.rejects(
      show().prepare({ build: 'Dockerfile' }, { engine: docker }),
      /failed at: RUN echo it went wrong; exit 4\nit went wrong\n/,
    );
    const absent = show().prepare({ image: 'localhost/nothing-of-this-name' }, { engine: docker });
    await assert.rejects(absent, (error) => CodeModeError.is(error));
  });
});

/** Builds need no network here, and the machine may have none for containers. */
function withoutNetwork(engine: Engine): Engine {
  const call: Engine['call'] = ([command = '', ...args], options) =>
    engine.call(command === 'build' ? [command, '--network', 'none', ...args] : [command, ...args], options);
  return Object.create(engine, {
    call: { value: call },
    command: { value: engine.command.bind(engine) },
  }) as Engine;
}
