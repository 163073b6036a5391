import type { Engine } from './engine/engine.ts';
import type { ContainerImage } from './image/containerImage.ts';
import type { ContainerSettings } from './settings.ts';
import type { ContainerMount } from './wall/mounts.ts';

/** What a container is started from. */
export interface ContainerPlan {
  readonly engine: Engine;
  readonly image: ContainerImage;
  readonly settings: ContainerSettings;
  /** The container's name, which no other has. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Absolute path of the folder whose code this is; undefined: none is open. */
  readonly workspaceFolder: string | undefined;
  /** Absolute path of this machine that relative paths in the code start from, as far as it is seen inside. */
  readonly workingFolder: string | undefined;
  /** What is mounted over folders that can be written, to keep it as it is. */
  readonly protectedMounts: readonly ContainerMount[];
  /** The one that packages are in; undefined: none. */
  readonly volume: { readonly name: string; readonly writable: boolean } | undefined;
  /** In place of the settings' user and group; undefined: those. */
  readonly user: string | undefined;
}
