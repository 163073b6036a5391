import * as vscode from 'vscode';

/** Whether a notebook's metadata says Python, or says nothing. */
export function isPythonNotebook(notebook: vscode.NotebookDocument): boolean {
  const { kernelspec, language_info: languageInfo } = nested(notebook.metadata);
  const language = text(languageInfo, 'name') ?? text(kernelspec, 'language');
  return language === undefined || language.toLowerCase() === 'python';
}

/**
 * Says in a notebook that has no kernel yet that it is a Python notebook, so that other programs open it as
 * one. A kernel that it has stays: it may be the one that its other readers use.
 */
export async function ensureKernelMetadata(
  notebook: vscode.NotebookDocument,
  interpreter: string,
): Promise<void> {
  if (notebook.isClosed) return;
  const metadata = nested(notebook.metadata);
  if (text(metadata.kernelspec, 'name') || text(metadata.language_info, 'name')) return;
  const version = /Python (\d+(?:\.\d+)*)/.exec(interpreter)?.[1];
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [
    vscode.NotebookEdit.updateNotebookMetadata({
      ...notebook.metadata,
      metadata: {
        ...metadata,
        kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
        language_info: { name: 'python', ...(version ? { version } : {}) },
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
