import path from 'node:path';

/** How a program is told that what begins with `-` is no option. */
export interface Convention {
  /** `--` ends its options; what follows are positionals, whatever they look like. */
  readonly endOfOptions: boolean;
  /**
   * How an option takes a value that begins with `-`:
   * - `joined`: `--name=VALUE` and `-nVALUE`, as POSIX and GNU have it;
   * - `separate`: the next argument, whatever it looks like;
   * - `long`: nothing is known. `--name=VALUE` is tried, since a program that doesn't know this form refuses it itself,
   *   and can't take the value for an option.
   */
  readonly values: 'joined' | 'separate' | 'long';
}

const POSIX: Convention = { endOfOptions: true, values: 'joined' };
const UNKNOWN: Convention = { endOfOptions: false, values: 'long' };

/** It ends its options by `--`, but doesn't know `--name=VALUE`. */
const CURL: Convention = { endOfOptions: true, values: 'separate' };

/**
 * Programs of POSIX systems that read their arguments by getopt or as it does, in GNU's, BSD's and BusyBox's editions.
 * Not here, since `--` means something else to them: echo, test, printf, expr (print or compare it), find (what begins
 * with `-` is an expression), git (paths follow), jq before 1.7 (its filter can't follow), and all that start programs.
 */
const POSIX_PROGRAMS = new Set(
  `awk base64 basename cat chgrp chmod chown cksum cmp comm cp csplit cut df diff dirname du egrep expand fgrep fold
  gawk grep gunzip gzip head join ln ls mawk md5sum mkdir mkfifo mktemp mv nl od paste patch pr readlink realpath rm rmdir
  sed sha1sum sha224sum sha256sum sha384sum sha512sum shuf sort split stat strings sum tac tail tar tee touch tr truncate
  tsort unexpand uniq wc xz zcat zstd bzip2 bunzip2 xxhsum b2sum file rg shellcheck`.split(/\s+/u),
);

/** @param declared - what the definition says of it; undefined: nothing */
export function conventionOf(
  command: string,
  declared: boolean | undefined,
  platform: NodeJS.Platform = process.platform,
): Convention {
  if (declared === false) return UNKNOWN;
  const program = path.basename(command).replace(/\.exe$/iu, '');
  if (program === 'curl') return CURL;
  // Windows has programs of the same names with other habits, such as sort.
  const isKnown = platform !== 'win32' && POSIX_PROGRAMS.has(program);
  return isKnown || declared ? POSIX : UNKNOWN;
}
