import * as vscode from 'vscode';
import type { WorkspaceTool, WorkspaceTools } from '../../store/workspaceTools.ts';
import { type Node, targetOf, toolOf } from './nodes.ts';
import { describeCallable, signatureOf, type Target, targetsOf } from './toolRow.ts';

/**
 * The callable that a line means. Of a tool with several the person chooses one; a tool that is not known yet is asked
 * what it can do, for which its server is started.
 */
export async function chooseCallable(
  tools: WorkspaceTools,
  node: Node,
  title: string,
): Promise<Target | undefined> {
  const target = targetOf(node);
  const owner = toolOf(node);
  if (target || !owner) return target;
  const tool = await described(tools, owner.tool);
  const targets = targetsOf(tool);
  const [first] = targets;
  if (!first) {
    void vscode.window.showInformationMessage(`The tool "${tool.name}" has nothing that could be called.`);
    return undefined;
  }
  if (targets.length === 1) return first;
  const items = targets.map((one) => {
    const { label, icon, description } = describeCallable(one);
    return { label: `$(${icon}) ${label}`, description, detail: signatureOf(one), target: one };
  });
  const chosen = await vscode.window.showQuickPick(items, {
    title: `${title}: ${tool.name}`,
    placeHolder: 'Which callable?',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen?.target;
}

/** The tool with what it can do; its server is started where only that knows. */
export async function described(tools: WorkspaceTools, tool: WorkspaceTool): Promise<WorkspaceTool> {
  if (targetsOf(tool).length > 0) return tool;
  const location = { viewId: 'codeMode.tools' };
  const status = await vscode.window.withProgress({ location }, () => tools.describe(tool.name));
  return { ...tool, status };
}
