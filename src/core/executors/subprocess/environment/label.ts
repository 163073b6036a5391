import path from 'node:path';
import type { InterpreterFacts } from './inspect.ts';
import { isThere } from './layout.ts';
import { minorVersion } from './versions.ts';

/** Names of environments that say nothing without the folder that they are in. */
const ORDINARY_NAMES = new Set(['.venv', 'venv', '.env', 'env']);

/** Whether an interpreter is in a virtual environment; Conda's are installations of their own. */
export function isVirtual({ prefix, basePrefix }: InterpreterFacts): boolean {
  return prefix !== basePrefix;
}

/** Whether an interpreter is in an installation or environment of Conda. */
export async function isConda({ prefix }: InterpreterFacts): Promise<boolean> {
  return isThere(path.join(prefix, 'conda-meta'));
}

/** What a person calls it: `.venv`, `project/.venv`, `conda base`, `Python 3.12`. */
export async function environmentLabel(
  facts: InterpreterFacts,
  workspaceFolder: string | undefined,
): Promise<string> {
  if (isVirtual(facts)) return folderLabel(facts.prefix, workspaceFolder);
  if (await isConda(facts)) return `conda ${await condaName(facts.prefix)}`;
  return `Python ${minorVersion(facts.version)}`;
}

function folderLabel(folder: string, workspaceFolder: string | undefined): string {
  const name = path.basename(folder);
  if (workspaceFolder !== undefined) {
    const inside = path.relative(workspaceFolder, folder);
    if (inside !== '' && !inside.startsWith('..') && !path.isAbsolute(inside)) return inside;
  }
  return ORDINARY_NAMES.has(name) ? path.join(path.basename(path.dirname(folder)), name) : name;
}

async function condaName(prefix: string): Promise<string> {
  if (path.basename(path.dirname(prefix)) === 'envs') return path.basename(prefix);
  return (await isThere(path.join(prefix, 'condabin'))) ? 'base' : path.basename(prefix);
}
