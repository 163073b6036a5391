import path from 'node:path';
import * as vscode from 'vscode';
import type { WorkspaceTools } from '../../store/workspaceTools.ts';

/** Asks for a name that no tool has yet, and says while it is typed what is wrong with it. */
export async function askToolName(
  tools: WorkspaceTools,
  { title, value = '' }: { readonly title: string; readonly value?: string },
): Promise<string | undefined> {
  const refusal = await refusalOf(tools);
  const typed = await vscode.window.showInputBox({
    title,
    prompt: 'What Python calls it: tools.NAME. A Python identifier, such as web_search.',
    value,
    validateInput: (text) => (text.trim() === '' ? undefined : refusal(text.trim())),
  });
  const name = typed?.trim();
  return name === undefined || name === '' || refusal(name) !== undefined ? undefined : name;
}

/** Whether a new tool can have a name. */
export async function isFree(tools: WorkspaceTools, name: string): Promise<boolean> {
  return (await refusalOf(tools))(name) === undefined;
}

/** Says why a new tool can't have a name: undefined where it can. */
async function refusalOf(tools: WorkspaceTools): Promise<(name: string) => string | undefined> {
  const { toolNameProblem } = await import('../../sessions/core.ts');
  const found = await tools.list();
  const names = new Set(found.map(({ name }) => name));
  // A file may say another name than its own.
  const files = new Set(found.flatMap(({ uri }) => (uri ? [path.posix.parse(uri.path).name] : [])));
  return (name) => {
    if (names.has(name)) return `There is a tool "${name}" already.`;
    return files.has(name) ? `There is a file ${name}.yaml already.` : toolNameProblem(name);
  };
}
