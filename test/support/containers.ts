// Tests that start containers: the files `test/contract/container*.test.ts`, and those in `test/contract/container/`. They
// run in the suite `container` (`npm test -- container`) and not in `contract`. What they start, they name with
// `testName()` and remove. The settings come from the variable CODE_MODE_TEST_CONTAINER, JSON that `scripts/test.mjs` sets
// once it has seen to an engine and an image with Python; a test adds its own to them: `containerSettings({ network: 'on' })`.
// By hand, with an image of one's own: CODE_MODE_TEST_CONTAINER='{"engine":"podman","runtime":"runc","image":"localhost/cm-python",
// "pull":"never","runArguments":["--ulimit","nofile=1024:1024","--ulimit","nproc=1024:1024"]}'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Engine } from '../../src/core/executors/container/engine/engine.ts';
import { findEngine } from '../../src/core/executors/container/engine/findEngine.ts';
import { removeLeftovers } from '../../src/core/executors/container/leftovers.ts';
import {
  type ContainerSettings,
  parseContainerSettings,
} from '../../src/core/executors/container/settings.ts';
import { commaSeparated } from '../../src/core/executors/container/wall/commaSeparated.ts';

const VARIABLE = 'CODE_MODE_TEST_CONTAINER';
/** The label of what is kept for a workspace. */
const KEPT = 'python-code-mode.workspace';

const VolumesSchema = z.array(z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()) }));

/** Whether containers can be started on this machine. With CI=true they must be. */
export function hasContainers(): boolean {
  const there = Boolean(process.env[VARIABLE]);
  if (!there && process.env.CI === 'true') throw new Error(`${VARIABLE} is not set: no engine was found.`);
  return there;
}

/** The settings `codeMode.container.*` that containers start with on this machine, as a person writes them. */
export function containerSettings(
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const settings = z.record(z.string(), z.unknown()).parse(JSON.parse(process.env[VARIABLE] ?? '{}'));
  return { ...settings, ...changes };
}

/** As {@link containerSettings}, checked. */
export function parsedContainerSettings(changes?: Readonly<Record<string, unknown>>): ContainerSettings {
  return parseContainerSettings(containerSettings(changes));
}

/** The engine of these settings. */
export function containerEngine(changes?: Readonly<Record<string, unknown>>): Promise<Engine> {
  return findEngine(parsedContainerSettings(changes), { log: () => undefined });
}

/** A name for a container, volume or image that no other test has. */
export function testName(): string {
  return `code-mode-test-${randomBytes(6).toString('hex')}`;
}

/** Removes what killed processes have left, and the volumes of packages whose workspaces were folders of tests and are gone. */
export async function removeTestVolumes(): Promise<void> {
  const engine = await containerEngine();
  await removeLeftovers(engine, () => undefined);
  const filter = ['--filter', `label=${KEPT}`];
  const listed = await engine.call(['volume', 'ls', '--quiet', ...filter]);
  const names = listed.split('\n').filter(Boolean);
  if (names.length === 0) return;
  const inspected = VolumesSchema.parse(JSON.parse(await engine.call(['volume', 'inspect', ...names])));
  for (const { Name, Labels } of inspected) {
    const folder = Labels[KEPT] ?? '';
    if (!folder.startsWith(path.join(realpathSync(tmpdir()), '/')) || existsSync(folder)) continue;
    // Where another run of the tests was first, there is none.
    await engine.call(['volume', 'rm', Name]).catch(() => undefined);
  }
}

/** Whether Docker's command line is on this machine, whatever it speaks to. With CI=true it must be. */
export function hasDocker(): boolean {
  const there = hasContainers() && spawnSync('docker', ['--version']).status === 0;
  if (!there && process.env.CI === 'true') throw new Error("Docker's command line is not installed.");
  return there;
}

/** The ids of what was built for a folder. */
export async function builtImages(engine: Engine, folder: string): Promise<string[]> {
  const label = `label=python-code-mode.workspace=${folder}`;
  const filter = engine.kind === 'podman' ? commaSeparated([label]) : label;
  const list = await engine.call(['images', '--no-trunc', '--quiet', '--filter', filter]);
  return [...new Set(list.split('\n').filter(Boolean))];
}

/** Removes what was built for a folder. */
export async function removeImages(engine: Engine, folder: string): Promise<void> {
  const images = await builtImages(engine, folder);
  if (images.length > 0) await engine.call(['rmi', '--force', ...images]);
}

/**
 * Podman as Docker's command line sees it: a service on a socket that DOCKER_HOST leads to for as long as it lives. With
 * `dockerSettings` the same images start as with Podman itself.
 */
export class DockerService implements AsyncDisposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'docker-'));
  readonly #hostBefore = process.env.DOCKER_HOST;
  #process: ChildProcess | undefined;

  private constructor() {}

  static async start(): Promise<DockerService> {
    const service = new DockerService();
    await service.#start();
    process.env.DOCKER_HOST = `unix://${service.#socket}`;
    return service;
  }

  /** Settings with which Docker starts containers here. */
  settings(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return containerSettings({ engine: 'docker', runtime: '', ...changes });
  }

  get #socket(): string {
    return path.join(this.#folder, 's');
  }

  async #start(): Promise<void> {
    const { file, args } = (await containerEngine()).command([
      'system',
      'service',
      '--time=0',
      `unix://${this.#socket}`,
    ]);
    const service = spawn(file, args, { stdio: 'ignore' });
    this.#process = service;
    for (let attempt = 0; !existsSync(this.#socket); attempt += 1) {
      if (attempt > 400 || service.exitCode !== null)
        throw new Error('podman system service does not start.');
      await delay(25);
    }
  }

  /** Ends it without a word; DOCKER_HOST still leads to where it was. */
  async kill(): Promise<void> {
    const service = this.#process;
    this.#process = undefined;
    if (service === undefined || service.exitCode !== null) return;
    const ended = once(service, 'exit');
    service.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#hostBefore === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = this.#hostBefore;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
