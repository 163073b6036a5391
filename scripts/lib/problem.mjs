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

/**
 * Runs a script's main function; what it throws is printed for a person and ends the process with code 1.
 * @param {() => Promise<number | undefined>} main Resolves to the exit code.
 */
export async function script(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`\n✖ ${error.message}\n  ${error.hint}\n`);
    process.exitCode = 1;
  }
}
