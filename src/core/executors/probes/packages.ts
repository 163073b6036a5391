import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Executor } from '../../contract/executor.ts';
import { openDependencyConfiguration } from '../../deps/configuration/index.ts';
import type { DependencyContext } from '../registry.ts';
import { failed, type ProbeResult, passed } from './outcome.ts';
import { storedZip } from './storedZip.ts';

const PACKAGE = 'code-mode-probe';
const MODULE = 'code_mode_probe';

/** A package that is made for the probes, so that they need no index, and what an executor has to be given to find it. */
export class ProbePackages implements AsyncDisposable {
  readonly #folder: string;
  /** Of the executor whose installing and removing is put to the test. */
  readonly deps: DependencyContext;

  private constructor(folder: string) {
    this.#folder = folder;
    this.deps = {
      configuration: openDependencyConfiguration({}, { log: () => undefined }),
      spec: { offline: true, wheelFolders: [folder] },
    };
  }

  static async make(): Promise<ProbePackages> {
    const folder = await mkdtemp(path.join(tmpdir(), 'code-mode-probe-'));
    await writeFile(path.join(folder, `${MODULE}-1.0-py3-none-any.whl`), probeWheel());
    return new ProbePackages(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.deps.configuration[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The executor has to have been made with {@link ProbePackages}. */
export async function probeDepsInstall(executor: Executor): Promise<ProbeResult> {
  try {
    const failure = await install(executor);
    if (failure) return failure;
    const imported = await executor.run(`import ${MODULE}\n${MODULE}.ANSWER`);
    return imported.value === 42
      ? passed('a package that was made for this was installed and imported')
      : failed(`a package was installed but could not be imported: ${imported.error?.message ?? ''}`);
  } finally {
    await executor.uninstallDeps([PACKAGE]);
  }
}

/** As {@link probeDepsInstall}. */
export async function probeDepsUninstall(executor: Executor): Promise<ProbeResult> {
  const failure = await install(executor);
  if (failure) return failure;
  const result = await executor.uninstallDeps([PACKAGE]);
  if (!result.removed.includes(PACKAGE))
    return failed(`a package could not be removed: ${result.failed[0]?.reason ?? 'it was not found'}`);
  // What was imported before stays imported: only where modules come from tells.
  const gone = await executor.run(
    `from importlib.machinery import PathFinder\nPathFinder.find_spec("${MODULE}") is None`,
  );
  return gone.value === true
    ? passed('a package that was made for this was installed and removed again')
    : failed('a package was removed but can still be found');
}

async function install(executor: Executor): Promise<ProbeResult | undefined> {
  const { failed: failures } = await executor.installDeps([PACKAGE]);
  return (
    failures[0] && failed(`a package that was made for this could not be installed: ${failures[0].reason}`)
  );
}

function probeWheel(): Buffer {
  const info = `${MODULE}-1.0.dist-info`;
  const files = {
    [`${MODULE}.py`]: 'ANSWER = 42\n',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${PACKAGE}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: code-mode\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((name) => `${name},,\n`).join('');
  return storedZip({ ...files, [`${info}/RECORD`]: record });
}
