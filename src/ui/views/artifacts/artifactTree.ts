import type { ArtifactInfo } from '../../../core/contract/storage.ts';
import { PAGE } from '../pages.ts';
import {
  type ArtifactNode,
  artifactsOf,
  type EntryNode,
  type FolderNode,
  isFolder,
  lastPart,
  nameOf,
} from './nodes.ts';

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Artifacts by the folders that their names have. What stays keeps its object. */
export class ArtifactTree {
  #root: FolderNode = { path: '', parent: undefined, children: [], shown: PAGE };
  #artifacts = new Map<string, ArtifactNode>();
  #folders = new Map<string, FolderNode>();

  /** The store itself. */
  get root(): FolderNode {
    return this.#root;
  }

  artifact(name: string): ArtifactNode | undefined {
    return this.#artifacts.get(name);
  }

  /** All artifacts, and the folders that they are in. */
  entries(): readonly EntryNode[] {
    return [...this.#folders.values(), ...this.#artifacts.values()].filter((node) => node !== this.#root);
  }

  /** Shows these artifacts from now on; sizes have to be asked for anew. */
  update(infos: readonly ArtifactInfo[]): void {
    const before = { artifacts: this.#artifacts, folders: this.#folders };
    this.#artifacts = new Map();
    this.#folders = new Map([['', this.#root]]);
    const children = new Map<FolderNode, EntryNode[]>([[this.#root, []]]);
    const folderAt = (path: string): FolderNode => {
      const known = this.#folders.get(path);
      if (known) return known;
      const parent = folderAt(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
      const folder = before.folders.get(path) ?? { path, parent, children: [], shown: PAGE };
      this.#folders.set(path, folder);
      children.get(parent)?.push(folder);
      children.set(folder, []);
      return folder;
    };
    for (const info of infos) {
      const { name } = info;
      const parent = folderAt(name.slice(0, Math.max(0, name.lastIndexOf('/'))));
      const node = before.artifacts.get(name) ?? { name, parent, info, size: undefined };
      node.info = info;
      node.size = undefined;
      this.#artifacts.set(name, node);
      children.get(parent)?.push(node);
    }
    for (const [folder, entries] of children) folder.children = entries.sort(byName);
  }

  /** How many artifacts are below a folder. */
  static count(folder: FolderNode): number {
    return artifactsOf([folder]).length;
  }
}

function byName(one: EntryNode, other: EntryNode): number {
  const folders = Number(isFolder(other)) - Number(isFolder(one));
  return folders || collator.compare(lastPart(nameOf(one)), lastPart(nameOf(other)));
}
