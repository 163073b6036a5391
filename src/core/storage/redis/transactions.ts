import { CodeModeError } from '../../contract/errors.ts';
import type { RedisConnection } from './connection.ts';
import type { Command, RedisLink } from './link.ts';

/** What is to be done, by what was read. */
export interface Decision<T> {
  /** Done as one, or not at all; none where nothing is to be changed. */
  readonly commands: readonly Command[];
  readonly result: T;
  /** Whether it makes room, so that it must go on where the memory is full. */
  readonly frees?: boolean;
}

/** How often what was read may have changed before it is given up. */
const ATTEMPTS = 50;

/**
 * Changes that depend on what is there: made only if nobody has changed that since it was read. They have a
 * connection of their own and are one at a time, since watching belongs to a connection.
 */
export class RedisTransactions {
  readonly #connection: RedisConnection;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /**
   * @param what as of {@link RedisConnection.run}
   * @param watched the keys that the decision depends on
   * @param decide reads, and says what to do; told where it may have been done already, the connection having been lost
   */
  async run<T>(
    what: string,
    watched: readonly string[],
    decide: (link: RedisLink, repeated: boolean) => Promise<Decision<T>>,
  ): Promise<T> {
    const run = this.#turn.then(() =>
      this.#connection.run(what, async (link, repeated) => {
        for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
          const done = await attemptOnce(link, watched, () => decide(link, repeated));
          if (done) return done.result;
        }
        throw new CodeModeError('storage', `${what}: others change it all the time.`, { hint: 'Try again.' });
      }),
    );
    this.#turn = run.catch(() => undefined);
    return await run;
  }
}

async function attemptOnce<T>(
  link: RedisLink,
  watched: readonly string[],
  decide: () => Promise<Decision<T>>,
): Promise<Decision<T> | undefined> {
  await link.send(['WATCH', ...watched]);
  let open = true;
  try {
    const decision = await decide();
    if (decision.commands.length === 0) return decision;
    open = false;
    const { commands, frees } = decision;
    const done = await (frees ? link.freeingTransaction(commands) : link.transaction(commands));
    return done && decision;
  } finally {
    if (open && !link.ended.aborted) await link.send(['UNWATCH']);
  }
}
