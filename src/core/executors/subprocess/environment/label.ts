import path from 'node:path';
import { condaName, isConda } from './conda.ts';
import type { InterpreterFacts } from './inspect.ts';
import { pathInside } from './layout.ts';
import { minorVersion } from './versions.ts';

/** Names of environments that say nothing without the folder that they are in. */
const ORDINARY_NAMES = new Set(['.venv', 'venv', '.env', 'env']);

/** Whether an interpreter is in a virtual environment; Conda's are installations of their own. */
export function isVirtual({ prefix, basePrefix }: InterpreterFacts): boolean {
  return prefix !== basePrefix;
}

/** What a person calls an environment that the extension keeps. */
export function managedLabel(version: string): string {
  return `managed, Python ${minorVersion(version)}`;
}

/** What a person calls it: `.venv`, `project/.venv`, `conda base`, `Python 3.12`. */
export async function environmentLabel(
  facts: InterpreterFacts,
  workspaceFolder: string | undefined,
): Promise<string> {
  if (isVirtual(facts)) return folderLabel(facts.prefix, workspaceFolder);
  if (await isConda(facts.prefix)) return `conda ${await condaName(facts.prefix)}`;
  return `Python ${minorVersion(facts.version)}`;
}

function folderLabel(folder: string, workspaceFolder: string | undefined): string {
  const inside = workspaceFolder === undefined ? undefined : pathInside(folder, workspaceFolder);
  if (inside !== undefined) return inside;
  const name = path.basename(folder);
  return ORDINARY_NAMES.has(name) ? path.join(path.basename(path.dirname(folder)), name) : name;
}
