import { z } from 'zod';

/** How the packages of a session are configured and where they come from. Plain data. */
export const DepsSpecSchema = z.object({
  /** Packages that the settings name, unchecked. */
  packages: z.array(z.string()).exactOptional(),
  /** Absolute path of a `pyproject.toml` whose `[project]` dependencies count as configured. */
  pyproject: z.string().exactOptional(),
  /** Whether what is configured and missing is installed before Python is started; by default not. */
  syncOnStart: z.boolean().exactOptional(),
  /** Whether packages may be added and removed at run time; by default they may. */
  allowRuntimeChanges: z.boolean().exactOptional(),
  /** Which changes a person has to allow that code makes; by default those of an agent's runs. */
  approval: z.enum(['always', 'agent', 'never']).exactOptional(),
  /** Which installer CPython's packages are installed with; by default uv where it is found, else pip. */
  installer: z.enum(['auto', 'uv', 'pip']).exactOptional(),
  /** The package index, without a password; by default that of the person's own configuration of uv or pip. */
  indexUrl: z.string().exactOptional(),
  /** Further indexes; by default those of the person's own configuration. */
  extraIndexUrls: z.array(z.string()).exactOptional(),
  /** Absolute paths of folders with wheels. */
  wheelFolders: z.array(z.string()).exactOptional(),
  /** Whether nothing but {@link wheelFolders} and what is cached is used. */
  offline: z.boolean().exactOptional(),
  /** Whether a package without a fitting wheel may be built, which runs code of it; by default it may. */
  buildFromSource: z.boolean().exactOptional(),
  /** Whether the person trusts the workspace; by default they do. Without it no installer runs. */
  isTrusted: z.boolean().exactOptional(),
});
export type DepsSpec = z.infer<typeof DepsSpecSchema>;

/** What counts where a {@link DepsSpec} says nothing. */
export const DEPS_DEFAULTS = {
  syncOnStart: false,
  allowRuntimeChanges: true,
  approval: 'agent',
  installer: 'auto',
  offline: false,
  buildFromSource: true,
  isTrusted: true,
} as const satisfies DepsSpec;

/** Where packages come from, as the settings say; what is missing is the person's own configuration of uv or pip. */
export type PackageSourcesSpec = Pick<
  DepsSpec,
  'indexUrl' | 'extraIndexUrls' | 'wheelFolders' | 'offline' | 'buildFromSource'
>;
