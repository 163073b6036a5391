/** Turns texts into vectors whose closeness is closeness of meaning. */
export interface Embedder {
  /** Of the model: vectors of different ids are never compared. */
  readonly id: string;
  /** One vector for each text, all of the same length. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}
