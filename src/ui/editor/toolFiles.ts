import * as vscode from 'vscode';
import type { WorkspaceTools } from '../store/workspaceTools.ts';

const PLACE = /\/tools\/[^/.][^/]*\.ya?ml$/u;

/** Where {@link isToolFile} may be true, for those who register for documents. */
export const TOOL_FILES: vscode.DocumentFilter = { pattern: '**/tools/*.{yaml,yml}' };

/** Whether a document is surely no tool: quick, and opens nothing. */
export function mayBeToolFile({ uri }: vscode.TextDocument): boolean {
  return PLACE.test(uri.path);
}

/** Whether a document defines a tool of the workspace: a YAML file in its folder of tools. */
export async function isToolFile(
  document: vscode.TextDocument,
  tools: Pick<WorkspaceTools, 'folder'>,
): Promise<boolean> {
  if (!mayBeToolFile(document) || !vscode.workspace.isTrusted) return false;
  const folder = await tools.folder().catch(() => undefined);
  return folder?.toString() === vscode.Uri.joinPath(document.uri, '..').toString();
}
