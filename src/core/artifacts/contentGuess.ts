import type { ArtifactDataType } from '../contract/storage.ts';

/** Works out, of bytes that come in pieces, how Python reads them back: as it would have been saved there. */
export class ContentGuess {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #isText = true;

  add(piece: Uint8Array): void {
    if (this.#isText) this.#isText = !piece.includes(0) && this.#decodes(piece);
  }

  /** After the last piece. */
  dataTypeOf(name: string): ArtifactDataType {
    if (!this.#isText || !this.#decodes()) return 'bytes';
    return name.endsWith('.json') ? 'json' : 'text';
  }

  #decodes(piece?: Uint8Array): boolean {
    try {
      this.#decoder.decode(piece, { stream: piece !== undefined });
      return true;
    } catch {
      return false;
    }
  }
}
