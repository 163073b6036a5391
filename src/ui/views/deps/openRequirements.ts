import * as vscode from 'vscode';
import { requirementsFile } from '../../store/requirementsFile.ts';

const BEGINNING = '# Packages that code of this workspace needs, one a line, such as: pandas>=2.0\n';

/** Opens the workspace's `requirements.txt`, which is made where it is missing. @throws CodeModeError where there is none */
export async function openRequirements(): Promise<void> {
  const file = await requirementsFile();
  if (!file) {
    const { CodeModeError } = await import('../../sessions/core.ts');
    throw new CodeModeError(
      'storage',
      'There is no requirements.txt: packages are kept in Redis, or no folder is open.',
      {
        hint: 'Open a folder, or set codeMode.storage to "file".',
      },
    );
  }
  const isThere = await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(BEGINNING));
  await vscode.window.showTextDocument(file, { preview: false });
}
