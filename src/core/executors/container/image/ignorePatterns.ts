/** What a `.dockerignore` leaves out of a build. */
export interface IgnorePatterns {
  /** Whether a path below the folder, with slashes, is left out. */
  isIgnored(path: string): boolean;
  /** Whether something below a folder that is left out may be taken back in. */
  readonly hasExceptions: boolean;
}

/**
 * Reads a `.dockerignore`: its lines are patterns with `*`, `?`, `[a-z]` and `**`, relative to the folder; `!` takes back in
 * what an earlier line left out, and the last line that fits counts.
 */
export function parseIgnorePatterns(content: string): IgnorePatterns {
  const rules = content
    .replace(/^\uFEFF/u, '')
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const isException = line.startsWith('!');
      const pattern = (isException ? line.slice(1).trim() : line).replace(/^\.?\/+|\/+$/gu, '');
      return { isException, expression: toExpression(pattern) };
    });
  return {
    isIgnored(path) {
      const rule = rules.findLast(({ expression }) => expression.test(path));
      return rule !== undefined && !rule.isException;
    },
    hasExceptions: rules.some(({ isException }) => isException),
  };
}

/** A folder that fits takes all that is below it along. */
function toExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/?|\*|\?|\[[^\]]*\]|\\.|[^*?[\\]+|./gu, (part) => {
    if (part === '**/') return '(?:[^/]*/)*';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (/^\[.+\]$/u.test(part)) return part.replace(/(?<=.)\[/gu, '\\[');
    return part.replace(/^\\(?=.)/u, '').replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&');
  });
  try {
    return new RegExp(`^${source}(?:/.*)?$`, 's');
  } catch {
    // A class that is none, such as `[z-a]`, fits nothing; the engine says so itself.
    return /(?!)/u;
  }
}
