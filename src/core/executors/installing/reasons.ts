import type { InstallerEnd } from './installPlan.ts';

/** Why an installer failed, for a person. */
export interface Failure {
  /** In its own words, made short. */
  readonly reason: string;
  /** What to do; undefined where that is anybody's guess. */
  readonly hint: string | undefined;
}

const MOST_REASON_LINES = 4;
const REASON_CHARACTERS = 700;

/** What hints say of the environment that was to be changed. */
export interface FailedEnvironment {
  /** Of its Python: `3.12.1`. */
  readonly version: string;
  /** What to do where it can't be written, from `choose` on. */
  readonly elsewhere: string;
  /** Where another Python is chosen: `another Python in the setting …`. */
  readonly anotherPython: string;
  /** How to get a C compiler, from `install` on. */
  readonly compiler: string;
}

export function failureOf(
  installer: 'uv' | 'pip',
  end: InstallerEnd,
  environment: FailedEnvironment,
): Failure {
  if (end.brokenOff !== undefined)
    return { reason: `${installer} failed: ${end.brokenOff}.`, hint: undefined };
  const said = installer === 'uv' ? ofUv(end.lines) : ofPip(end.lines);
  const reason = said.join('\n').slice(0, REASON_CHARACTERS) || `${installer} failed without a word.`;
  const text = end.lines.join('\n');
  return { reason, hint: HINTS.find(([pattern]) => pattern.test(text))?.[1](environment) };
}

/** The explanation after `Because`, what a build printed last, or else the error with its causes. */
function ofUv(lines: readonly string[]): readonly string[] {
  const start = lines.findLastIndex((line) => /^(?:error:|\s*[×x] )/.test(line));
  if (start < 0) return lines.slice(-1);
  const hint = lines.findIndex((line, index) => index > start && /^\s*(?:hint|help):/.test(line));
  const block = lines.slice(start, hint < 0 ? undefined : hint).map(withoutMarks);
  const because = block.findIndex((line) => /\bBecause\b/.test(line));
  if (because >= 0) return [block.slice(because).join(' ').replace(/\s+/g, ' ')];
  const printed = block.findLastIndex((line) => /^\[std(?:err|out)\]$/.test(line));
  if (printed >= 0) return [block[0] ?? '', ...lastWords(block.slice(printed + 1))];
  return block.slice(0, MOST_REASON_LINES);
}

/** Its last errors, and what a build printed last. */
function ofPip(lines: readonly string[]): readonly string[] {
  const errors = lines.filter((line) => /^ERROR: /.test(line)).map((line) => line.replace(/^ERROR: /, ''));
  const end = lines.findLastIndex((line) => /\[end of output\]/.test(line));
  const begin = lines
    .slice(0, Math.max(end, 0))
    .findLastIndex((line) => /\[\d+ lines? of output\]/.test(line));
  if (end >= 0 && begin >= 0) {
    const printed = lastWords(lines.slice(begin + 1, end).map(withoutMarks));
    return [errors.at(-1) ?? 'A package could not be built:', ...printed];
  }
  if (errors.length > 0) {
    // "No matching distribution found" says less than the line before it.
    const telling = errors.filter(
      (line) => !/^No matching distribution found|ResolutionImpossible/.test(line),
    );
    const more = lines
      .slice(lines.lastIndexOf(`ERROR: ${errors.at(-1)}`) + 1)
      .filter((line) => /^\s+\S/.test(line));
    return [...(telling.length > 0 ? telling : errors).slice(-2), ...more.map(withoutMarks)].slice(
      0,
      MOST_REASON_LINES,
    );
  }
  return lines.filter((line) => !/^(?:WARNING|Looking in)/.test(line)).slice(-1);
}

/** The last lines that are no frame of a traceback and no mark under one. */
function lastWords(lines: readonly string[]): readonly string[] {
  const words = lines.filter((line) => line !== '' && !/^(?:File "|[\^~ ]+$|Traceback )/.test(line));
  return words.slice(-(MOST_REASON_LINES - 1));
}

function withoutMarks(line: string): string {
  return line
    .replace(/^[\s│╰├─▶×>]+/u, '')
    .replace(/^(?:error|cause):\s*/, '')
    .trim();
}

/** What to do, by what an installer printed; the first that fits. */
const HINTS: readonly (readonly [RegExp, (environment: FailedEnvironment) => string])[] = [
  [
    /No space left on device|os error 28\b|Errno 28\b|Disk quota exceeded/i,
    () => 'The disk is full: make room on it and try again.',
  ],
  [
    /being used by another process|os error 32\b|WinError (?:5|32)\b/i,
    () => 'A running Python has its files open: restart the session and try again.',
  ],
  [
    /Permission denied|os error 13\b|Errno 13\b|Access is denied|Read-only file system|os error 30\b/i,
    ({ elsewhere }) => `The environment can not be written: ${elsewhere}.`,
  ],
  [
    /hash mismatch|DO NOT MATCH THE HASHES|in --require-hashes mode/i,
    () =>
      'A file is not the one whose hash is written in requirements.txt: look at where it comes from before you change the hash.',
  ],
  [
    /\b(?:401|403)\b.*(?:Unauthorized|Forbidden|Client Error)|HTTP status client error \(40[13]|invalid credentials/i,
    () =>
      'The package index wants another user or password: see to those of the setting codeMode.deps.indexUrl, of .netrc or of the configuration of uv or pip.',
  ],
  [
    /error sending request|client error \(Connect\)|dns error|failed to lookup address|Name or service not known|Temporary failure in name resolution|getaddrinfo|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|Max retries exceeded|Connection refused|Network is unreachable|certificate verify failed|invalid peer certificate/i,
    () =>
      'The package index does not answer: see to the network, the proxy and the setting codeMode.deps.indexUrl, or install from a folder of wheels (codeMode.deps.wheelFolders and codeMode.deps.offline).',
  ],
  [
    /requires Python ?[<>=!~]|requires a different Python|Python version .* does not satisfy|Requires-Python/i,
    ({ version, anotherPython }) =>
      `This environment has Python ${version}: choose another version of the package, or ${anotherPython}.`,
  ],
  [
    /building from source is disabled|has no usable wheels|no compatible wheels|--no-build\b/i,
    () =>
      'It has no wheel for this Python and system: allow the setting codeMode.deps.buildFromSource, or choose another version.',
  ],
  [
    /network was disabled/i,
    () =>
      'Nothing is downloaded while codeMode.deps.offline is on: put its wheel into a folder of codeMode.deps.wheelFolders, or switch that setting off.',
  ],
  [
    /Python\.h: No such file|Python\.h.*not found/i,
    ({ version }) =>
      `Building it takes the headers of Python ${version}: install them (python3-dev or python3-devel of your system) with a C compiler, or choose a version that has a wheel.`,
  ],
  [
    /Microsoft Visual C\+\+|command '?[^'\n]*(?:gcc|g\+\+|clang|cc|cl\.exe)'? failed|Unable to find.*compiler|unknown compiler|linker `?cc`? not found|(?:gcc|cc|clang|g\+\+|make): (?:command )?not found/i,
    ({ compiler }) => `Building it takes a C compiler: ${compiler}, or choose a version that has a wheel.`,
  ],
  [
    /can'?t find Rust compiler|rustc|cargo/i,
    () => 'Building it takes Rust (rustup.rs): install it, or choose a version that has a wheel.',
  ],
  [
    /CMake must be installed|cmake.*not found|pkg-config.*not found|meson.*not found|Fortran compiler/i,
    () => 'Building it takes a tool that is named above: install it, or choose a version that has a wheel.',
  ],
  [
    /Failed to build|subprocess-exited-with-error|Failed building wheel|metadata-generation-failed/i,
    () =>
      'It has no wheel for this Python and system, and its sources do not build: choose another version, or install what the lines above name.',
  ],
  [
    /was not found in the|from versions: none|No matching distribution|not found in the provided package locations|There are no versions/i,
    () => 'Check how its name and version are written, and whether the package index has it.',
  ],
  [
    /unsatisfiable|ResolutionImpossible|conflicting dependencies/i,
    () => 'Ask for versions that go together: leave out versions that need not be exact.',
  ],
];
