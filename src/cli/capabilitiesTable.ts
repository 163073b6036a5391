import type { CapabilityEntry, ExecutorEntry } from './capabilities.ts';

const MARK_WIDTH = 'no'.length + 2;

/** The reports as text for a terminal of `columns` characters. */
export function renderReports(entries: readonly ExecutorEntry[], columns: number): string {
  return entries.map((entry) => renderExecutor(entry, Math.max(60, columns))).join('\n\n');
}

function renderExecutor(entry: ExecutorEntry, columns: number): string {
  const lines = [`${entry.id}: ${entry.label}`, ...wrap(entry.description, 2, columns)];
  if (entry.startError !== null) lines.push(...wrap(`Could not be started: ${entry.startError}`, 2, columns));
  const width = Math.max(0, ...entry.capabilities.map(({ capability }) => capability.length)) + 2;
  for (const capability of entry.capabilities) {
    const indent = 2 + MARK_WIDTH + 1 + width;
    const [first = '', ...more] = describe(capability).flatMap((text) => wrap(text, indent, columns));
    lines.push(`  ${mark(capability)} ${capability.capability.padEnd(width)}${first.trimStart()}`, ...more);
  }
  return lines.join('\n');
}

function mark({ supported }: CapabilityEntry): string {
  return (supported ? 'yes' : 'no').padEnd(MARK_WIDTH);
}

function describe({ detail, supported, probe }: CapabilityEntry): string[] {
  if (probe === undefined) return [detail];
  if (probe === null || !supported) return [`not declared: ${detail}`];
  return [detail, `${probe.passed ? 'verified' : 'BROKEN'}: ${probe.saw}`];
}

function wrap(text: string, indent: number, columns: number): string[] {
  const prefix = ' '.repeat(indent);
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line && indent + line.length + 1 + word.length > columns) {
        lines.push(prefix + line);
        line = word;
      } else {
        line = line ? `${line} ${word}` : word;
      }
    }
    lines.push(prefix + line);
  }
  return lines;
}
