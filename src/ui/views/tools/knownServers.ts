import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { FolderWatch } from '../../../core/common/files/folderWatch.ts';
import type { ConfiguredServer } from '../../../core/tools/mcpConfig/index.ts';
import type { WorkspaceTool } from '../../store/workspaceTools.ts';

/** An MCP server that the editor knows of this workspace. */
export interface KnownServer extends ConfiguredServer {
  /** The file that says so. */
  readonly file: vscode.Uri;
}

/** The MCP servers in `.vscode/mcp.json` of each folder of the workspace. */
export class KnownServers implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[];
  /** Undefined: nobody has asked yet. */
  #watches: readonly FolderWatch[] | undefined;

  /** One of the files may say something else. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#disposables = [
      this.#changed,
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.#forget();
        this.#changed.fire();
      }),
    ];
  }

  /** Those that are none of `tools` yet; none in a workspace that is not trusted. */
  async list(tools: readonly WorkspaceTool[]): Promise<readonly KnownServer[]> {
    if (!vscode.workspace.isTrusted) return [];
    this.#watches ??= foldersOf().map((folder) => this.#watch(folder));
    const names = new Set(tools.map(({ name }) => name));
    const found = await Promise.all(foldersOf().map(serversOf));
    return found.flat().filter(({ name }) => !names.has(name));
  }

  dispose(): void {
    this.#forget();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #watch(folder: string): FolderWatch {
    return new FolderWatch(path.join(folder, '.vscode'), (name) => {
      if (name === '' || name === 'mcp.json') this.#changed.fire();
    });
  }

  #forget(): void {
    for (const watch of this.#watches ?? []) watch.dispose();
    this.#watches = undefined;
  }
}

function foldersOf(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) =>
    uri.scheme === 'file' ? [uri.fsPath] : [],
  );
}

async function serversOf(folder: string): Promise<KnownServer[]> {
  const file = vscode.Uri.file(path.join(folder, '.vscode', 'mcp.json'));
  const text = await readFile(file.fsPath, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const { readMcpConfig } = await import('../../sessions/core.ts');
  return readMcpConfig(text).servers.map((server) => ({ ...server, file }));
}
