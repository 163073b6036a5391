import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../../core/common/files/atomicWrite.ts';
import { isMissing, reasonOf, systemCode } from '../../core/common/files/systemErrors.ts';
import { CodeModeError, SettingsError } from '../../core/contract/errors.ts';
import { isInside, resolveInside } from '../../core/storage/file/containment.ts';
import { STUB_MARKER } from '../../core/stubs/stubFiles.ts';

/** What says where the stubs of a workspace are. */
export interface StubPlace {
  /** The name of the setting. */
  readonly setting: string;
  /** What it says, unchecked; may begin with `${workspaceFolder}`. */
  readonly value: unknown;
  /** Absolute path. */
  readonly workspaceFolder: string;
}

/** The folders that stubs are in, by their path relative to that of all. */
const FOLDERS = ['', 'code_mode'];
const IGNORE_FILE = '.gitignore';

/**
 * The absolute path of the folder for stubs.
 * @throws SettingsError where it is not in the workspace, or is the workspace itself
 */
export async function resolveStubFolder({ setting, value, workspaceFolder }: StubPlace): Promise<string> {
  const written = String(value).replace(/^\$\{workspaceFolder\}/u, workspaceFolder);
  const folder = path.resolve(workspaceFolder, written);
  const refused = (reason: string) =>
    new SettingsError(
      `The setting ${setting} is ${JSON.stringify(value)}: ${reason}.`,
      'Set it to a folder in the workspace folder, such as "typings".',
    );
  if (!isInside(workspaceFolder, folder)) throw refused('stubs are written in the workspace only');
  try {
    const segments = path.relative(workspaceFolder, folder).split(path.sep);
    // What is below it must not lead elsewhere either.
    await resolveInside(workspaceFolder, [...segments, ...FOLDERS.filter(Boolean)]);
    return folder;
  } catch (error) {
    if (CodeModeError.is(error, 'usage')) throw refused('a link in it leads out of the workspace');
    throw error;
  }
}

/**
 * Makes `files` those of ours that are in a folder: writes what is new, removes what is not among them any more. What
 * somebody else has made stays as it is, also where it has the path of one of `files`.
 *
 * @param files texts by their path, with `/`, relative to the folder; none: only removes
 * @returns the paths of `files` at which somebody else's file is
 * @throws CodeModeError `file`
 */
export async function syncStubs(folder: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const all = files.size === 0 ? files : new Map([...files, [IGNORE_FILE, ignoreText([...files.keys()])]]);
  try {
    const foreign: string[] = [];
    for (const [file, text] of all) {
      if (!(await writeOurs(path.join(folder, file), text))) foreign.push(file);
    }
    await removeOthers(folder, all);
    // A file that keeps others out of version control is the person's own business.
    return foreign.filter((file) => file !== IGNORE_FILE);
  } catch (error) {
    throw new CodeModeError('file', `The stubs in ${folder} can't be written: ${reasonOf(error)}.`, {
      hint: 'Choose another folder in the setting codeMode.stubs.folder, or switch codeMode.stubs.enabled off.',
      cause: error,
    });
  }
}

/** Only what is made here: a folder for stubs may have others, which belong into version control. */
function ignoreText(files: readonly string[]): string {
  return [STUB_MARKER, ...[IGNORE_FILE, ...files].map((file) => `/${file}`), ''].join('\n');
}

/** False where there is something that is not ours. */
async function writeOurs(file: string, text: string): Promise<boolean> {
  const before = await textOf(file);
  if (before === text) return true;
  if (before !== undefined && !isOurs(before)) return false;
  if (before === undefined) await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomically(file, text);
  return true;
}

async function removeOthers(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  // From below, since a folder that has become empty is removed as well.
  for (const below of FOLDERS.toReversed()) {
    const place = path.join(folder, below);
    const entries = await readdir(place, { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (entries === undefined) continue;
    let isLeft = false;
    for (const entry of entries) {
      const relative = path.posix.join(below, entry.name);
      const mayBeOurs = entry.isFile() && (entry.name.endsWith('.pyi') || relative === IGNORE_FILE);
      const file = path.join(place, entry.name);
      if (mayBeOurs && !files.has(relative) && isOurs((await textOf(file)) ?? ''))
        await rm(file, { force: true });
      else isLeft = true;
    }
    if (!isLeft) await removeFolder(place);
  }
}

async function removeFolder(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    // Somebody was quicker, in either direction.
    if (!isMissing(error) && systemCode(error) !== 'ENOTEMPTY') throw error;
  });
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

function isOurs(text: string): boolean {
  return text.startsWith(STUB_MARKER);
}
