import { Emitter } from '../../common/events.ts';
import type {
  ContainerControl,
  ContainerRebuildOptions,
  ContainerReport,
  ContainerUsage,
} from '../../contract/container.ts';
import type { ChangeListeners } from './attachedDependencies.ts';
import { ToContainer } from './containerMessages.ts';
import type { Peer } from './peer.ts';

/** The container of a session that another process has. */
export class AttachedContainer implements ContainerControl {
  readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;
  readonly #peer: Peer;
  readonly #session: string;
  readonly #listeners: ChangeListeners;

  constructor(peer: Peer, session: string, listeners: ChangeListeners) {
    this.#peer = peer;
    this.#session = session;
    this.#listeners = listeners;
  }

  report(): Promise<ContainerReport> {
    return this.#peer.call(ToContainer.report, { session: this.#session });
  }

  usage(): Promise<ContainerUsage | null> {
    return this.#peer.call(ToContainer.usage, { session: this.#session });
  }

  log(): Promise<string> {
    return this.#peer.call(ToContainer.log, { session: this.#session });
  }

  async stop(): Promise<void> {
    await this.#peer.call(ToContainer.stop, { session: this.#session });
  }

  async rebuild({ signal, onProgress }: ContainerRebuildOptions = {}): Promise<void> {
    await this.#listeners.follow(onProgress, (change) =>
      this.#peer.call(ToContainer.rebuild, { session: this.#session, change }, signal),
    );
  }
}
