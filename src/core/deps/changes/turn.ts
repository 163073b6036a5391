import type { InstalledPackage, PackageEnvironment } from '../../contract/dependencies.ts';
import { CodeModeError, UnsupportedError } from '../../contract/errors.ts';
import type { CodeLine } from '../codeLine.ts';
import type { PackageInstaller } from '../installer.ts';
import { differenceOf, sayChanges, withChanges } from './difference.ts';
import type { EnvironmentLine } from './environmentLine.ts';
import type { Changed, ChangeOrigin } from './origin.ts';

/** A change of an environment that is to be made. */
export interface ChangeOrder {
  /** For the log: `add six rich>=13`. */
  readonly label: string;
  readonly environment: PackageEnvironment;
  readonly origin: ChangeOrigin;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/**
 * Changes an environment.
 *
 * @param before - the packages that are there when its turn has come
 * @param lookAfter - gives those that are there afterwards; called once nothing is changed any more
 */
export type ChangeWork<Result> = (
  before: readonly InstalledPackage[],
  lookAfter: () => Promise<readonly InstalledPackage[]>,
) => Promise<Result>;

/** What {@link ChangeTurns} are made with. */
export interface ChangeTurnsOptions {
  /** The executor's id. */
  readonly executor: string;
  readonly installer: PackageInstaller;
  readonly codeLine: CodeLine;
  readonly environmentLine: EnvironmentLine;
  /** One line, without secrets. */
  readonly log: (line: string) => void;
}

/**
 * Gives each change of an environment its turn: after the code that runs and after the changes before it. Afterwards Python
 * is shown what has changed, and whoever uses the environment is told.
 */
export class ChangeTurns {
  readonly #options: ChangeTurnsOptions;

  constructor(options: ChangeTurnsOptions) {
    this.#options = options;
  }

  /**
   * @throws what `work` throws, with what has changed all the same; UnsupportedError where nothing can be installed;
   *   CodeModeError `cancelled`
   */
  async take<Result>(order: ChangeOrder, work: ChangeWork<Result>): Promise<Changed<Result>> {
    const { environment, origin, signal, tell } = order;
    if (environment.problem !== null) throw new UnsupportedError(environment.problem);
    const alone = () => this.#alone(order, work);
    try {
      if (origin.kind !== 'person') return await alone();
      let hasBegun = false;
      const turn = this.#options.codeLine.whileIdle(() => {
        hasBegun = true;
        return alone();
      }, signal);
      // Where no code runs the turn has come by now.
      if (!hasBegun) tell('Waiting for the code that runs.');
      return await turn;
    } catch (error) {
      throw signal.aborted ? cancelled(error) : error;
    }
  }

  async #alone<Result>(order: ChangeOrder, work: ChangeWork<Result>): Promise<Changed<Result>> {
    const { environment, signal, tell } = order;
    const { executor, environmentLine } = this.#options;
    const key = environmentKey(executor, environment);
    const onWait = () => tell('Waiting for another change of these packages.');
    return await environmentLine.inTurn(key, () => this.#make(order, work), { signal, onWait });
  }

  async #make<Result>(order: ChangeOrder, work: ChangeWork<Result>): Promise<Changed<Result>> {
    order.signal.throwIfAborted();
    const { executor, installer, environmentLine, log } = this.#options;
    const startedAt = performance.now();
    const before = await installer.installed();
    let after: Promise<readonly InstalledPackage[]> | undefined;
    const lookAfter = () => {
      after ??= installer.installed();
      return after;
    };
    const outcome = await work(before, lookAfter).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    const changes = differenceOf(before, await lookAfter());
    const changed = changes.map(({ name }) => name);
    const failure = 'error' in outcome ? `failed: ${String(outcome.error).split('\n', 1)[0]}; ` : '';
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    log(`${order.label}: ${failure}${sayChanges(changes) || 'nothing has changed'} (${seconds} s)`);
    if (changed.length > 0) {
      const [environment] = await Promise.all([
        // Where it was not made before, it has its place by now.
        installer.describe().catch(() => order.environment),
        this.#refresh(order, changed),
      ]);
      environmentLine.tellChange(environmentKey(executor, environment));
    }
    if ('error' in outcome)
      throw withChanges(order.signal.aborted ? cancelled(outcome.error) : outcome.error, changes);
    return { result: outcome.result, changed };
  }

  /** Code that made the change itself is told by its answer. */
  async #refresh({ origin, tell }: ChangeOrder, names: readonly string[]): Promise<void> {
    if (origin.kind !== 'person') return;
    const { codeLine, log } = this.#options;
    try {
      const stale = await codeLine.refresh({ names });
      if (stale.length === 0) return;
      const [verb, which] =
        stale.length === 1 ? ['is', 'the new version of it'] : ['are', 'the new versions of them'];
      tell(`${stale.join(', ')} ${verb} imported already: restart Python to use ${which}.`);
    } catch (error) {
      // The packages are there; it is Python that can't be asked, such as one that has just ended.
      log(`Python was not told of changed packages: ${CodeModeError.describe(error)}`);
    }
  }
}

/** Sessions with the same have the same environment. */
export function environmentKey(executor: string, { folder, label }: PackageEnvironment): string {
  return folder ?? `${executor}: ${label}`;
}

/** What an abort comes to, however it is told; what is wrong beside it stays what it is. */
function cancelled(error: unknown): unknown {
  if (CodeModeError.is(error)) return error;
  return new CodeModeError('cancelled', 'The change of packages was cancelled.', { cause: error });
}
