import * as vscode from 'vscode';
import type { ToolsSpec } from '../../core/tools/toolsSpec.ts';

/** Reads how the code of this window calls tools. @throws SettingsError */
export async function readToolsSettings(): Promise<ToolsSpec> {
  const { parseToolsSettings, TOOLS_SETTINGS } = await import('../sessions/core.ts');
  const configuration = vscode.workspace.getConfiguration('codeMode');
  const raw = Object.fromEntries(TOOLS_SETTINGS.map((name) => [name, configuration.get(name)])) as Record<
    (typeof TOOLS_SETTINGS)[number],
    unknown
  >;
  return parseToolsSettings(raw, vscode.workspace.getConfiguration('http').get('proxy'));
}
