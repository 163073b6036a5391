import type { ConfiguredDependency, InstalledPackage, InstallResult } from '../../contract/dependencies.ts';
import { CodeModeError, UsageError } from '../../contract/errors.ts';
import { type PackageSpec, parsePackageName, parsePackageSpec } from '../packageSpec.ts';
import { satisfies } from '../versions.ts';
import { tryEach } from './attempts.ts';
import { Change, type ChangeContext } from './changeContext.ts';
import { isInStore, specOf, unfinished } from './configured.ts';
import { differenceOf } from './difference.ts';
import type { Changed, ChangeOptions } from './origin.ts';

/** One package that is to be there. */
interface Wanted {
  /** As whoever wants it writes it. */
  readonly given: string;
  /** Normalised. */
  readonly name: string;
  /** What the installer is given. */
  readonly text: string;
  /** What is written to the store once it is there; undefined: nothing. */
  readonly save: string | undefined;
}

interface InstallationOptions extends ChangeOptions {
  /** Whether the newest version that fits is wanted. */
  readonly upgrade?: boolean;
}

/** Brings single packages into the environment, and into the configuration. */
export class Installation {
  readonly #context: ChangeContext;

  constructor(context: ChangeContext) {
    this.#context = context;
  }

  /** As `Dependencies.add`. */
  async add(packages: readonly string[], options: InstallationOptions): Promise<Changed<InstallResult>> {
    const specs = parseAll(packages);
    this.#context.rules.checkRuntimeChange();
    const configured = await this.#context.configuration.list();
    return await this.#make(
      specs.map(({ given, spec }) => {
        const stored = configured.find((entry) => isInStore(entry) && entry.name === spec.name);
        return { given, ...wantedOf(spec, stored) };
      }),
      options,
    );
  }

  /** As `Dependencies.install`. */
  async install(packages: readonly string[], options: InstallationOptions): Promise<Changed<InstallResult>> {
    const specs = parseAll(packages);
    this.#context.rules.checkRuntimeChange();
    return await this.#make(
      specs.map(({ given, spec: { name, text } }) => ({ given, name, text, save: undefined })),
      options,
    );
  }

  /** As `Dependencies.upgrade`. */
  async upgrade(names: readonly string[], options: ChangeOptions): Promise<Changed<InstallResult>> {
    const wanted = [...new Set(names)].map((given) => ({ given, name: parsePackageName(given) }));
    this.#context.rules.checkRuntimeChange();
    const configured = await this.#context.configuration.list();
    const specs = new Map(configured.map(({ name, spec }) => [name, spec]));
    return await this.#make(
      wanted.map((one) => ({ ...one, text: specs.get(one.name) ?? one.name, save: undefined })),
      { ...options, upgrade: true },
    );
  }

  async #make(
    wanted: readonly Wanted[],
    { upgrade = false, ...options }: InstallationOptions,
  ): Promise<Changed<InstallResult>> {
    const { installer } = this.#context;
    const given = wanted.map((one) => one.given);
    const lackingIn = (installed: readonly InstalledPackage[]) =>
      wanted.filter((one) => upgrade || !isThere(one, installed));
    const nothing = { result: { installed: [], alreadyPresent: given, failed: [] }, changed: [] };
    const isComplete = lackingIn(await installer.installed()).length === 0;
    if (isComplete && wanted.every(({ save }) => save === undefined)) return nothing;
    const change = new Change(this.#context, { action: 'add', packages: given }, options);
    await change.approve();
    if (isComplete) {
      await this.#save(wanted, change);
      return nothing;
    }
    return await change.inTurn(async (before, lookAfter) => {
      const textOf = new Map(lackingIn(before).map((one) => [one.given, one.text]));
      const install = (texts: readonly string[]) => (following: ChangeOptions) =>
        installer.install({ requirements: texts, ...(upgrade ? { upgrade } : {}) }, following);
      const failed = await tryEach(
        [...textOf.keys()],
        {
          together: install([...textOf.values()]),
          alone: (one) => install([textOf.get(one) ?? one]),
        },
        change.attemptOptions(before),
      );
      const after = await lookAfter();
      const changed = new Set(differenceOf(before, after).map(({ name }) => name));
      const failures = new Set(failed.map((failure) => failure.package));
      const there = wanted.filter((one) => !failures.has(one.given));
      const isNew = ({ name, text }: Wanted) => changed.has(name) || (hasExtras(text) && changed.size > 0);
      const names = new Set(after.map(({ name }) => name));
      await this.#save(
        there.filter(({ name }) => names.has(name)),
        change,
      );
      return {
        installed: there.filter(isNew).map((one) => one.given),
        alreadyPresent: there.filter((one) => !isNew(one)).map((one) => one.given),
        failed,
      };
    });
  }

  /** @throws CodeModeError that says what is not configured */
  async #save(wanted: readonly Wanted[], { tell }: Change): Promise<void> {
    const left = wanted.flatMap(({ save }) => (save === undefined ? [] : [save]));
    for (const [index, spec] of left.entries()) {
      try {
        await this.#context.configuration.save(spec);
      } catch (error) {
        const rest = `Not configured: ${left.slice(index).join(', ')}.`;
        if (!CodeModeError.is(error, 'unsupported')) throw unfinished(error, rest);
        // There is no place for it, which is no failure of what was wanted.
        tell(`${rest} ${error.message}`);
        return;
      }
    }
  }
}

/** @throws UsageError for what is no package, and for one that is named twice with different versions */
function parseAll(packages: readonly string[]): readonly { given: string; spec: PackageSpec }[] {
  const found = new Map<string, { given: string; spec: PackageSpec }>();
  for (const given of packages) {
    const spec = parsePackageSpec(given);
    const other = found.get(spec.name);
    if (other && other.spec.text !== spec.text) {
      throw new UsageError(`${spec.name} is named twice: "${other.given}" and "${given}".`, 'Name it once.');
    }
    if (!other) found.set(spec.name, { given, spec });
  }
  return [...found.values()];
}

/** A bare name wants nothing that the store does not say already: what it says of the package stays. */
function wantedOf(spec: PackageSpec, stored: ConfiguredDependency | undefined): Omit<Wanted, 'given'> {
  const storedSpec = stored && specOf(stored);
  const { name, text } = spec;
  if (stored && /^[a-z0-9.-]+$/.test(text)) return { name, text: storedSpec?.text ?? text, save: undefined };
  return { name, text, save: storedSpec?.text === text ? undefined : text };
}

/** What extras bring is known to the installer alone. */
function isThere({ name, text }: Wanted, installed: readonly InstalledPackage[]): boolean {
  const found = installed.find((one) => one.name === name);
  return found !== undefined && !hasExtras(text) && satisfies(found.version, text) === true;
}

function hasExtras(text: string): boolean {
  return text.includes('[');
}
