import * as vscode from 'vscode';
import { type Node, targetOf, toolOf } from './nodes.ts';
import { storedDefinition } from './storedDefinitions.ts';

/** Opens where a tool is defined: what a line means of it, or the first thing that is wrong with it. */
export async function openDefinition(node: Node): Promise<void> {
  const tool = toolOf(node)?.tool;
  if (!tool || tool.type === 'extension') return;
  const document = await vscode.workspace.openTextDocument(tool.uri ?? storedDefinition(tool.name));
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const place = (await placeOf(node, document.getText())) ?? tool.problems[0];
  if (!place) return;
  editor.selection = new vscode.Selection(document.positionAt(place.start), document.positionAt(place.end));
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

async function placeOf(node: Node, text: string): Promise<{ start: number; end: number } | undefined> {
  const target = targetOf(node);
  if (!target || target.isDirect) return undefined;
  const { placeOfCallable } = await import('../../sessions/core.ts');
  return placeOfCallable(text, target.callable.originalName);
}
