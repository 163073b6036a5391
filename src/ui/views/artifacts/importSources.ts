import * as vscode from 'vscode';
import { type ByteSource, sourceOfBytes } from '../../files/byteSource.ts';
import { nameIn } from './moves.ts';

/** Something that is to become an artifact. */
export interface ImportSource {
  /** The artifact's name. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly open: () => Promise<ByteSource>;
}

/** The files that addresses name, those of folders with all below them. @param folder of the store; empty: itself */
export async function sourcesOf(uris: readonly vscode.Uri[], folder: string): Promise<ImportSource[]> {
  const found: ImportSource[] = [];
  for (const uri of uris) {
    const { type, size } = await vscode.workspace.fs.stat(uri);
    await collect(found, { uri, type, size, name: nameIn(folder, lastSegment(uri)) });
  }
  return found;
}

/** What was dropped from outside where its place is not known: as in a browser. */
export function sourceOfDropped(file: vscode.DataTransferFile, folder: string): ImportSource {
  return {
    name: nameIn(folder, file.name),
    size: 0,
    open: async () => sourceOfBytes(await file.data()),
  };
}

interface Found {
  readonly uri: vscode.Uri;
  readonly type: vscode.FileType;
  readonly size: number;
  readonly name: string;
}

async function collect(found: ImportSource[], { uri, type, size, name }: Found): Promise<void> {
  if (type & vscode.FileType.File) {
    found.push({ name, size, open: () => open(uri) });
    return;
  }
  if (!(type & vscode.FileType.Directory)) return;
  for (const [part, kind] of await vscode.workspace.fs.readDirectory(uri)) {
    // A link may lead back to where it lies.
    if (kind & vscode.FileType.SymbolicLink && kind & vscode.FileType.Directory) continue;
    const child = vscode.Uri.joinPath(uri, part);
    const isFile = (kind & vscode.FileType.File) !== 0;
    const bytes = isFile ? (await vscode.workspace.fs.stat(child)).size : 0;
    await collect(found, { uri: child, type: kind, size: bytes, name: nameIn(name, part) });
  }
}

async function open(uri: vscode.Uri): Promise<ByteSource> {
  if (uri.scheme === 'file') return (await import('../../sessions/core.ts')).openFile(uri.fsPath);
  return sourceOfBytes(await vscode.workspace.fs.readFile(uri));
}

function lastSegment(uri: vscode.Uri): string {
  return uri.path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}
