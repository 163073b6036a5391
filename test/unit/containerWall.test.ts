import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { Capability } from '../../src/core/contract/capability.ts';
import {
  containerCapabilities,
  type SeenContainer,
} from '../../src/core/executors/container/capabilities.ts';
import type { Engine, EngineFacts } from '../../src/core/executors/container/engine/engine.ts';
import type { ContainerPlan } from '../../src/core/executors/container/plan.ts';
import { parseContainerSettings } from '../../src/core/executors/container/settings.ts';
import { containerMounts } from '../../src/core/executors/container/wall/mounts.ts';
import { runArguments } from '../../src/core/executors/container/wall/runArguments.ts';

type Settings = Record<string, unknown>;
type EngineChanges = Partial<Omit<Engine, 'facts'>> & { facts?: Partial<EngineFacts> };

function plan(
  settings: Settings,
  { facts, ...engine }: EngineChanges = {},
  changes: Partial<ContainerPlan> = {},
): ContainerPlan {
  const noCommand = (): never => assert.fail('nothing is started');
  return {
    engine: {
      kind: 'podman',
      label: 'Podman 5.4.0',
      call: noCommand,
      spawn: noCommand,
      command: noCommand,
      problem: noCommand,
      runArguments: [],
      ...engine,
      facts: {
        version: '5.4.0',
        isRootless: false,
        isRemote: false,
        limits: { memory: true, swap: true, cpu: true, pids: true },
        ...facts,
      },
    },
    image: { id: 'sha256:1234', name: 'image', environment: {} },
    settings: parseContainerSettings(settings),
    name: 'name',
    labels: {},
    workspaceFolder: undefined,
    workingFolder: undefined,
    protectedMounts: [],
    volume: undefined,
    user: undefined,
    ...changes,
  };
}

/** What `run` is told of one flag. */
function told(flag: string, ...of: Parameters<typeof plan>): string[] {
  return runArguments(plan(...of), []).flatMap((argument) =>
    argument.startsWith(`--${flag}=`) ? argument.slice(flag.length + 3) : [],
  );
}

describe('what the engine is told of a container', () => {
  it('ends with the image and what its Python is given', () => {
    const further = { runArguments: ['--network=mine', '--memory=1g'], network: 'on' };
    const args = runArguments(plan(further), ['-c', 'pass']);
    assert.deepEqual(args.slice(-5), ['--network=mine', '--memory=1g', 'sha256:1234', '-c', 'pass']);
    assert.equal(args[0], 'run');
  });

  it('has limits as far as the engine keeps them', () => {
    const settings = { memoryLimit: 100, cpus: 1.5, processLimit: 0 };
    assert.deepEqual(told('memory', settings), ['100m']);
    assert.deepEqual(told('memory-swap', settings), ['100m']);
    assert.deepEqual(told('cpu-quota', settings), ['150000']);
    assert.deepEqual(told('pids-limit', settings), ['-1']);
    const none = { facts: { limits: { memory: false, swap: false, cpu: false, pids: false } } };
    for (const flag of ['memory', 'memory-swap', 'cpu-quota', 'pids-limit']) {
      assert.deepEqual(told(flag, settings, none), [], flag);
    }
  });

  it('has GPUs in the words of the engine', () => {
    assert.deepEqual(told('gpus', { gpus: 'all' }, { kind: 'docker' }), ['all']);
    assert.deepEqual(told('gpus', { gpus: '0, 1' }, { kind: 'docker' }), ['"device=0,1"']);
    assert.deepEqual(told('device', { gpus: '0, 1' }), ['nvidia.com/gpu=0', 'nvidia.com/gpu=1']);
    assert.deepEqual([...told('device', {}), ...told('gpus', {}, { kind: 'docker' })], []);
  });

  it('has a user that is not root, and files of the workspace that are theirs', () => {
    const rootless = { isRootless: true };
    const [own = ''] = told('user', {});
    assert.match(own, /^[1-9]\d*:\d+$/);
    assert.deepEqual(told('user', {}, { facts: { isRemote: true } }), ['1000:1000']);
    assert.deepEqual(told('userns', {}, { facts: rootless }), ['keep-id']);
    assert.deepEqual(told('userns', {}), []);
    // Root is the person where the engine has none.
    assert.deepEqual(told('userns', { user: 'root:root' }, { facts: rootless }), []);
    assert.deepEqual(told('user', { workspace: 'writable' }, { kind: 'docker', facts: rootless }), ['0:0']);
    assert.deepEqual(told('user', { user: 'me' }, {}, { user: '0:0' }), ['0:0']);
  });
});

describe('mounts of a container', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'code-mode-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const mount = (source: string, more: Settings = {}, target = '/data') =>
    containerMounts(plan({ mounts: [{ source, target }], ...more }, {}, { workspaceFolder: folder }));

  function refuses(source: string, message: RegExp): void {
    assert.throws(() => mount(source), { code: 'settings', message, hint: /dangerousMounts/ }, source);
    assert.equal(mount(source, { dangerousMounts: [source] }).length, 1, source);
  }

  it('are refused for what opens the machine, unless it is said twice', async () => {
    refuses(path.parse(folder).root, /all of this machine/);
    refuses('~', /home folder/);
    refuses(path.dirname(homedir()), /home folder|all of this machine/);
    refuses(tmpdir(), /temporary files/);
    await symlink(homedir(), path.join(folder, 'link'));
    refuses('link', /home folder/);
    refuses('../'.repeat(20), /all of this machine/);
  });

  it('are refused for sockets and what they are in', async function () {
    if (process.platform === 'win32') this.skip();
    const socket = path.join(folder, 'engine', 'docker.sock');
    await mkdir(path.dirname(socket));
    const server = createServer().listen(socket);
    await new Promise((resolve) => server.once('listening', resolve));
    const before = process.env.DOCKER_HOST;
    try {
      refuses(socket, /the socket of a program/);
      assert.equal(mount('engine').length, 1);
      process.env.DOCKER_HOST = `unix://${socket}`;
      refuses('engine', /the container engine is spoken to/);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
      server.close();
    }
  });

  it('are refused for places of secrets, what is in them and what they are in', async () => {
    const before = process.env.HOME;
    process.env.HOME = folder;
    try {
      await mkdir(path.join(folder, '.config', 'gh'), { recursive: true });
      await writeFile(path.join(folder, '.config', 'gh', 'hosts.yml'), '');
      for (const place of ['.config', '.config/gh', '.config/gh/hosts.yml']) refuses(place, /holds secrets/);
      await mkdir(path.join(folder, 'project'));
      assert.equal(mount('project').length, 1);
    } finally {
      if (before === undefined) delete process.env.HOME;
      else process.env.HOME = before;
    }
  });

  it('are refused where they are not there, have no place, or are on another machine', async () => {
    assert.throws(() => mount('missing'), { code: 'settings', message: /is not there/ });
    for (const target of ['/', '/proc/x', '/dev', '/tmp', '/opt/code-mode/x', '/opt', '/a/../proc']) {
      assert.throws(() => mount('.', {}, target), { code: 'settings', message: /cannot mount/ }, target);
    }
    assert.throws(() => containerMounts(plan({ mounts: [{ source: 'relative', target: '/data' }] })), {
      code: 'settings',
      message: /no folder is open/,
    });
    assert.throws(
      () =>
        containerMounts(
          plan({ workspace: 'readOnly' }, { facts: { isRemote: true } }, { workspaceFolder: folder }),
        ),
      { code: 'settings', message: /another one/ },
    );
  });

  it('refuse the workspace folder as well', () => {
    const wanted = plan({ workspace: 'readOnly' }, {}, { workspaceFolder: homedir() });
    assert.throws(() => containerMounts(wanted), {
      code: 'settings',
      message: /codeMode.container.workspace/,
    });
  });
});

describe('what a container promises', () => {
  const closed: SeenContainer = {
    facts: {
      python: '3.13.1',
      executable: '/usr/local/bin/python3',
      user: 1000,
      isFirstProcess: true,
      hasCapabilities: false,
      noNewPrivileges: true,
      rootIsWritable: false,
      interfaces: [],
      memoryLimit: 2 ** 30,
      memoryAndSwapLimit: 2 ** 30,
      cpuLimit: 2,
      processLimit: 256,
      fileSizeLimit: null,
      mounts: [],
    },
    mounts: [],
  };

  function promised(settings: Settings, seen: SeenContainer | undefined): string[] {
    const reports = containerCapabilities(parseContainerSettings(settings), seen, undefined);
    assert.equal(reports.length, 10);
    return reports.flatMap(({ capability, supported }) => (supported ? capability : []));
  }

  const changed = (facts: Partial<SeenContainer['facts']>): SeenContainer => ({
    ...closed,
    facts: { ...closed.facts, ...facts },
  });

  it('is nothing of it before it was started', () => {
    const { TIMEOUT, PROCESS_ISOLATION, RESET } = Capability;
    assert.deepEqual(promised({}, undefined), [TIMEOUT, PROCESS_ISOLATION, RESET]);
  });

  it('follows from what it has seen', () => {
    const all = promised({}, closed);
    assert.equal(all.length, 8);
    const cases: readonly [Partial<SeenContainer['facts']>, readonly string[]][] = [
      [{ hasCapabilities: true }, [Capability.FILESYSTEM_ISOLATION]],
      [{ noNewPrivileges: false }, [Capability.FILESYSTEM_ISOLATION]],
      [{ isFirstProcess: false }, [Capability.FILESYSTEM_ISOLATION]],
      [{ mounts: [{ target: '/x', type: 'ext4', writable: false }] }, [Capability.FILESYSTEM_ISOLATION]],
      [{ interfaces: ['eth0'] }, [Capability.NETWORK_ISOLATION, Capability.NETWORK_FILTERING]],
      [{ memoryAndSwapLimit: null }, [Capability.MEMORY_LIMIT]],
      [{ memoryLimit: null }, [Capability.MEMORY_LIMIT]],
      [{ cpuLimit: null }, [Capability.CPU_LIMIT]],
    ];
    for (const [facts, missing] of cases) {
      const left = promised({}, changed(facts));
      assert.deepEqual(
        all.filter((capability) => !left.includes(capability)),
        missing,
        JSON.stringify(facts),
      );
    }
  });

  it('allows what was asked for, but not more of it', () => {
    const mounts = [{ target: '/data', writable: false }];
    const shown = (writable: boolean) => ({
      ...changed({ mounts: [{ target: '/data', type: 'ext4', writable }] }),
      mounts,
    });
    assert.ok(promised({}, shown(false)).includes(Capability.FILESYSTEM_ISOLATION));
    assert.ok(!promised({}, shown(true)).includes(Capability.FILESYSTEM_ISOLATION));
  });

  it('has domains that are let through', () => {
    const some = { network: 'allowedDomains', allowedDomains: ['pypi.org'] };
    assert.ok(!promised(some, closed).includes(Capability.NETWORK_ISOLATION));
    assert.ok(promised(some, closed).includes(Capability.NETWORK_FILTERING));
    assert.ok(promised({ network: 'allowedDomains' }, closed).includes(Capability.NETWORK_ISOLATION));
    assert.ok(!promised({ network: 'on' }, closed).includes(Capability.NETWORK_FILTERING));
  });
});
