import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError, type ErrorCode } from '../../src/core/contract/errors.ts';
import type { Engine } from '../../src/core/executors/container/engine/engine.ts';
import { findEngine } from '../../src/core/executors/container/engine/findEngine.ts';
import { parseContainerSettings } from '../../src/core/executors/container/settings.ts';
import {
  containerSettings,
  DockerService,
  hasContainers,
  hasDocker,
  testName,
} from '../support/containers.ts';
import { writeScript } from '../support/programs.ts';
import { until } from '../support/until.ts';

const log = () => undefined;

type Changes = Readonly<Record<string, unknown>>;

function find(settings: Changes): Promise<Engine> {
  return findEngine(parseContainerSettings(settings), { log });
}

function says(code: ErrorCode, message: RegExp, hint: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(CodeModeError.is(error), String(error));
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
    assert.equal(error.code, code);
    return true;
  };
}

/** What holds for each engine. @param settings with changes; known once the tests run */
function describeEngine(settings: (changes?: Changes) => Changes): void {
  const image = () => parseContainerSettings(settings()).image;
  /** The arguments of a container that leaves nothing behind. */
  const run = (engine: Engine, ...args: readonly string[]) => {
    const { runArguments } = parseContainerSettings(settings());
    return ['run', '--rm', '--network', 'none', ...engine.runArguments, ...runArguments, ...args];
  };

  it('runs a command and gives back what it prints, each line as it comes', async () => {
    const engine = await find(settings());
    const lines: string[] = [];
    const script = 'echo one; echo two >&2; printf "three\\rfour\\n"';
    const stdout = await engine.call(run(engine, image(), 'sh', '-c', script), {
      onLine: (line) => lines.push(line),
    });
    assert.equal(stdout, 'one\nthree\rfour\n');
    assert.deepEqual(lines.toSorted(), ['four', 'one', 'three', 'two']);
  });

  it('hands over what a command reads', async () => {
    const engine = await find(settings());
    const args = run(engine, '-i', image(), 'wc', '-c');
    assert.equal((await engine.call(args, { input: 'x'.repeat(300_000) })).trim(), '300000');
  });

  it('starts a command whose streams are the caller’s', async () => {
    const engine = await find(settings());
    const child = engine.spawn(run(engine, '-i', image(), 'cat'), ['pipe', 'pipe', 'inherit']);
    child.stdin!.end('there and back');
    const parts: Buffer[] = [];
    child.stdout!.on('data', (bytes: Buffer) => parts.push(bytes));
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    assert.equal(Buffer.concat(parts).toString(), 'there and back');
  });

  it('is cancelled once the command is gone, and leaves nothing behind', async () => {
    const engine = await find(settings());
    const name = testName();
    const stop = new AbortController();
    const script = 'trap "exit 1" TERM; echo up; while :; do sleep 0.1; done';
    const call = engine.call(run(engine, '--name', name, image(), 'sh', '-c', script), {
      signal: stop.signal,
      // Podman passes signals on only from a moment after the first output.
      onLine: () => setTimeout(() => stop.abort(), 1000),
    });
    await assert.rejects(call, says('cancelled', /cancelled/, /^$/));
    const list = ['ps', '--all', '--quiet', '--filter', `name=${name}`];
    await until('it is gone', async () => (await engine.call(list)) === '');
  });

  it('is not started where it was cancelled before', async () => {
    const engine = await find(settings());
    const signal = AbortSignal.abort();
    await assert.rejects(engine.call(['info'], { signal }), says('cancelled', /cancelled/, /^$/));
    await assert.rejects(
      findEngine(parseContainerSettings(settings()), { signal, log }),
      says('cancelled', /cancelled/, /^$/),
    );
  });

  it('has a time limit where it is told one', async () => {
    const engine = await find(settings());
    const args = run(engine, image(), 'sh', '-c', 'trap "exit 1" TERM; while :; do sleep 0.1; done');
    await assert.rejects(
      engine.call(args, { timeoutMs: 1500 }),
      says('start-failed', /has not answered within 1.5 seconds/, /restart it/),
    );
  });

  it('says what is not there', async () => {
    const engine = await find(settings({ image: 'localhost/code-mode-nothing' }));
    await assert.rejects(
      engine.call(['image', 'inspect', 'localhost/code-mode-nothing']),
      says(
        'not-found',
        /no image localhost\/code-mode-nothing on this machine/,
        /pull localhost\/code-mode-nothing/,
      ),
    );
    await assert.rejects(
      engine.call(run(engine, '--pull', 'never', 'localhost/code-mode-nothing', 'true')),
      says('not-found', /no image localhost\/code-mode-nothing/, /codeMode\.container\.pull/),
    );
    await assert.rejects(
      engine.call(['volume', 'inspect', 'nothing']),
      says('not-found', /no such volume/, /session/),
    );
    await assert.rejects(engine.call(['kill', 'nothing']), says('not-found', /no such container/, /session/));
  });

  it('says that a registry is out of reach', async () => {
    const engine = await find(settings({ image: '127.0.0.1:1/team/image:1' }));
    await assert.rejects(
      engine.call(['pull', '127.0.0.1:1/team/image:1']),
      says('start-failed', /registry 127\.0\.0\.1:1 cannot be reached/, /pull 127\.0\.0\.1:1\/team\/image:1/),
    );
  });

  it('says which argument it does not know', async () => {
    const engine = await find(settings());
    await assert.rejects(
      engine.call(run(engine, '--no-such-flag', image(), 'true')),
      says('settings', /does not know the argument --no-such-flag/, /codeMode\.container\.runArguments/),
    );
  });

  it('says in its own words what nothing is known of', async () => {
    const engine = await find(settings());
    await assert.rejects(
      engine.call(['image', 'tag', image(), 'NOT/A/NAME']),
      says('start-failed', /could not do "image": .*lower ?case/i, /log/),
    );
  });

  it('says that a context is not there', async () => {
    await assert.rejects(
      find(settings({ context: 'nowhere' })),
      says('settings', /"nowhere"/, /(context ls|system connection list).*codeMode\.container\.context/),
    );
  });
}

(hasContainers() ? describe : describe.skip)('Podman', function () {
  this.slow(5000);
  describeEngine(containerSettings);

  it('is known by its version and by what it limits', async () => {
    const engine = await find(containerSettings());
    assert.equal(engine.kind, 'podman');
    assert.match(engine.label, /^Podman \d+\.\d+\.\d+/);
    const info = JSON.parse(await engine.call(['info', '--format', 'json']));
    assert.equal(engine.facts.isRootless, info.host.security.rootless);
    assert.equal(engine.facts.isRemote, false);
    for (const name of ['memory', 'cpu', 'pids'] as const) {
      assert.equal(engine.facts.limits[name], info.host.cgroupControllers.includes(name), name);
    }
  });

  it('is found under another name', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'engine-'));
    try {
      const { file } = (await find(containerSettings())).command([]);
      const own = path.join(folder, 'my-podman');
      symlinkSync(file, own);
      assert.equal((await find(containerSettings({ engine: own }))).command(['info']).file, own);
      // As Debian's podman-docker has it.
      const script = writeScript(path.join(folder, 'docker'), [`exec ${file} "$@"`]);
      const engine = await find(containerSettings({ engine: script }));
      assert.equal(engine.kind, 'podman');
      assert.match(await engine.call(['version']), /\d/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is taken where Docker does not answer', async () => {
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = `unix://${path.join(tmpdir(), 'nothing.sock')}`;
    try {
      assert.equal((await find(containerSettings({ engine: 'auto' }))).kind, 'podman');
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it('says what keeps a container from its start', async () => {
    const engine = await find(containerSettings({ python: 'python9' }));
    const { image, runArguments } = parseContainerSettings(containerSettings());
    const run = (...args: string[]) =>
      engine.call(['run', '--rm', '--network', 'none', ...runArguments, ...args]);
    await assert.rejects(
      run('--entrypoint', 'python9', image, '-V'),
      says('settings', /no program python9/, /codeMode\.container\.python.*codeMode\.container\.image/),
    );
    await assert.rejects(
      run('--entrypoint', '/etc/passwd', image),
      says('settings', /no program \/etc\/passwd/, /codeMode\.container\.python/),
    );
    await assert.rejects(
      run('--user', 'nobody9', image, 'true'),
      says('settings', /no user or group nobody9/, /codeMode\.container\.user.*1000:1000/),
    );
    await assert.rejects(
      run('--mount', 'type=bind,source=/no/folder,target=/x', image, 'true'),
      says('settings', /cannot mount \/no\/folder/, /codeMode\.container\.mounts/),
    );
    await assert.rejects(
      run('--device', 'nvidia.com/gpu=all', image, 'true'),
      says('start-failed', /GPUs/, /nvidia-ctk cdi generate/),
    );
  });

  it('says that a runtime is not there', async () => {
    const engine = await find(containerSettings({ runtime: 'nothing' }));
    await assert.rejects(
      engine.call(['run', '--rm', parseContainerSettings(containerSettings()).image, 'true']),
      says('settings', /no runtime "nothing"/, /codeMode\.container\.runtime/),
    );
  });
});

(hasDocker() ? describe : describe.skip)("Docker's command line", function () {
  this.slow(5000);
  let service: DockerService;
  before(async () => {
    service = await DockerService.start();
  });
  after(() => service[Symbol.asyncDispose]());

  describeEngine((changes) => service.settings(changes));

  it('is known by the version of what it speaks to, and by what that limits', async () => {
    const engine = await find(service.settings({ runtime: 'runc' }));
    assert.equal(engine.kind, 'docker');
    assert.match(engine.label, /^Docker \d+\.\d+\.\d+/);
    assert.deepEqual(engine.facts.limits, { memory: true, swap: true, cpu: true, pids: true });
    assert.equal(engine.facts.isRemote, false);
    assert.deepEqual(engine.runArguments, ['--runtime', 'runc']);
  });

  it('is taken first', async () => {
    assert.equal((await find(service.settings({ engine: 'auto' }))).kind, 'docker');
  });

  it('says that it is not running once it has ended, and is found again once it runs', async () => {
    await using other = await DockerService.start();
    const engine = await find(other.settings());
    await other.kill();
    const gone = says('start-failed', /Docker does not answer where DOCKER_HOST/, /docker info/);
    await assert.rejects(engine.call(['ps']), gone);
    await assert.rejects(find(other.settings()), gone);
  });
});

describe('an engine', () => {
  it('that is not there', async () => {
    await assert.rejects(
      find({ engine: '/no/such/podman' }),
      says('settings', /\/no\/such\/podman/, /auto, docker, podman/),
    );
    const before = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      const missing = says(
        'start-failed',
        /Neither Docker nor Podman is installed/,
        /codeMode\.container\.engine/,
      );
      if (process.platform === 'linux') await assert.rejects(find({ engine: 'auto' }), missing);
    } finally {
      process.env.PATH = before;
    }
  });

  it('that says something else than an engine does', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'engine-'));
    try {
      const engine = writeScript(path.join(folder, 'engine'), ['echo "[]"']);
      await assert.rejects(
        find({ engine }),
        says('start-failed', /tells nothing of itself/, /codeMode\.container\.engine/),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
