import type { Subscription } from '../../common/events.ts';
import type { ExecutionResult, RunEvent } from '../../contract/execution.ts';
import { JOURNAL_START, type JournalPosition } from '../runs/journal.ts';
import type { SessionRun } from '../runs/sessionRun.ts';
import type { Peer } from './peer.ts';
import { Told } from './wire.ts';

/**
 * Characters of one message, about: reading a larger one would keep the other side's event loop from everything else, and
 * while one is being written the next is not begun, so that a client that does not read costs no more than this.
 */
const MESSAGE_CHARACTERS = 128 * 1024;

/**
 * What one client hears of one run, read from the run's journal as fast as the client takes it. Goes on after the run has
 * ended, for what its background tasks print.
 */
export class RunStream implements Subscription {
  readonly #peer: Peer;
  readonly #id: string;
  readonly #run: SessionRun;
  readonly #subscription: Subscription;
  #position: JournalPosition = JOURNAL_START;
  #scheduled: NodeJS.Immediate | undefined;
  #writing: Promise<void> | undefined;
  #disposed = false;

  constructor(peer: Peer, id: string, run: SessionRun) {
    this.#peer = peer;
    this.#id = id;
    this.#run = run;
    // In the next turn, so that a line is not a message where many come together.
    this.#subscription = run.journal.onDidAppend(() => this.#writeSoon());
    if (!run.journal.isAtEnd(JOURNAL_START)) this.#writeSoon();
  }

  /** Resolves once the client has been sent everything so far. */
  async flush(): Promise<void> {
    while (!this.#disposed && !this.#run.journal.isAtEnd(this.#position)) {
      this.#write();
      await this.#writing;
    }
  }

  /** The answer to who waits for the run's end: the last events go with it, and long texts go ahead in pieces. */
  async end(result: ExecutionResult): Promise<{ events: RunEvent[]; result: ExecutionResult }> {
    await this.#writing;
    let { events, next } = this.#run.journal.read(this.#position, MESSAGE_CHARACTERS);
    if (!this.#run.journal.isAtEnd(next)) {
      await this.flush();
      ({ events, next } = this.#run.journal.read(this.#position, MESSAGE_CHARACTERS));
    }
    this.#position = next;
    const texts: Partial<Record<'stdout' | 'stderr', string>> = {};
    for (const kind of ['stdout', 'stderr'] as const) {
      if (result[kind].length <= MESSAGE_CHARACTERS) continue;
      texts[kind] = '';
      await this.#sendText(kind, result[kind]);
    }
    return { events: [...events], result: { ...result, ...texts } };
  }

  dispose(): void {
    this.#disposed = true;
    clearImmediate(this.#scheduled);
    this.#subscription.dispose();
  }

  #writeSoon(): void {
    if (this.#writing || this.#disposed) return;
    this.#scheduled ??= setImmediate(() => this.#write());
  }

  #write(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#writing || this.#disposed) return;
    const { events, next } = this.#run.journal.read(this.#position, MESSAGE_CHARACTERS);
    this.#position = next;
    if (events.length === 0) return;
    const written = this.#peer.tell(Told.events, { stream: this.#id, events: events as never });
    this.#writing = written.then(() => {
      this.#writing = undefined;
      if (!this.#run.journal.isAtEnd(this.#position)) this.#writeSoon();
    });
  }

  async #sendText(kind: 'stdout' | 'stderr', text: string): Promise<void> {
    for (let at = 0; at < text.length && !this.#disposed; at += MESSAGE_CHARACTERS) {
      const piece = text.slice(at, at + MESSAGE_CHARACTERS);
      await this.#peer.tell(Told.text, { stream: this.#id, kind, text: piece });
    }
  }
}
