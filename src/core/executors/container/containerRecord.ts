import { Emitter } from '../../common/events.ts';
import type { ContainerReport, RunningContainer } from '../../contract/container.ts';
import { CodeModeError } from '../../contract/errors.ts';
import type { ContainerLog } from './containerLog.ts';
import type { Engine } from './engine/engine.ts';
import type { ContainerImage } from './image/containerImage.ts';
import type { ContainerSettings } from './settings.ts';
import { TEMPORARY_FOLDER } from './wall/inside.ts';

/** Bash where the image has it, else what every image with a shell has. */
const SHELL = [
  'sh',
  '-c',
  `export HOME=${TEMPORARY_FOLDER}; command -v bash >/dev/null && exec bash || exec sh`,
];

/** A container that a session has taken. */
interface TakenContainer {
  readonly name: string;
  readonly engine: Engine;
  readonly image: ContainerImage;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly limits: readonly string[];
}

/** What people are told of the container of one executor: where its start has got to, and what it is. */
export class ContainerRecord {
  readonly #settings: ContainerSettings;
  readonly #log: ContainerLog;
  readonly #changed = new Emitter<void>();
  #engine: Engine | undefined;
  #image: ContainerImage | undefined;
  #preparing: string | null = null;
  #container: { readonly taken: TakenContainer; id?: Promise<string | undefined> } | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(settings: ContainerSettings, log: ContainerLog) {
    this.#settings = settings;
    this.#log = log;
  }

  /** What is done before a container can start; null: that is over. */
  set preparing(line: string | null) {
    if (line !== null) this.#log.add(line);
    if (line === this.#preparing) return;
    this.#preparing = line;
    this.#changed.fire();
  }

  set engine(engine: Engine) {
    if (this.#engine?.label !== engine.label) this.#log.add(`Engine: ${engine.label}`);
    this.#engine = engine;
  }

  set image(image: ContainerImage) {
    if (this.#image?.id !== image.id) this.#log.add(`Image: ${image.name} (${image.id})`);
    this.#image = image;
  }

  /** The session has a container now. */
  taken(container: TakenContainer): void {
    this.engine = container.engine;
    this.image = container.image;
    this.#container = { taken: container };
    this.#preparing = null;
    this.#log.add(`Container ${container.name}: ${container.limits.join('; ')}`);
    this.#changed.fire();
  }

  /** That container has ended. */
  ended(name: string, description: string): void {
    this.#log.add(`Container ${name} has ended: ${description}`);
    if (this.#container?.taken.name !== name) return;
    this.#container = undefined;
    this.#changed.fire();
  }

  async report(): Promise<ContainerReport> {
    const container = await this.#running();
    return {
      engine: this.#engine?.label ?? null,
      image: this.#image?.name ?? (this.#settings.build || this.#settings.image),
      imageId: this.#image?.id ?? null,
      container,
      preparing: this.#preparing,
    };
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #running(): Promise<RunningContainer | null> {
    const current = this.#container;
    if (!current) return null;
    const { name, engine, startedAt, limits } = current.taken;
    // Asked for only where somebody looks.
    current.id ??= engine.call(['container', 'inspect', '--format', '{{.Id}}', name]).then(
      (text) => text.trim(),
      (error: unknown) => {
        // The next who looks asks again.
        delete current.id;
        this.#log.add(`Container ${name}: ${CodeModeError.describe(error)}`);
        return undefined;
      },
    );
    const id = await current.id;
    // It may have ended meanwhile.
    if (id === undefined || this.#container !== current) return null;
    return { id, name, startedAt, limits, shell: engine.command(['exec', '-it', name, ...SHELL]) };
  }
}
