import { type Dirent, promises as fs } from 'node:fs';
import path from 'node:path';
import type { ExecutionError } from '../contract/execution.ts';
import { PACKAGES_BY_MODULE, PACKAGES_BY_SUBMODULE, STANDARD_LIBRARY } from './importNames.ts';
import { parsePackageSpec } from './packageSpec.ts';

/** Why an import failed, and what would mend it. Plain data. */
export type MissingModule = {
  /** Top-level, such as `cv2`. */
  readonly module: string;
} & (
  | {
      /** A package brings it. */
      readonly kind: 'package';
      /** Such as `opencv-python`. */
      readonly package: string;
    }
  | {
      /** It is the person's own, where Python does not look. */
      readonly kind: 'local';
      /** Absolute path of the file or folder. */
      readonly path: string;
    }
  /** Python's own, and this Python came without it. */
  | { readonly kind: 'standard-library' }
  /** Nothing is known of it; a guess could install a stranger's package. */
  | { readonly kind: 'unknown' }
);

/** Subfolders that are looked into for a module of the person's own. */
const MAX_SUBFOLDERS = 200;
/** They hold what others wrote. */
const FOREIGN_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'site-packages', 'venv', 'env']);

/**
 * Why the import failed that ended a run.
 *
 * @param folders - absolute paths of those that the person's own modules may be in: the workspace's, the script's
 * @returns undefined where the run ended otherwise
 */
export async function explainMissingModule(
  { missingModule: module, traceback }: Pick<ExecutionError, 'missingModule' | 'traceback'>,
  folders: readonly string[],
): Promise<MissingModule | undefined> {
  if (module === undefined) return undefined;
  const known = knownPackage(module, traceback);
  if (known === undefined && STANDARD_LIBRARY.has(module)) return { kind: 'standard-library', module };
  const own = await findOwnModule(module, folders);
  if (own !== undefined) return { kind: 'local', module, path: own };
  const name = known ?? packageOfTheSameName(module);
  return name === undefined ? { kind: 'unknown', module } : { kind: 'package', module, package: name };
}

/** What to say of a module that no package would bring; of one that a package brings, which that is. */
export function describeMissingModule(missing: MissingModule): string {
  const { module } = missing;
  switch (missing.kind) {
    case 'package':
      return missing.package === packageOfTheSameName(module)
        ? `The package ${missing.package} is not installed.`
        : `The module ${module} is in the package ${missing.package}, which is not installed.`;
    case 'local':
      return `${missing.path} is not where Python looks for modules: sys.path.append(${JSON.stringify(path.dirname(missing.path))}) adds its folder.`;
    case 'standard-library':
      return `The module ${module} belongs to Python itself, and this Python came without it: no package brings it, but another interpreter or executor may have it.`;
    case 'unknown':
      return `It is not known which package brings the module ${module}.`;
  }
}

function knownPackage(module: string, traceback: string): string | undefined {
  if (Object.hasOwn(PACKAGES_BY_MODULE, module)) return PACKAGES_BY_MODULE[module];
  if (!Object.keys(PACKAGES_BY_SUBMODULE).some((name) => name.startsWith(`${module}.`))) return undefined;
  // The traceback shows the statement: `from google.cloud import storage`.
  const statement = new RegExp(
    String.raw`^\s*(?:from\s+(${module}[\w.]*)\s+import\s+(\w+)|import\s+(${module}[\w.]*))`,
    'gmu',
  );
  const imported = [...traceback.matchAll(statement)].flatMap(([, from, name, whole]) =>
    whole === undefined ? [`${from}.${name}`] : [whole],
  );
  return imported
    .flatMap((name) =>
      Object.keys(PACKAGES_BY_SUBMODULE).filter((known) => `${name}.`.startsWith(`${known}.`)),
    )
    .sort((a, b) => b.length - a.length)
    .map((known) => PACKAGES_BY_SUBMODULE[known])[0];
}

/** Most packages have the name of their module. */
function packageOfTheSameName(module: string): string | undefined {
  const isShared = Object.keys(PACKAGES_BY_SUBMODULE).some((name) => name.startsWith(`${module}.`));
  // What begins with an underscore is a part of something else.
  if (module.startsWith('_') || isShared) return undefined;
  try {
    return parsePackageSpec(module).name;
  } catch {
    return undefined;
  }
}

async function findOwnModule(module: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of new Set(folders)) {
    const entries = await entriesOf(folder);
    const subfolders = entries.filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !FOREIGN_FOLDERS.has(entry.name),
    );
    const places = [
      folder,
      ...subfolders.slice(0, MAX_SUBFOLDERS).map(({ name }) => path.join(folder, name)),
    ];
    for (const place of places) {
      const found = (await entriesOf(place)).find(
        (entry) => entry.name === `${module}.py` || (entry.name === module && entry.isDirectory()),
      );
      if (!found) continue;
      const at = path.join(place, found.name);
      if (!found.isDirectory() || (await entriesOf(at)).some(({ name }) => name.endsWith('.py'))) return at;
    }
  }
  return undefined;
}

/** None where there is no such folder, or it can't be read. */
function entriesOf(folder: string): Promise<Dirent[]> {
  return fs.readdir(folder, { withFileTypes: true }).catch(() => []);
}
