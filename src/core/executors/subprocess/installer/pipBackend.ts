import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readSitePackages } from '../../../deps/sitePackages.ts';
import { compareVersions } from '../../../deps/versions.ts';
import { PIP_FLAGS, pipInstall, pipUninstall } from '../../installing/pipArguments.ts';
import { isThere } from '../environment/layout.ts';
import type { InstallerBackend } from './backend.ts';

/** The first pip that can be asked to install into another environment than its own. */
const FIRST_FOR_OTHERS = '22.3';

/** An interpreter and where it has its packages. */
export interface PlacedPython {
  /** Absolute path. */
  readonly executable: string;
  /** Absolute paths. */
  readonly folders: readonly string[];
  /** Absolute path of its standard library; undefined: not known. */
  readonly stdlib: string | undefined;
}

/**
 * pip for an environment: its own, else that of the installation that it is based on, else the one that the standard
 * library brings along, which is then installed into the environment.
 *
 * @param base - undefined: it is an installation itself, or what it is based on is not known
 */
export async function pipBackend(
  own: PlacedPython,
  base: PlacedPython | undefined,
): Promise<InstallerBackend | undefined> {
  const version = await pipIn(own);
  if (version !== undefined) return describe(version, own.executable, []);
  const baseVersion = base && (await pipIn(base));
  if (base && baseVersion !== undefined && compareVersions(baseVersion, FIRST_FOR_OTHERS) >= 0)
    return describe(baseVersion, base.executable, ['--python', own.executable]);
  const bundled = await bundledPip(base?.stdlib ?? own.stdlib);
  if (bundled === undefined) return undefined;
  return {
    ...describe(bundled, own.executable, []),
    preparation: ['-I', '-m', 'ensurepip', '--default-pip'],
  };
}

function describe(version: string, file: string, target: readonly string[]): InstallerBackend {
  // Neither what the environment variables add to Python nor the folder that it runs in has a say.
  const program = ['-I', '-m', 'pip', ...target, ...PIP_FLAGS];
  return {
    kind: 'pip',
    label: `pip ${version}`.trimEnd(),
    file,
    installArguments: (plan) => [...program, ...pipInstall(plan)],
    uninstallArguments: (names) => [...program, ...pipUninstall(names)],
  };
}

async function pipIn({ folders }: PlacedPython): Promise<string | undefined> {
  return (await readSitePackages(folders)).find(({ name }) => name === 'pip')?.version;
}

/** Its version, empty where that is not told; undefined: the standard library has none. */
async function bundledPip(stdlib: string | undefined): Promise<string | undefined> {
  if (stdlib === undefined) return undefined;
  const folder = path.join(stdlib, 'ensurepip');
  if (!(await isThere(path.join(folder, '__main__.py')))) return undefined;
  const wheels = await readdir(path.join(folder, '_bundled')).catch(() => []);
  return wheels.map((name) => /^pip-([^-]+)-/.exec(name)?.[1]).find((version) => version !== undefined) ?? '';
}
