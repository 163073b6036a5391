import type { InstalledPackage, PackageEnvironment } from '../../contract/dependencies.ts';
import type { DependencyConfiguration } from '../configuration/dependencyConfiguration.ts';
import type { PackageInstaller } from '../installer.ts';
import type { AttemptOptions } from './attempts.ts';
import type { ChangeAction, ChangeApproval } from './changeApproval.ts';
import type { Changed, ChangeOptions, ChangeOrigin } from './origin.ts';
import type { ChangeRules } from './rules.ts';
import type { ChangeTurns, ChangeWork } from './turn.ts';

/** What every change of packages is made with. */
export interface ChangeContext {
  readonly installer: PackageInstaller;
  readonly configuration: DependencyConfiguration;
  readonly rules: ChangeRules;
  readonly approval: ChangeApproval;
  readonly turns: ChangeTurns;
  /** Takes secrets out of what is told. */
  readonly mask: (text: string) => string;
  /** Aborted when the session ends. */
  readonly closing: AbortSignal;
}

/** What is to be done to which packages. */
export interface ChangeRequest {
  readonly action: ChangeAction;
  /** As whoever wants it names them. */
  readonly packages: readonly string[];
}

/** One change: who wants it, how it is followed, and what has to be asked and waited for before it is made. */
export class Change {
  readonly #context: ChangeContext;
  readonly #request: ChangeRequest;
  readonly #origin: ChangeOrigin;
  #environment: PackageEnvironment | undefined;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;

  constructor(context: ChangeContext, request: ChangeRequest, options: ChangeOptions) {
    const { signal, onProgress, origin = { kind: 'person' } } = options;
    this.#context = context;
    this.#request = request;
    this.#origin = origin;
    this.signal = signal ? AbortSignal.any([signal, context.closing]) : context.closing;
    this.tell = (line) => onProgress?.(context.mask(line));
  }

  /** For {@link tryEach}. @param before - the packages that are there */
  attemptOptions(before: readonly InstalledPackage[]): AttemptOptions {
    const { installer, mask } = this.#context;
    return { installer, before, mask, signal: this.signal, tell: this.tell };
  }

  /** Resolves where the change may be made. @throws ToolRefusedError */
  async approve(): Promise<void> {
    const environment = await this.#describe();
    await this.#context.approval.require({ ...this.#request, environment }, this.#origin, this.signal);
  }

  /** Changes the environment when its turn has come. @throws as {@link ChangeTurns.take} */
  async inTurn<Result>(work: ChangeWork<Result>): Promise<Changed<Result>> {
    const { action, packages } = this.#request;
    return await this.#context.turns.take(
      {
        label: this.#context.mask(`${action} ${packages.join(' ')}`),
        environment: await this.#describe(),
        origin: this.#origin,
        signal: this.signal,
        tell: this.tell,
      },
      work,
    );
  }

  async #describe(): Promise<PackageEnvironment> {
    this.#environment ??= await this.#context.installer.describe(this.signal);
    return this.#environment;
  }
}
