import { Emitter, type Subscription } from '../common/events.ts';
import type {
  Dependencies,
  DependencyChangeOptions,
  DependencyReport,
  InstalledPackage,
  InstallResult,
  PackageOffer,
  RemoveResult,
  UninstallResult,
} from '../contract/dependencies.ts';
import type { ApprovalStore } from '../tools/approvals/approvalStore.ts';
import { maskCommonSecrets } from '../tools/masking.ts';
import { ChangeApproval } from './changes/changeApproval.ts';
import { environmentLine } from './changes/environmentLine.ts';
import { PackageChanges } from './changes/packageChanges.ts';
import { ChangeRules } from './changes/rules.ts';
import { ChangeTurns, environmentKey } from './changes/turn.ts';
import type { CodeLine } from './codeLine.ts';
import type { DependencyConfiguration } from './configuration/dependencyConfiguration.ts';
import { DEPS_DEFAULTS, type DepsSpec } from './depsSpec.ts';
import type { PackageInstaller } from './installer.ts';
import { NoInstaller } from './noInstaller.ts';
import { parsePackageName } from './packageSpec.ts';
import { statusIn } from './status.ts';

/** What a {@link DependencyService} is made with. */
export interface DependencyServiceOptions {
  /** The executor's id: what is allowed for one holds for no other. */
  readonly executor: string;
  /** Undefined: there is none, for the reason that {@link noInstaller} says. */
  readonly installer: PackageInstaller | undefined;
  /** Why there is no installer, with what to do; of no account where there is one. */
  readonly noInstaller: string;
  readonly configuration: DependencyConfiguration;
  readonly spec: DepsSpec;
  /** What was said for the workspace; undefined: nothing can be kept for it. */
  readonly approvals: ApprovalStore | undefined;
  readonly codeLine: CodeLine;
  /** Takes the secrets out of a text that are known. */
  readonly mask: (text: string) => string;
  /** One line. */
  readonly log: (line: string) => void;
}

/** The packages of one session: what is configured, what is installed, and how that is changed. */
export class DependencyService implements Dependencies, Subscription {
  readonly #installer: PackageInstaller;
  readonly #configuration: DependencyConfiguration;
  readonly #rules: ChangeRules;
  readonly #executor: string;
  readonly #changed = new Emitter<void>();
  readonly #subscriptions: readonly Subscription[];
  readonly #closing = new AbortController();

  /** The changes with what has changed, for code that has to know it, and with who wants them. */
  readonly changes: PackageChanges;
  readonly onDidChange = this.#changed.event;

  constructor(options: DependencyServiceOptions) {
    const { executor, installer, noInstaller, configuration, spec, approvals, codeLine, log } = options;
    const mask = (text: string) => maskCommonSecrets(options.mask(text));
    this.#executor = executor;
    this.#installer = installer ?? new NoInstaller(executor, noInstaller);
    this.#configuration = configuration;
    this.#rules = new ChangeRules(spec);
    this.changes = new PackageChanges({
      installer: this.#installer,
      configuration,
      rules: this.#rules,
      approval: new ChangeApproval({
        executor,
        policy: spec.approval ?? DEPS_DEFAULTS.approval,
        store: approvals,
      }),
      turns: new ChangeTurns({
        executor,
        installer: this.#installer,
        codeLine,
        environmentLine,
        log: (line) => log(`deps: ${mask(line)}`),
      }),
      mask,
      closing: this.#closing.signal,
    });
    this.#subscriptions = [
      configuration.onDidChange(() => this.#changed.fire()),
      environmentLine.onDidChange((key) => void this.#hearChange(key)),
    ];
  }

  async report(): Promise<DependencyReport> {
    const [environment, configured, installed] = await Promise.all([
      this.#installer.describe(),
      this.#configuration.list(),
      this.installed(),
    ]);
    return {
      environment,
      configured: await statusIn(this.#installer, configured, installed),
      installed,
      allowsRuntimeChanges: this.#rules.allowsRuntimeChanges,
    };
  }

  async list(): Promise<readonly string[]> {
    return (await this.#configuration.list()).map(({ spec }) => spec);
  }

  /** What the settings and `pyproject.toml` say, as it is written. @throws CodeModeError `settings` */
  fixed(): readonly string[] {
    return this.#configuration.fixed();
  }

  /** The packages that are there, by name. */
  installed(): Promise<readonly InstalledPackage[]> {
    return this.#installer.installed();
  }

  async add(packages: readonly string[], options: DependencyChangeOptions = {}): Promise<InstallResult> {
    return (await this.changes.add(packages, options)).result;
  }

  async remove(names: readonly string[], options: DependencyChangeOptions = {}): Promise<RemoveResult> {
    return (await this.changes.remove(names, options)).result;
  }

  async install(packages: readonly string[], options: DependencyChangeOptions = {}): Promise<InstallResult> {
    return (await this.changes.install(packages, options)).result;
  }

  async uninstall(names: readonly string[], options: DependencyChangeOptions = {}): Promise<UninstallResult> {
    return (await this.changes.uninstall(names, options)).result;
  }

  async upgrade(names: readonly string[], options: DependencyChangeOptions = {}): Promise<InstallResult> {
    return (await this.changes.upgrade(names, options)).result;
  }

  async sync(options: DependencyChangeOptions = {}): Promise<InstallResult> {
    return (await this.changes.sync(options)).result;
  }

  async newest(signal?: AbortSignal): Promise<Readonly<Record<string, string>>> {
    return await this.#installer.newest(await this.installed(), signal);
  }

  async lookUp(name: string, signal?: AbortSignal): Promise<PackageOffer | null> {
    return await this.#installer.lookUp(parsePackageName(name), signal);
  }

  /** Sessions of one environment hear of each other's changes, also of that which made it. */
  async #hearChange(key: string): Promise<void> {
    const isOurs = await this.#installer.describe().then(
      (environment) => environmentKey(this.#executor, environment) === key,
      // Whoever looks is told why it can't be described.
      () => true,
    );
    if (isOurs) this.#changed.fire();
  }

  /** Cancels what is under way. The installer and the configuration are ended by whoever made them. */
  dispose(): void {
    this.#closing.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }
}
