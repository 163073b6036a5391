import { accessSync, constants, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { searchPath } from '../../subprocess/environment/searchPath.ts';
import type { Engine } from './engine.ts';

/** Where engines are beside the search path, of which an editor that was not started in a terminal has little. */
const FOLDERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: [
    '/usr/local/bin',
    '/opt/homebrew/bin',
    '/opt/podman/bin',
    path.join(os.homedir(), '.docker/bin'),
    path.join(os.homedir(), '.rd/bin'),
    '/Applications/Docker.app/Contents/Resources/bin',
  ],
  win32: ['C:\\Program Files\\Docker\\Docker\\resources\\bin', 'C:\\Program Files\\RedHat\\Podman'],
};

/** The absolute path of an engine's program; undefined where it is not installed. */
export function findEngineProgram(kind: Engine['kind']): string | undefined {
  const name = process.platform === 'win32' ? `${kind}.exe` : kind;
  return [...searchPath(), ...(FOLDERS[process.platform] ?? [])]
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

/** Whether there is a program of this absolute path. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
