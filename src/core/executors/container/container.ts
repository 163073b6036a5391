import type { Transport } from '../../connection/transport.ts';
import type { ContainerControl, ContainerRebuildOptions } from '../../contract/container.ts';
import type { PackageEnvironment } from '../../contract/dependencies.ts';
import { ClosedError, CodeModeError } from '../../contract/errors.ts';
import type { Json } from '../../contract/execution.ts';
import type { CapabilityReport } from '../../contract/executor.ts';
import type { ExecutorContext } from '../registry.ts';
import { SparePool } from '../sparePool.ts';
import { containerCapabilities, type SeenContainer } from './capabilities.ts';
import { containerLimits } from './containerLimits.ts';
import { ContainerLog } from './containerLog.ts';
import { ContainerRecord } from './containerRecord.ts';
import { type ContainerSource, ContainerStarter } from './containerStarter.ts';
import { interpreterFolder } from './interpreter.ts';
import { removeLeftoversOnce } from './leftovers.ts';
import { ContainerInstaller } from './packages/index.ts';
import type { ContainerPlan } from './plan.ts';
import type { ContainerSettings } from './settings.ts';
import type { StartedContainer } from './startedContainer.ts';
import { wantedMounts } from './wall/mounts.ts';

/** A container and the interpreter that waits in it for whoever needs one. */
interface SpareContainer {
  readonly container: StartedContainer;
  readonly transport: Transport;
}

/** The containers that are kept ready, over all sessions of this process. */
const sparePool = new SparePool<SpareContainer>(2);

/** The container of one executor, started afresh or taken from those that are kept ready. */
export class Container implements ContainerControl {
  readonly packages: ContainerInstaller;
  readonly #context: ExecutorContext;
  readonly #settings: ContainerSettings;
  readonly #starter: ContainerStarter;
  readonly #log: ContainerLog;
  readonly #record: ContainerRecord;
  /** The same for executors whose containers are. */
  readonly #key: string;
  #current: StartedContainer | undefined;
  /** Those that have not ended yet: the current one, and such as it has replaced. */
  readonly #containers = new Set<StartedContainer>();
  /** Of the newest container. */
  #seen: SeenContainer | undefined;
  /** What can be done with the packages of the newest container. */
  #packages: PackageEnvironment | undefined;
  #lookingAround: Promise<void> = Promise.resolve();
  #leavePool: (() => Promise<void>) | undefined;
  #sweeping: Promise<void> | undefined;
  #closed = false;

  constructor(context: ExecutorContext, settings: ContainerSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#starter = new ContainerStarter(context, settings);
    this.packages = new ContainerInstaller({
      label: settings.build || settings.image,
      plan: (signal, onProgress) => this.#planPackages(signal, onProgress),
      kept: (signal) => this.#starter.findKept(signal),
      running: () => this.#current,
      distFolder: context.distFolder,
      spec: context.deps?.spec ?? {},
      secret: context.deps?.secret,
      // What Python reads only as it starts may have changed.
      onDidChange: () => sparePool.renew(this.#key),
      log: context.log,
    });
    const passed = settings.passEnvironment.map((name) => process.env[name] ?? '');
    this.#log = new ContainerLog({
      mask: context.deps?.mask ?? ((text) => text),
      secrets: [...Object.values(settings.environment), ...passed],
    });
    this.#record = new ContainerRecord(settings, this.#log);
    this.#key = JSON.stringify([settings, passed, context.distFolder, context.workspaceFolder]);
  }

  /** What the newest start has shown. */
  capabilities(): readonly CapabilityReport[] {
    return containerCapabilities(this.#settings, this.#seen, this.#packages);
  }

  async launch(signal: AbortSignal): Promise<Transport> {
    this.#checkOpen();
    // Its end is told of to Python's listeners first.
    const current = this.#current?.link.hasEnded ? undefined : this.#current;
    const transport =
      current?.startInterpreter() ?? this.#takeSpare() ?? (await this.#startNew(signal)).startInterpreter();
    this.#keepSpare();
    return transport;
  }

  /** Waits until it is known what can be done with the packages of the newest container. */
  lookAround(): Promise<void> {
    return this.#lookingAround;
  }

  get onDidChange() {
    return this.#record.onDidChange;
  }

  report() {
    return this.#record.report();
  }

  async usage() {
    return (await this.#current?.link.usage()) ?? null;
  }

  async log() {
    return this.#log.text();
  }

  async stop(): Promise<void> {
    await this.#current?.close();
  }

  async rebuild({ signal, onProgress }: ContainerRebuildOptions = {}): Promise<void> {
    this.#checkOpen();
    await this.#logged(() =>
      this.#prepare(signal ?? new AbortController().signal, { fresh: true, onProgress }),
    );
    // What is kept ready is of the image before.
    sparePool.renew(this.#key);
    const old = this.#current;
    this.#current = undefined;
    old?.retire();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closing = [...this.#containers].map((container) => container.close());
    await Promise.all([...closing, this.#leavePool?.(), this.#sweeping]);
    this.#record.dispose();
  }

  // -------------------------------------------------------------------- starts

  #startNew(signal: AbortSignal, onProgress?: (line: string) => void): Promise<StartedContainer> {
    return this.#logged(async () => {
      const source = await this.#prepare(signal, { onProgress });
      this.#sweeping ??= removeLeftoversOnce(source.engine, (line) => this.#context.log(line));
      const container = await this.#starter.start(source, signal);
      this.#take(container);
      return container;
    });
  }

  /** Packages that are kept need no container yet; others live as long as theirs. */
  async #planPackages(signal: AbortSignal, onProgress: (line: string) => void): Promise<ContainerPlan> {
    this.#checkOpen();
    if (this.#current) return this.#current.plan;
    if (!this.#settings.cacheDeps) return (await this.#startNew(signal, onProgress)).plan;
    const source = await this.#logged(() => this.#prepare(signal, { onProgress }));
    return this.#starter.plan(source, signal);
  }

  /** Undefined where none is ready, or the settings want the image to be looked at before each start. */
  #takeSpare(): Transport | undefined {
    const { warmSpare, pull, build, workspace } = this.#settings;
    if (!warmSpare || pull === 'always' || build !== '') return undefined;
    const spare = sparePool.take(this.#key);
    if (!spare) return undefined;
    this.#take(spare.container);
    // Their number is nobody's request: the answers are not waited for.
    const tell = (method: string, params: Json) =>
      spare.transport.send({ header: { type: 'request', id: 0, method, params }, buffers: [] });
    // Packages may have been installed since by another process.
    tell('packages.refresh', { names: [] });
    if (workspace !== 'none') tell('chdir', { folder: interpreterFolder(this.#settings, this.#context) });
    return spare.transport;
  }

  #keepSpare(): void {
    if (!this.#settings.warmSpare || this.#closed) return;
    this.#leavePool ??= sparePool.enter();
    const { log } = this.#context;
    sparePool.refill(this.#key, {
      origin: this.#key,
      start: async (signal) => {
        const source = await this.#starter.prepare({ signal, onProgress: log });
        const container = await this.#starter.start(source, signal);
        return { container, transport: container.startInterpreter() };
      },
      end: ({ container }) => container.close(),
      log,
    });
  }

  /** The engine and the image; what is done for them is told. */
  async #prepare(
    signal: AbortSignal,
    {
      fresh = false,
      onProgress,
    }: { fresh?: boolean; onProgress?: ((line: string) => void) | undefined } = {},
  ): Promise<ContainerSource> {
    try {
      const source = await this.#starter.prepare({
        signal,
        onEngine: (engine) => {
          this.#record.engine = engine;
        },
        onProgress: (line) => {
          this.#record.preparing = line;
          onProgress?.(line);
        },
        fresh,
      });
      this.#record.image = source.image;
      return source;
    } finally {
      this.#record.preparing = null;
    }
  }

  /** From now on, Python starts in this one. */
  #take(container: StartedContainer): void {
    const { plan, link, startedAt } = container;
    this.#current = container;
    this.#containers.add(container);
    this.#seen = { facts: link.facts, mounts: [...wantedMounts(plan), ...plan.protectedMounts] };
    link.onEnd(({ description }) => {
      this.#containers.delete(container);
      if (this.#current === container) this.#current = undefined;
      this.#record.ended(plan.name, description);
    });
    this.#lookingAround = this.packages.describe().then((packages) => {
      this.#packages = packages;
    });
    this.#record.taken({ ...plan, startedAt, limits: containerLimits(link.facts, plan.settings) });
  }

  async #logged<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#log.add(CodeModeError.describe(error));
      throw error;
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError('The executor');
  }
}
