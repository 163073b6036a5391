import * as vscode from 'vscode';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';

/** Asks for a name that no workflow has yet, and says while it is typed what is wrong with it. */
export async function askName(
  store: WorkspaceStore,
  { title, value = '' }: { readonly title: string; readonly value?: string },
): Promise<string | undefined> {
  const { CodeModeError, checkWorkflowName, nameProblem } = await import('../../sessions/core.ts');
  const taken = new Set((await (await store.workflows()).list()).map(({ name }) => name));
  const refusal = (name: string): string | undefined => {
    if (name === value) return undefined;
    if (taken.has(name)) return `There is a workflow "${name}" already.`;
    const problem = nameProblem(name);
    if (problem !== undefined) return problem;
    try {
      checkWorkflowName(name);
      return undefined;
    } catch (error) {
      return CodeModeError.describe(error);
    }
  };
  const typed = await vscode.window.showInputBox({
    title,
    prompt: 'A Python identifier, such as fetch_titles.',
    value,
    validateInput: (text) => (text.trim() === '' ? undefined : refusal(text.trim().normalize('NFKC'))),
  });
  const name = typed?.trim().normalize('NFKC');
  return name === '' || name === undefined || refusal(name) !== undefined ? undefined : name;
}
