import type { IndexCredentials } from './indexCredentials.ts';

/** What says where packages come from; `default`: nothing does. */
export type SourceOrigin = 'settings' | 'uv' | 'pip' | 'default';

/** Where packages come from. Nothing in it has a password but {@link credentials} and {@link proxy}. */
export interface PackageSources {
  /** Of the simple API, without user and password: `https://packages.example/simple/`. */
  readonly indexUrl: string;
  /** Further indexes, as {@link indexUrl}. They go first: a package is taken from the first index that has it. */
  readonly extraIndexUrls: readonly string[];
  /** Absolute paths of folders with wheels. What they have is offered beside what an index has. */
  readonly wheelFolders: readonly string[];
  /** URLs of pages with links to wheels, as {@link wheelFolders}. */
  readonly linkPages: readonly string[];
  /** Whether no index is asked: what {@link wheelFolders} have is all there is. */
  readonly offline: boolean;
  /** PEM files with authorities that are trusted beside those that are known anyway. */
  readonly certificateFiles: readonly string[];
  /** The proxy that pip's configuration names; undefined: it names none. Not to be shown. */
  readonly proxy: string | undefined;
  /** What says each of these. */
  readonly origins: {
    readonly index: SourceOrigin;
    readonly extraIndexes: SourceOrigin;
    /** Of {@link wheelFolders} and {@link linkPages}. */
    readonly wheels: SourceOrigin;
    readonly offline: SourceOrigin;
  };
  readonly credentials: IndexCredentials;
}
