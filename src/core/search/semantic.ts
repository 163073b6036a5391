/** Turns texts into vectors whose closeness is closeness of meaning. */
export interface Embedder {
  /** Of the model: the vectors of two models are never compared. */
  id(signal: AbortSignal): Promise<string>;
  /** One vector for each text, all of the same length. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}
