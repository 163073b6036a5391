import * as vscode from 'vscode';
import type { YamlCompletion } from '../../core/tools/definition/assistance.ts';
import type { WorkspaceTools } from '../store/workspaceTools.ts';
import { isToolFile, TOOL_FILES } from './toolFiles.ts';

/** Of the extension that completes YAML by the JSON schema which this one contributes, and where that is for. */
const YAML_EXTENSION = 'redhat.vscode-yaml';
const HAS_SCHEMA = /\/\.code-mode\/tools\/[^/]+$/u;

/** Completes the keys and values of tool files, and says what keys are for, where no other extension does. */
export function registerToolLanguage(tools: Pick<WorkspaceTools, 'folder'>): vscode.Disposable {
  const isOurs = async (document: vscode.TextDocument) => {
    const isElsewhere =
      HAS_SCHEMA.test(document.uri.path) && vscode.extensions.getExtension(YAML_EXTENSION) !== undefined;
    return !isElsewhere && (await isToolFile(document, tools));
  };
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(
      TOOL_FILES,
      {
        provideCompletionItems: async (document, position) =>
          (await isOurs(document)) ? await completionsAt(document, position) : undefined,
      },
      ' ',
    ),
    vscode.languages.registerHoverProvider(TOOL_FILES, {
      provideHover: async (document, position) =>
        (await isOurs(document)) ? await hoverAt(document, position) : undefined,
    }),
  );
}

async function completionsAt(
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<vscode.CompletionItem[]> {
  const core = await import('../sessions/core.ts');
  const { start, items } = core.completionsAt(document.getText(), document.offsetAt(position));
  const range = new vscode.Range(document.positionAt(start), position);
  return items.map((item, index) => itemOf(item, range, index));
}

function itemOf(
  { kind, label, insert, description }: YamlCompletion,
  range: vscode.Range,
  index: number,
): vscode.CompletionItem {
  const isKey = kind === 'key';
  const item = new vscode.CompletionItem(
    label,
    isKey ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.EnumMember,
  );
  item.range = range;
  item.insertText = insert;
  item.keepWhitespace = true;
  item.documentation = new vscode.MarkdownString(description);
  // In the order of the schema: what matters comes first there.
  item.sortText = String(index).padStart(4, '0');
  if (isKey) item.command = { command: 'editor.action.triggerSuggest', title: '' };
  return item;
}

async function hoverAt(
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<vscode.Hover | undefined> {
  const core = await import('../sessions/core.ts');
  const found = core.hoverAt(document.getText(), document.offsetAt(position));
  if (!found) return undefined;
  const range = new vscode.Range(document.positionAt(found.start), document.positionAt(found.end));
  return new vscode.Hover(new vscode.MarkdownString(found.markdown), range);
}
