import type { Transport } from '../../connection/transport.ts';
import { startInterpreter } from './interpreter.ts';
import type { ContainerLink } from './link/containerLink.ts';
import type { ContainerPlan } from './plan.ts';

/** A container that runs, and the interpreters in it. */
export class StartedContainer {
  readonly plan: ContainerPlan;
  readonly link: ContainerLink;
  /** Milliseconds since the epoch. */
  readonly startedAt = Date.now();
  #interpreters = 0;
  #isRetired = false;
  #closing: Promise<void> | undefined;

  readonly #onClosed: () => Promise<void>;

  /** @param onClosed - removes what was made for this container; never rejects */
  constructor(plan: ContainerPlan, link: ContainerLink, onClosed = async (): Promise<void> => undefined) {
    this.plan = plan;
    this.link = link;
    this.#onClosed = onClosed;
    link.onEnd(() => {
      // Where its client was killed, one that does not notice would stay.
      if (this.#closing) return;
      void plan.engine
        .call(['rm', '--force', '--volumes', plan.name])
        .catch(() => undefined)
        .then(() => this.#onClosed());
    });
  }

  /** Starts an interpreter in it; several may live at once. */
  startInterpreter(): Transport {
    const transport = startInterpreter(this.link, this.plan);
    this.#interpreters += 1;
    transport.onExit(() => {
      this.#interpreters -= 1;
      this.#endIfRetired();
    });
    return transport;
  }

  /** Another one takes its place: it ends with the last interpreter in it. */
  retire(): void {
    this.#isRetired = true;
    this.#endIfRetired();
  }

  /** Ends it with all that runs in it. */
  close(): Promise<void> {
    this.#closing ??= this.link.close().then(() => this.#onClosed());
    return this.#closing;
  }

  #endIfRetired(): void {
    if (this.#isRetired && this.#interpreters === 0) void this.close();
  }
}
