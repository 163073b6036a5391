import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { CodeModeError } from '../../contract/errors.ts';
import type { ExecutorContext } from '../registry.ts';
import type { Engine } from './engine/engine.ts';
import { findEngine } from './engine/findEngine.ts';
import type { ContainerImage } from './image/containerImage.ts';
import { findPrepared, prepareImage } from './image/prepareImage.ts';
import { keptLabels, ownedLabels } from './labels.ts';
import { startContainer } from './launch.ts';
import { keptVolumeName, makeVolume, removeVolume, volumeNames } from './packages/volume.ts';
import type { ContainerPlan } from './plan.ts';
import type { ContainerSettings } from './settings.ts';
import { StartedContainer } from './startedContainer.ts';
import { containerMounts } from './wall/mounts.ts';
import { protectMounts } from './wall/protectedMounts.ts';

/** What containers are started from. */
export interface ContainerSource {
  readonly engine: Engine;
  readonly image: ContainerImage;
  /** The names of the volumes that are there; empty where none is kept. */
  readonly volumes: ReadonlySet<string>;
}

/** How a {@link ContainerSource} is got. */
export interface PrepareOptions {
  readonly signal: AbortSignal;
  readonly onEngine?: (engine: Engine) => void;
  /** What is done for the image, one line each; none where it is there already. */
  readonly onProgress: (line: string) => void;
  /** As `ImageRequest.fresh`. */
  readonly fresh?: boolean;
}

/** Starts the containers of one executor, and those that are kept ready for others of its kind. */
export class ContainerStarter {
  readonly #context: ExecutorContext;
  readonly #settings: ContainerSettings;

  constructor(context: ExecutorContext, settings: ContainerSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** @throws CodeModeError as `findEngine` and `prepareImage` */
  async prepare({ signal, onEngine, onProgress, fresh = false }: PrepareOptions): Promise<ContainerSource> {
    const settings = this.#settings;
    const { log, workspaceFolder } = this.#context;
    const engine = await findEngine(settings, { signal, log });
    onEngine?.(engine);
    const [image, volumes] = await Promise.all([
      prepareImage({ engine, settings, workspaceFolder, signal, onProgress, fresh }),
      settings.cacheDeps ? volumeNames(engine, signal) : new Set<string>(),
    ]);
    return { engine, image, volumes };
  }

  /**
   * What sees the packages that are kept; undefined: none are. Fetches and builds nothing.
   *
   * @throws CodeModeError as `findEngine` and `findPrepared`
   */
  async findKept(signal: AbortSignal): Promise<ContainerPlan | undefined> {
    const settings = this.#settings;
    if (!settings.cacheDeps) return undefined;
    const { log, workspaceFolder } = this.#context;
    const engine = await findEngine(settings, { signal, log });
    const [image, volumes] = await Promise.all([
      findPrepared({ engine, settings, workspaceFolder, signal }),
      volumeNames(engine, signal),
    ]);
    const plan = image && this.#plan({ engine, image, volumes });
    return plan?.volume && volumes.has(plan.volume.name) ? plan : undefined;
  }

  /** What packages are installed for, with its volume made. @throws CodeModeError as the engine's calls do */
  async plan(source: ContainerSource, signal: AbortSignal): Promise<ContainerPlan> {
    const plan = this.#plan(source);
    await this.#seeToVolume(plan, source, signal);
    return plan;
  }

  /** @throws CodeModeError as `startContainer` */
  async start(source: ContainerSource, signal: AbortSignal): Promise<StartedContainer> {
    const { log, distFolder } = this.#context;
    const unprotected = this.#plan(source);
    const { engine, volume } = unprotected;
    const { mounts: protectedMounts, release } = await protectMounts(
      containerMounts(unprotected),
      this.#protectedFiles(),
    );
    const plan = { ...unprotected, protectedMounts };
    const ownVolume = this.#settings.cacheDeps ? undefined : volume?.name;
    const cleanUp = async () => {
      release();
      if (ownVolume === undefined) return;
      await removeVolume(engine, ownVolume).catch((error: unknown) =>
        log(`volume ${ownVolume}: ${CodeModeError.describe(error)}`),
      );
    };
    try {
      await this.#seeToVolume(plan, source, signal);
      return new StartedContainer(plan, await startContainer(plan, { distFolder, signal, log }), cleanUp);
    } catch (error) {
      await cleanUp();
      throw error;
    }
  }

  /** What a container is started from, with a name of its own. */
  #plan({ engine, image }: ContainerSource): ContainerPlan {
    const { workspaceFolder, workingFolder } = this.#context;
    const plan: ContainerPlan = {
      engine,
      image,
      settings: this.#settings,
      name: `python-code-mode-${randomBytes(6).toString('hex')}`,
      labels: ownedLabels(workspaceFolder),
      workspaceFolder,
      workingFolder,
      protectedMounts: [],
      volume: undefined,
      user: undefined,
    };
    const volume = this.#settings.cacheDeps ? keptVolumeName(plan) : plan.name;
    return { ...plan, volume: { name: volume, writable: false } };
  }

  async #seeToVolume(plan: ContainerPlan, { volumes }: ContainerSource, signal: AbortSignal): Promise<void> {
    const { engine, labels, volume, workspaceFolder } = plan;
    if (!volume || volumes.has(volume.name)) return;
    const isKept = this.#settings.cacheDeps;
    await makeVolume(engine, volume.name, isKept ? keptLabels(workspaceFolder) : labels, signal);
  }

  /** What the host runs or builds: not to be changed by the code in the container. */
  #protectedFiles(): readonly string[] {
    const { baseFolder, workspaceFolder = '' } = this.#context;
    const { build } = this.#settings;
    return [
      ...(baseFolder === undefined ? [] : [path.join(baseFolder, 'tools')]),
      ...(build === '' ? [] : [path.resolve(workspaceFolder, build)]),
    ];
  }
}
