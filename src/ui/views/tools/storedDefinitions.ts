import * as vscode from 'vscode';
import type { WorkspaceTools } from '../../store/workspaceTools.ts';

const SCHEME = 'code-mode-tool';

/** The definitions of tools that are kept in no file, as documents to be read. */
export class StoredDefinitions implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #tools: WorkspaceTools;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable[];

  readonly onDidChange = this.#changed.event;

  constructor(tools: WorkspaceTools) {
    this.#tools = tools;
    this.#disposables = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      tools.onDidChange(() => {
        for (const { uri } of vscode.workspace.textDocuments) {
          if (uri.scheme === SCHEME) this.#changed.fire(uri);
        }
      }),
    ];
  }

  async provideTextDocumentContent({ path }: vscode.Uri): Promise<string> {
    return (await this.#tools.definitionText(path.slice(1, -'.yaml'.length))) ?? '';
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }
}

/** The document of a tool's definition that is kept in no file. */
export function storedDefinition(name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}.yaml` });
}
