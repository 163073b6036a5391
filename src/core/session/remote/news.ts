import type { z } from 'zod';
import type { OmittedOutput, RunEvent } from '../../contract/execution.ts';
import type { SessionInfo } from '../session.ts';
import type { NotificationDefinition } from './definitions.ts';
import type { Peer } from './peer.ts';
import { Told } from './wire.ts';

/** How much may wait for a client to read it before it is told no more, in bytes. */
const MAX_WAITING_BYTES = 16_000_000;

/** What a client has not been told. */
interface Missed {
  readonly closed: Set<string>;
  /** What belonged to no run, by session. */
  readonly emitted: Map<string, OmittedOutput>;
}

/**
 * What all clients are told, for one of them. One that does not read misses it, so that it costs no memory; once it
 * reads again it is told the newest state, and how much output is missing.
 */
export class News {
  readonly #peer: Peer;
  readonly #infos: () => readonly SessionInfo[];
  #missed: Missed | undefined;

  /** @param infos - the newest state of all sessions */
  constructor(peer: Peer, infos: () => readonly SessionInfo[]) {
    this.#peer = peer;
    this.#infos = infos;
  }

  /** Tells what the newest state makes up for, or what can be missed. */
  tell<Params extends z.ZodType>(definition: NotificationDefinition<Params>, params: z.input<Params>): void {
    if (!this.#isBehind()) void this.#peer.tell(definition, params);
  }

  tellClosed(session: string): void {
    const missed = this.#isBehind();
    if (missed) {
      missed.closed.add(session);
      missed.emitted.delete(session);
    } else this.tell(Told.closed, { session });
  }

  tellEmitted(session: string, event: RunEvent): void {
    const missed = this.#isBehind();
    if (!missed) {
      this.tell(Told.emitted, { session, event: event as never });
      return;
    }
    const { characters = 0, displays = 0 } = missed.emitted.get(session) ?? {};
    missed.emitted.set(session, {
      kind: 'omitted',
      characters: characters + ('text' in event ? event.text.length : 0),
      displays: displays + ('output' in event ? 1 : 0),
    });
  }

  #isBehind(): Missed | undefined {
    if (!this.#missed && this.#peer.waitingBytes > MAX_WAITING_BYTES) {
      this.#missed = { closed: new Set(), emitted: new Map() };
      void this.#peer.drained().then(() => this.#catchUp());
    }
    return this.#missed;
  }

  #catchUp(): void {
    const { closed = [], emitted = [] } = this.#missed ?? {};
    this.#missed = undefined;
    for (const session of closed) this.tell(Told.closed, { session });
    for (const info of this.#infos()) this.tell(Told.changed, info as never);
    for (const [session, event] of emitted) this.tell(Told.emitted, { session, event });
  }
}
