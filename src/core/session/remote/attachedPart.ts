import { randomUUID } from 'node:crypto';
import { Emitter } from '../../common/events.ts';
import { ToldOfDependencies } from './dependencyMessages.ts';
import type { Peer } from './peer.ts';

/** What is heard of the changes that this client wants, by their names. */
export class ChangeListeners {
  readonly #listeners = new Map<string, (line: string) => void>();

  constructor(peer: Peer) {
    peer.hear(ToldOfDependencies.progress, ({ change, line }) => this.#listeners.get(change)?.(line));
  }

  /** Does what the change is, under a new name. */
  async follow<T>(
    onProgress: ((line: string) => void) | undefined,
    act: (change: string) => Promise<T>,
  ): Promise<T> {
    const change = randomUUID();
    if (onProgress) this.#listeners.set(change, onProgress);
    try {
      return await act(change);
    } finally {
      this.#listeners.delete(change);
    }
  }
}

/** Something that a session has which another process holds: it is asked for there. */
export abstract class AttachedPart {
  readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(
    protected readonly peer: Peer,
    /** The id of the session. */
    protected readonly session: string,
    protected readonly listeners: ChangeListeners,
  ) {}
}
