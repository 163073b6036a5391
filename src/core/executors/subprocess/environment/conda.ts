import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { type Candidate, installation, installationsIn } from './installations.ts';
import { isThere } from './layout.ts';

const windows = process.platform === 'win32';
const INSTALLERS = ['miniforge3', 'mambaforge', 'miniconda3', 'anaconda3'];

/** Whether a folder is an installation or an environment of Conda. */
export async function isConda(folder: string): Promise<boolean> {
  return isThere(path.join(folder, 'conda-meta'));
}

/** What Conda calls an environment: `base`, or its folder's name. */
export async function condaName(folder: string): Promise<string> {
  return (await isThere(path.join(folder, 'condabin'))) ? 'base' : path.basename(folder);
}

/** The interpreters of Conda's installations in their usual places, of their environments, and of those it has noted. */
export async function condaCandidates(): Promise<Candidate[]> {
  const shared = windows ? [process.env.PROGRAMDATA ?? 'C:\\ProgramData'] : ['/opt'];
  const bases = [homedir(), ...shared].flatMap((folder) => INSTALLERS.map((name) => path.join(folder, name)));
  if (!windows) bases.push('/opt/conda');
  const list = await readFile(path.join(homedir(), '.conda', 'environments.txt'), 'utf8').catch(() => '');
  const noted = list.split(/\r?\n/).filter((folder) => path.isAbsolute(folder));
  const found = await Promise.all(
    [...new Set([...bases, ...noted])]
      .map(installation)
      .concat(bases.map((base) => installationsIn(path.join(base, 'envs')))),
  );
  return found.flat();
}
