/** Something that a person has to put right: a sentence that says what is wrong, and one that says what to do. */
export class Problem extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   * @param {unknown} [cause]
   */
  constructor(message, hint, cause) {
    super(message, { cause });
    this.name = 'Problem';
    this.hint = hint;
  }
}
