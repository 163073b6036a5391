import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { executorRegistry } from '../../../src/core/executors/index.ts';
import { containerSettings, testName } from '../../support/containers.ts';
import { commandLine, descendants } from '../support/processes.ts';
import { assertUsable, HANG_S, PROJECT_FOLDER, startRun } from '../support/subject.ts';
import type { ContainerBench } from './bench.ts';

const run = promisify(execFile);

/** What is seen of a container and can be done with it, and what becomes of it where somebody else ends it. */
export function describeLife(bench: ContainerBench): void {
  describe('its container', () => {
    it('is reported once there is one', async () => {
      const executor = bench.create();
      const control = bench.control(executor);
      const changes: boolean[] = [];
      control.onDidChange(() => changes.push(true));
      const before = await control.report();
      assert.equal(before.container, null);
      assert.equal(before.image, containerSettings().image);
      assert.equal(await control.usage(), null);
      await executor.start();
      assert.ok(changes.length > 0);
      const report = await control.report();
      assert.equal(report.engine, bench.engine.label);
      assert.match(report.imageId ?? '', /^sha256:[0-9a-f]{64}$/);
      assert.equal(report.preparing, null);
      assert.ok(report.container);
      assert.deepEqual(await bench.containers(), [report.container.id]);
      assert.ok(report.container.startedAt <= Date.now());
      assert.ok(report.container.limits.includes('no network'), report.container.limits.join());
      assert.ok(report.container.limits.includes('4 GiB of memory, swap with it'));
    });

    it('can be entered by a shell, as the same user', async () => {
      const executor = await bench.start();
      const { file, args } = (await bench.container(executor)).shell;
      const plain = args.map((argument) => (argument === '-it' ? '-i' : argument));
      const shell = spawn(file, plain, { stdio: ['pipe', 'pipe', 'inherit'] });
      let said = '';
      shell.stdout.on('data', (text) => {
        said += text;
      });
      shell.stdin.end('id -u; echo $HOME\n');
      await once(shell, 'close');
      assert.equal(said, `${await bench.value(executor, 'import os\nos.getuid()')}\n/tmp\n`);
    });

    it('tells what it uses while code computes', async () => {
      const executor = await bench.start({ cpus: 1, memoryLimit: 512 });
      await executor.run('x = bytearray(100_000_000)');
      const { result } = await startRun(executor, 'while True: pass');
      const usage = await bench.control(executor).usage();
      assert.ok(usage);
      assert.ok((usage.memory ?? 0) > 90_000_000, `${usage.memory}`);
      assert.equal(usage.memoryLimit, 512 * 1024 * 1024);
      assert.equal(usage.processors, 1);
      assert.ok((usage.processorTime ?? 0) > 0);
      assert.ok((usage.processes ?? 0) >= 2);
      await executor.interrupt();
      await result;
    });

    it('has a log with what happened and no secrets', async () => {
      const executor = await bench.start({ environment: { ANY: 'open-sesame', NAME: 'x' } });
      assert.equal(await bench.value(executor, 'import os\nos.environ["ANY"]'), 'open-sesame');
      const { name } = await bench.container(executor);
      await bench.control(executor).stop();
      const log = await bench.control(executor).log();
      assert.match(log, /^\d{4}-\d\d-\d\dT\S+Z Engine: /);
      assert.match(log, new RegExp(`Container ${name}: no network; `));
      assert.match(log, new RegExp(`Container ${name} has ended: `));
      assert.doesNotMatch(log, /sesame/);
      const bad = bench.create({ image: 'localhost/there-is-no-such-image', pull: 'never' });
      await assert.rejects(bad.start());
      assert.match(await bench.control(bad).log(), /there-is-no-such-image/);
    });

    it('is stopped, and the next run starts another one', async () => {
      const executor = await bench.start();
      const { id } = await bench.container(executor);
      const { result } = await startRun(executor, 'while True: pass');
      await bench.control(executor).stop();
      assert.equal((await result).status, 'died');
      assert.deepEqual(await bench.untilGone(), []);
      assert.equal((await bench.control(executor).report()).container, null);
      assert.equal(executor.state, 'stopped');
      await assertUsable(executor);
      assert.notEqual((await bench.container(executor)).id, id);
      await bench.control(executor).stop();
      await bench.control(executor).stop();
    });

    it('stays the same while its Python ends and starts again', async () => {
      const executor = await bench.start();
      const { id } = await bench.container(executor);
      await executor.run('import os\nos._exit(3)', { timeoutS: HANG_S });
      await assertUsable(executor);
      await executor.reset();
      await executor.restart();
      await assertUsable(executor);
      assert.equal((await bench.container(executor)).id, id);
    });

    it('is another one of the image as it is now, once it was rebuilt', async () => {
      const image = `localhost/${testName()}`;
      const { file, args } = bench.engine.command(['tag', String(containerSettings().image), image]);
      await run(file, [...args]);
      try {
        const executor = await bench.start({ image, pull: 'missing' });
        await executor.run('x = 1');
        const { id } = await bench.container(executor);
        const lines: string[] = [];
        await bench.control(executor).rebuild({ onProgress: (line) => lines.push(line) });
        assert.notEqual((await bench.container(executor)).id, id);
        assert.equal(await bench.value(executor, '"x" in dir()'), false);
        assert.equal((await bench.control(executor).report()).preparing, null);
      } finally {
        await bench.engine.call(['rmi', image]);
      }
    });

    it('is not there after a start that was given up', async () => {
      const executor = bench.create();
      const starting = executor.start();
      setTimeout(() => executor.cancelStart(), 100);
      await assert.rejects(starting);
      assert.equal(executor.state, 'stopped');
      assert.deepEqual(await bench.untilGone(), []);
      await assertUsable(executor);
    });
  });

  describe('a container that somebody else', () => {
    const ENDS: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
      removes: (id) => bench.engine.call(['rm', '--force', id]),
      stops: (id) => bench.engine.call(['stop', '--time', '5', id]),
      kills: (id) => bench.engine.call(['kill', id]),
      'takes from by ending the client of its engine': async (id) => killClient(await nameOf(id)),
    };

    async function nameOf(id: string): Promise<string> {
      return (await bench.engine.call(['container', 'inspect', '--format', '{{.Name}}', id])).trim();
    }

    function killClient(name: string): void {
      const clients = descendants(process.pid).filter((pid) => commandLine(pid).includes(`--name=${name}`));
      assert.ok(clients.length > 0);
      for (const pid of clients) process.kill(pid, 'SIGKILL');
    }

    for (const [title, end] of Object.entries(ENDS)) {
      it(`${title} while code runs is said to have ended, and replaced`, async () => {
        const executor = await bench.start();
        const { id } = await bench.container(executor);
        const { result } = await startRun(executor, 'while True: pass');
        await end(id);
        const { status, error } = await result;
        assert.equal(status, 'died');
        assert.match(error?.message ?? '', /container/);
        await assertUsable(executor);
        assert.notEqual((await bench.container(executor)).id, id);
      });

      it(`${title} while nothing runs is replaced with the next run`, async () => {
        const executor = await bench.start();
        const { id } = await bench.container(executor);
        const ended = new Promise<void>((resolve) => {
          executor.onDidChangeState((state) => state === 'dead' && resolve());
        });
        await end(id);
        await ended;
        assert.equal((await bench.control(executor).report()).container, null);
        await assertUsable(executor);
      });
    }

    it('freezes is given up with its run', async function () {
      const executor = await bench.start();
      const { id } = await bench.container(executor);
      await bench.engine.call(['pause', id]).catch(() => this.skip());
      const { status } = await executor.run('1 + 1', { timeoutS: 1 });
      assert.equal(status, 'timeout');
      await assertUsable(executor);
      assert.notEqual((await bench.container(executor)).id, id);
    });
  });

  describe('a process that has containers', () => {
    /** Starts such a process; it is ready once Python is at what `state` says. */
    async function startParent(state: string, end: string) {
      const script = path.join(PROJECT_FOLDER, 'out/test/contract/support/parent.js');
      const settings = JSON.stringify(containerSettings({ warmSpare: false, cacheDeps: false }));
      const parent = spawn(process.execPath, [script, 'container', settings, state, end], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const ended = once(parent, 'exit');
      await once(parent.stdout, 'data');
      assert.ok(parent.pid);
      assert.equal((await bench.containers(parent.pid)).length, 1);
      return { parent, pid: parent.pid, ended };
    }

    for (const state of ['idle', 'busy', 'in C', 'with children']) {
      it(`leaves none when it is killed, with Python ${state}`, async () => {
        const { parent, pid, ended } = await startParent(state, 'wait');
        parent.kill('SIGKILL');
        await ended;
        assert.deepEqual(await bench.untilGone(pid), []);
      });
    }

    for (const end of ['exit', 'throw']) {
      it(`leaves none when it ends by ${end}`, async () => {
        const { parent, pid, ended } = await startParent('busy', end);
        parent.stdin.write('go');
        await ended;
        assert.deepEqual(await bench.untilGone(pid), []);
      });
    }

    it('and cannot take its frozen one with it has that removed by the next', async function () {
      const { parent, pid, ended } = await startParent('idle', 'wait');
      const [id = ''] = await bench.containers(pid);
      await bench.engine.call(['pause', id]).catch(() => this.skip());
      parent.kill('SIGKILL');
      await ended;
      assert.deepEqual(await bench.containers(pid), [id]);
      // Another process, since each looks once.
      const next = await startParent('idle', 'wait');
      assert.deepEqual(await bench.untilGone(pid), []);
      next.parent.kill('SIGKILL');
      await next.ended;
      assert.deepEqual(await bench.untilGone(next.pid), []);
    });
  });

  describe('started and ended many times', () => {
    it('leaves nothing behind', async function () {
      this.timeout(180_000);
      let left = 24;
      const worker = async () => {
        while (left > 0) {
          left -= 1;
          const way = left % 4;
          const executor = executorRegistry.get('container').create({
            distFolder: path.join(PROJECT_FOLDER, 'dist'),
            log: () => undefined,
            settings: containerSettings({ warmSpare: way === 0, cacheDeps: false }),
          });
          await executor.start();
          if (way === 1) await executor.run('import os\nos._exit(3)', { timeoutS: HANG_S });
          if (way === 2) await executor.container?.stop();
          if (way === 3) await executor.restart();
          await executor.close();
        }
      };
      await Promise.all([worker(), worker()]);
      assert.deepEqual(await bench.untilGone(), []);
      const clients = descendants(process.pid).filter((pid) => commandLine(pid).includes('--interactive'));
      assert.deepEqual(clients, []);
    });
  });
}
