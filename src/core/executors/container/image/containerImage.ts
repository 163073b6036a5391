/** An image that is there. */
export interface ContainerImage {
  /** `sha256:` and its digits: what is started, whatever its name comes to mean. */
  readonly id: string;
  /** For people: the name that the settings have, or the file that it was built from. */
  readonly name: string;
  /** What a devcontainer.json says besides; empty elsewhere. */
  readonly environment: Readonly<Record<string, string>>;
}
