import { parseWheelName } from '../../../deps/index/fileNames.ts';
import type { IndexFile } from '../../../deps/index/indexProject.ts';
import type { Fits } from '../../../deps/index/offers.ts';
import { satisfies } from '../../../deps/versions.ts';
import type { PyodideLock } from './lockFile.ts';

/** Whether Pyodide can use a file: a wheel of pure Python, or one that was compiled for its binary interface. */
export function fittingWheels({ abiVersion, pythonVersion }: PyodideLock): Fits {
  const minor = Number(pythonVersion.split('.')[1]);
  const platforms = new Set(['any', `pyemscripten_${abiVersion}_wasm32`, `pyodide_${abiVersion}_wasm32`]);
  const fitsTag = (tag: string) => {
    const [python = '', abi = '', platform = ''] = tag.split('-');
    if (!platforms.has(platform)) return false;
    const [, kind, version] = /^(py|cp)3(\d*)$/.exec(python) ?? [];
    const isOurs = Number(version) === minor;
    if (kind === 'py') return abi === 'none' && Number(version) <= minor;
    if (kind !== 'cp' || version === '') return false;
    return abi === 'abi3' ? Number(version) <= minor : isOurs && (abi === 'none' || abi === `cp3${minor}`);
  };
  return (file) =>
    parseWheelName(file.filename)?.tags.some(fitsTag) === true && fitsPython(file, pythonVersion);
}

/** Whether a file is for a version of Python, as far as the index says. */
export function fitsPython({ requiresPython }: IndexFile, pythonVersion: string): boolean {
  return requiresPython === undefined || satisfies(pythonVersion, requiresPython) !== false;
}
