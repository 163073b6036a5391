/** What Docker says of a layer, and Podman before and after it has one. */
const DOCKER_LAYER = /^([0-9a-f]{12}): (.+)$/u;
const PODMAN_BLOB = /^Copying blob (?:sha256:)?([0-9a-f]{12})[0-9a-f]*\s*(.*)$/u;
const COMPLETE = /^(?:Pull complete|Already exists|done|skipped|\[-+\])/u;

/** Makes of what an engine prints while it fetches an image how far it is. */
export class PullProgress {
  /** By the beginning of their digests: whether they are there. */
  readonly #layers = new Map<string, boolean>();

  /** A line for people; undefined: this one says nothing new. */
  read(line: string): string | undefined {
    const [, layer, state = ''] = DOCKER_LAYER.exec(line) ?? PODMAN_BLOB.exec(line) ?? [];
    if (layer !== undefined) {
      const isComplete = COMPLETE.test(state) || this.#layers.get(layer) === true;
      if (this.#layers.get(layer) === isComplete) return undefined;
      this.#layers.set(layer, isComplete);
      return this.#describe();
    }
    if (/^Copying config|^Status: |^Digest: /u.test(line)) return 'all layers are there';
    return undefined;
  }

  #describe(): string {
    const complete = [...this.#layers.values()].filter(Boolean).length;
    const count = this.#layers.size === 1 ? '1 layer' : `${this.#layers.size} layers`;
    // Podman tells the end of a layer only where it can draw.
    return complete > 0 ? `${complete} of ${count}` : count;
  }
}
