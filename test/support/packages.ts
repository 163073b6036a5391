/**
 * Packages for tests: tiny ones that are made here, real ones of the public index, and an index of one's own.
 *
 * ```ts
 * const tiny = wheel({ name: 'tiny', version: '1.0' });                    // import tiny; tiny.VERSION == "1.0"
 * const user = wheel({ name: 'user', version: '2.0', requires: ['tiny>=1'], files: { 'user.py': 'import tiny\n' } });
 * const broken = sdist({ name: 'broken', version: '1.0', failsWith: 'no compiler here' });
 * const folder = await writePackages(path.join(scratch, 'wheels'), [tiny, user]);      // a folder of wheels
 * await using index = await servePackages([tiny, user, broken]);                       // an index on this machine
 * index.url;                          // http://127.0.0.1:PORT/simple/
 * index.requests;                     // ['GET /simple/tiny/', 'GET /files/tiny-1.0-py3-none-any.whl']
 * index.intervene = index.answering(500);      // or answering(401), stalling(), redirectingTo(url); undefined: as usual
 * const wheels = await realWheels(['six', 'rich'], 'pyodide');             // with what they need; undefined: no index
 * ```
 *
 * An installer of CPython takes packages from here alone with `{ indexUrl: index.url }`, or with
 * `{ offline: true, wheelFolders: [folder] }`.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { storedZip } from '../../src/core/executors/probes/storedZip.ts';
import { type ArchiveFiles, tarGzOf } from './packageArchives.ts';

export { type PackageServer, servePackages } from './packageServer.ts';
export { PYODIDE_PLATFORM, realWheels } from './realWheels.ts';

/** A file as an index serves it. */
export interface PackageFile {
  readonly filename: string;
  readonly bytes: Buffer;
  readonly requiresPython?: string;
  readonly yanked?: boolean;
}

/** What a package is made of. */
export interface PackageParts {
  readonly name: string;
  readonly version: string;
  /** `tiny>=1; python_version >= "3.9"` */
  readonly requires?: readonly string[];
  readonly requiresPython?: string;
  /** Names of extras; what they need stands in {@link requires} with `; extra == "NAME"`. */
  readonly extras?: readonly string[];
  readonly summary?: string;
  /**
   * By their places in the folder of packages: `tiny/__init__.py`, `tiny.pth`; by default a module of the package's name
   * with its VERSION.
   */
  readonly files?: ArchiveFiles;
}

/** A wheel: pure Python unless `tag` says otherwise, such as `cp39-abi3-win_amd64` or `cp314-cp314-${PYODIDE_PLATFORM}`. */
export function wheel(
  parts: PackageParts & { readonly tag?: string; readonly yanked?: boolean },
): PackageFile {
  const { tag = 'py3-none-any', yanked = false } = parts;
  const stem = stemOf(parts);
  const info = `${stem}.dist-info`;
  const content: ArchiveFiles = {
    ...filesOf(parts),
    [`${info}/METADATA`]: metadataOf(parts),
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: ${tag.endsWith('-any')}\nTag: ${tag}\n`,
  };
  const record = Object.entries(content).map(([name, text]) => {
    const hash = createHash('sha256').update(text).digest('base64url');
    return `${name},sha256=${hash},${Buffer.byteLength(text)}\n`;
  });
  const bytes = storedZip({ ...content, [`${info}/RECORD`]: `${record.join('')}${info}/RECORD,,\n` });
  return { filename: `${stem}-${tag}.whl`, bytes, ...rangeOf(parts), yanked };
}

/**
 * An archive of sources with a build back-end of its own, so that building it needs nothing else.
 * @param parts - `failsWith`: what its build ends with, as an exception
 */
export function sdist(parts: PackageParts & { readonly failsWith?: string }): PackageFile {
  const stem = stemOf(parts);
  const built = wheel(parts);
  const build =
    parts.failsWith === undefined
      ? `    (Path(wheel_directory) / ${JSON.stringify(built.filename)}).write_bytes(base64.b64decode(${JSON.stringify(built.bytes.toString('base64'))}))
    return ${JSON.stringify(built.filename)}`
      : `    raise RuntimeError(${JSON.stringify(parts.failsWith)})`;
  const content: ArchiveFiles = {
    'PKG-INFO': metadataOf(parts),
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    'backend.py': `import base64
from pathlib import Path

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
${build}

def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError
`,
    ...filesOf(parts),
  };
  const inFolder = Object.entries(content).map(([name, text]) => [`${stem}/${name}`, text] as const);
  return { filename: `${stem}.tar.gz`, bytes: tarGzOf(Object.fromEntries(inFolder)), ...rangeOf(parts) };
}

/** Writes packages into a folder, which is made. @returns the folder */
export async function writePackages(folder: string, packages: readonly PackageFile[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await Promise.all(packages.map(({ filename, bytes }) => writeFile(path.join(folder, filename), bytes)));
  return folder;
}

function stemOf({ name, version }: PackageParts): string {
  return `${name.toLowerCase().replace(/[-_.]+/g, '_')}-${version}`;
}

function filesOf({ name, version, files }: PackageParts): ArchiveFiles {
  const module = name.toLowerCase().replace(/[-_.]+/g, '_');
  return files ?? { [`${module}.py`]: `VERSION = ${JSON.stringify(version)}\n` };
}

function rangeOf({ requiresPython }: PackageParts): Pick<PackageFile, 'requiresPython'> {
  return requiresPython === undefined ? {} : { requiresPython };
}

function metadataOf({
  name,
  version,
  requires = [],
  requiresPython,
  extras = [],
  summary,
}: PackageParts): string {
  const lines = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...(summary === undefined ? [] : [`Summary: ${summary}`]),
    ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]),
    ...requires.map((one) => `Requires-Dist: ${one}`),
    ...extras.map((extra) => `Provides-Extra: ${extra}`),
  ];
  return `${lines.join('\n')}\n`;
}
