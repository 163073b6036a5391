import path from 'node:path';
import type { PyodideAPI } from 'pyodide';
import { SITE_PACKAGES } from './files.ts';

/** Where Python sees the packages of its workspace. */
const MOUNT_POINT = '/lib/code_mode_packages/site-packages';

/** Emscripten's number for a file system that takes no changes. */
const READ_ONLY_FILE_SYSTEM = 69;
const WRITE_PERMISSIONS = 0o222;

/** A file or folder of Emscripten's file system, as far as it is needed here. */
interface FileNode {
  mode: number;
  node_ops: unknown;
  stream_ops: unknown;
}

/** What Pyodide's types leave out of its file system. */
interface FileSystem {
  readonly filesystems: { readonly NODEFS: NodeFileSystem };
  readonly ErrnoError: new (code: number) => Error;
  mkdirTree(folder: string): void;
  mount(type: unknown, options: { readonly root: string }, mountPoint: string): void;
}

interface NodeFileSystem {
  readonly node_ops: Readonly<Record<string, unknown>> & {
    lookup(parent: FileNode, name: string): FileNode;
    getattr(node: FileNode): { mode: number };
  };
  readonly stream_ops: Readonly<Record<string, unknown>> & {
    getattr(stream: unknown): { mode: number };
  };
  mount(mount: unknown): FileNode;
}

/**
 * Shows Python the packages of an environment, at the end of its search path and with their `.pth` files. Nothing is
 * copied: what is installed later is there at once. Python can't write to it, also where nothing else would keep it from
 * doing so.
 *
 * @param folder - absolute path of the environment; nothing is shown where it can't be read
 */
export function mountPackages(pyodide: PyodideAPI, folder: string): void {
  const fileSystem = pyodide.FS as unknown as FileSystem;
  fileSystem.mkdirTree(MOUNT_POINT);
  try {
    // Emscripten joins paths with slashes.
    const root = `${folder.replaceAll(path.sep, '/')}/${SITE_PACKAGES}`;
    fileSystem.mount(readOnly(fileSystem), { root }, MOUNT_POINT);
  } catch {
    return;
  }
  const site = pyodide.pyimport('site');
  site.addsitedir(MOUNT_POINT);
  site.destroy();
}

/** Emscripten's view of a folder of Node's, of which reading is left. */
function readOnly(fileSystem: FileSystem): unknown {
  const { NODEFS } = fileSystem.filesystems;
  const refuse = () => {
    throw new fileSystem.ErrnoError(READ_ONLY_FILE_SYSTEM);
  };
  const withoutWriting = <T extends { mode: number }>(attributes: T): T => {
    attributes.mode &= ~WRITE_PERMISSIONS;
    return attributes;
  };
  const protect = (node: FileNode): FileNode => {
    node.node_ops = nodeOperations;
    node.stream_ops = streamOperations;
    return withoutWriting(node);
  };
  const nodeOperations = {
    ...NODEFS.node_ops,
    getattr: (node: FileNode) => withoutWriting(NODEFS.node_ops.getattr(node)),
    lookup: (parent: FileNode, name: string) => protect(NODEFS.node_ops.lookup(parent, name)),
    setattr: refuse,
    mknod: refuse,
    rename: refuse,
    unlink: refuse,
    rmdir: refuse,
    symlink: refuse,
  };
  const streamOperations = {
    ...NODEFS.stream_ops,
    getattr: (stream: unknown) => withoutWriting(NODEFS.stream_ops.getattr(stream)),
    setattr: refuse,
    write: refuse,
    msync: refuse,
  };
  return { mount: (mount: unknown) => protect(NODEFS.mount(mount)) };
}
