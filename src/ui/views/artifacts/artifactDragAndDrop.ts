import * as vscode from 'vscode';
import { showError } from '../../messages.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import type { ArtifactsView } from './artifactsView.ts';
import { importArtifacts } from './importArtifacts.ts';
import { type ImportSource, sourceOfDropped, sourcesOf } from './importSources.ts';
import { isWithin, movesOf, nameIn } from './moves.ts';
import {
  artifactsOf,
  type EntryNode,
  isArtifact,
  isFolder,
  lastPart,
  type Node,
  nameOf,
  topmost,
} from './nodes.ts';
import { moveAskingToReplace } from './renameArtifacts.ts';

/** How VS Code calls what is dragged from this view. */
const TREE = 'application/vnd.code.tree.codemode.artifacts';
const URIS = 'text/uri-list';
/** What comes from outside VS Code. */
const FILES = 'files';

/** What {@link ArtifactDragAndDrop} works with. */
export interface ArtifactDragAndDropServices {
  readonly store: WorkspaceStore;
  readonly view: ArtifactsView;
  readonly log: vscode.LogOutputChannel;
}

/** Files that are dropped become artifacts, artifacts that are dragged out are files, and within the view they move. */
export class ArtifactDragAndDrop implements vscode.TreeDragAndDropController<Node> {
  readonly dropMimeTypes = [TREE, URIS, FILES];
  readonly dragMimeTypes = [URIS];
  readonly #services: ArtifactDragAndDropServices;

  constructor(services: ArtifactDragAndDropServices) {
    this.#services = services;
  }

  async handleDrag(source: readonly Node[], transfer: vscode.DataTransfer): Promise<void> {
    const nodes = topmost(source);
    transfer.set(TREE, new vscode.DataTransferItem(nodes.map(nameOf)));
    const { store } = this.#services;
    if ((await store.spec())?.type !== 'file') return;
    const uris = await Promise.all(nodes.map((node) => store.uriOf('artifacts', nameOf(node))));
    transfer.set(URIS, new vscode.DataTransferItem(uris.map(String).join('\r\n')));
  }

  async handleDrop(target: Node | undefined, transfer: vscode.DataTransfer): Promise<void> {
    const { log } = this.#services;
    try {
      await this.#drop(folderOf(target), transfer);
    } catch (error) {
      void showError(error, log);
    }
  }

  async #drop(folder: string, transfer: vscode.DataTransfer): Promise<void> {
    const { store, view } = this.#services;
    const own = transfer.get(TREE);
    if (own) {
      const names = new Set(namesOf(JSON.parse(await own.asString())));
      await this.#move(
        view.entries().filter((node) => names.has(nameOf(node))),
        folder,
      );
      return;
    }
    const [first] = await importArtifacts(store, await droppedSources(transfer, folder));
    if (first !== undefined) await view.reveal(first);
  }

  async #move(nodes: readonly EntryNode[], folder: string): Promise<void> {
    const { store, view } = this.#services;
    const moves = topmost(nodes)
      .filter((node) => isArtifact(node) || !isWithin(folder, node.path))
      .flatMap((node) => {
        const from = nameOf(node);
        return movesOf(
          artifactsOf([node]).map(({ name }) => name),
          from,
          nameIn(folder, lastPart(from)),
        );
      });
    if (moves.length === 0 || !(await moveAskingToReplace(store, moves))) return;
    await view.reveal(moves[0]!.to);
  }
}

/** The folder that something is dropped into: that of an artifact is its own. */
function folderOf(target: Node | undefined): string {
  if (!target) return '';
  if (isFolder(target)) return target.path;
  return isArtifact(target) ? (target.parent?.path ?? '') : '';
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

async function droppedSources(transfer: vscode.DataTransfer, folder: string): Promise<ImportSource[]> {
  const list = (await transfer.get(URIS)?.asString()) ?? '';
  const uris = list
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => vscode.Uri.parse(line, true));
  if (uris.length > 0) return sourcesOf(uris, folder);
  const files = [...transfer].map(([, item]) => item.asFile()).filter((file) => file !== undefined);
  return files.map((file) => sourceOfDropped(file, folder));
}
