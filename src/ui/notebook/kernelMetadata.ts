import * as vscode from 'vscode';

/** Whether a notebook's metadata says Python, or says nothing. */
export function isPythonNotebook(notebook: vscode.NotebookDocument): boolean {
  const { kernelspec, language_info: languageInfo } = nested(notebook.metadata);
  const language = text(languageInfo, 'name') ?? text(kernelspec, 'language');
  return language === undefined || language.toLowerCase() === 'python';
}

/**
 * Names a kernel in a notebook that names none, so that other programs open it without a question. A kernel
 * that it names stays: it may be the one that its other readers use.
 */
export async function ensureKernelMetadata(
  notebook: vscode.NotebookDocument,
  interpreter: string,
): Promise<void> {
  const metadata = nested(notebook.metadata);
  if (notebook.isClosed || text(metadata.kernelspec, 'name') || !isPythonNotebook(notebook)) return;
  const version = /Python (\d+(?:\.\d+)*)/.exec(interpreter)?.[1];
  const known = typeof metadata.language_info === 'object' ? metadata.language_info : {};
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [
    vscode.NotebookEdit.updateNotebookMetadata({
      ...notebook.metadata,
      metadata: {
        ...metadata,
        kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
        language_info: { name: 'python', ...(version ? { version } : {}), ...known },
      },
    }),
  ]);
  await vscode.workspace.applyEdit(edit);
}

/** The notebook file's own metadata, which the `.ipynb` serializer keeps one level down. */
function nested(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const inner = metadata.metadata;
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
}

function text(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = (value as Record<string, unknown>)[key];
  return typeof found === 'string' && found !== '' ? found : undefined;
}
