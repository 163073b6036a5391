import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { reasonOf } from '../../common/files/systemErrors.ts';
import { InstallError } from '../../contract/errors.ts';
import { versionOf } from './fileNames.ts';
import type { IndexFile } from './indexProject.ts';

/** The files of a package in a folder, by their names. @throws InstallError */
export async function filesInFolder(folder: string, project: string): Promise<readonly IndexFile[]> {
  try {
    const names = (await readdir(folder)).filter(
      (filename) => versionOf({ filename }, project) !== undefined,
    );
    return await Promise.all(
      names.map(async (filename) => {
        const place = path.join(folder, filename);
        return {
          filename,
          url: pathToFileURL(place).href,
          sha256: undefined,
          requiresPython: undefined,
          yanked: false,
          size: (await stat(place)).size,
        };
      }),
    );
  } catch (error) {
    throw new InstallError(`The folder of wheels ${folder} can't be read: ${reasonOf(error)}.`, {
      hint: 'Check the setting codeMode.deps.wheelFolders, and that you may read the folder.',
      cause: error,
    });
  }
}
