import * as vscode from 'vscode';
import type { ComparedItem } from '../../core/storage/transfer/compareStores.ts';
import type { ReportLine } from '../../core/storage/transfer/comparisonReport.ts';

const SCHEME = 'code-mode-store-diff';
const COMPARE_COMMAND = 'codeMode.store.openChanges';

/** What is shown of a comparison of two stores. */
export interface ShownComparison {
  readonly lines: readonly ReportLine[];
  /** The sources of the workflows that have changed, by name. */
  readonly changed: ReadonlyMap<string, { readonly source: string; readonly target: string }>;
}

/**
 * Shows comparisons as documents: the report, with a lens above each changed workflow that opens its differences. The
 * texts of the last comparison are kept.
 */
export class StoreComparisons
  implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider, vscode.Disposable
{
  #shown: ShownComparison = { lines: [], changed: new Map() };
  /** Part of each address: a document that is open keeps what it shows. */
  #number = 0;
  readonly #registrations: vscode.Disposable;

  constructor() {
    this.#registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.languages.registerCodeLensProvider({ scheme: SCHEME, pattern: '**/Differences.txt' }, this),
      vscode.commands.registerCommand(COMPARE_COMMAND, (name: string) => this.#openChanges(name)),
    );
  }

  async show(comparison: ShownComparison): Promise<void> {
    this.#shown = comparison;
    this.#number += 1;
    const document = await vscode.workspace.openTextDocument(this.#uri('Differences.txt'));
    await vscode.window.showTextDocument(document, { preview: false });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const [, number, side, file] = uri.path.split('/');
    if (number !== String(this.#number)) return 'The stores were compared again since.\n';
    if (file === undefined) return `${this.#shown.lines.map(({ text }) => text).join('\n')}\n`;
    const texts = this.#shown.changed.get(file.replace(/\.py$/, ''));
    return (side === 'source' ? texts?.source : texts?.target) ?? '';
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    if (uri.path.split('/')[1] !== String(this.#number)) return [];
    return this.#shown.lines.flatMap(({ item }, line) =>
      item && this.#hasChanges(item)
        ? [
            new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
              title: 'Open Changes',
              command: COMPARE_COMMAND,
              arguments: [item.name],
            }),
          ]
        : [],
    );
  }

  dispose(): void {
    this.#registrations.dispose();
  }

  #hasChanges({ kind, name, state }: ComparedItem): boolean {
    return kind === 'workflows' && state === 'changed' && this.#shown.changed.has(name);
  }

  async #openChanges(name: string): Promise<void> {
    const [source, target] = [this.#uri(`source/${name}.py`), this.#uri(`target/${name}.py`)];
    await vscode.commands.executeCommand('vscode.diff', source, target, `${name} (source ↔ target)`);
  }

  #uri(name: string): vscode.Uri {
    return vscode.Uri.from({ scheme: SCHEME, path: `/${this.#number}/${name}` });
  }
}
