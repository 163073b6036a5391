/** A package as an index, or a folder of wheels, has it. Plain data. */
export interface IndexProject {
  /** Normalised. */
  readonly name: string;
  /** Of all versions, in no order: wheels, archives of sources, and what else lies there. */
  readonly files: readonly IndexFile[];
}

/** A file of a package, not downloaded. Plain data. */
export interface IndexFile {
  readonly filename: string;
  /** `https:`, `http:`, or `file:` for one of a folder; without user and password. */
  readonly url: string;
  /** In hexadecimal, lower case; undefined: the index does not say. */
  readonly sha256: string | undefined;
  /** The range of Python's versions that it is for: `>=3.9`. */
  readonly requiresPython: string | undefined;
  /** Whether its author took it back: it is not to be chosen, unless by its very version. */
  readonly yanked: boolean;
  /** Bytes; undefined: the index does not say. */
  readonly size: number | undefined;
  /** Of the wheel's METADATA, which the index has under {@link url} with `.metadata` at its end; undefined: it has none. */
  readonly metadataSha256?: string;
}
