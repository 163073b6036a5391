/**
 * Makes Markdown that shows a text as it is, in one paragraph: names of folders and of clients are no Markdown.
 * `MarkdownString.appendText` does so as well, but its lines never wrap.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!~|<>&$]/gu, '\\$&').replace(/\s+/gu, ' ');
}

/**
 * The Markdown of a tooltip: a title, and below it a line for each name with its text. Names are taken for
 * Markdown, texts are not.
 */
export function tooltipMarkdown(
  title: string,
  lines: readonly (readonly [name: string, text: string])[],
): string {
  const shown = lines.map(([name, text]) => `${name}: ${escapeMarkdown(text)}`);
  return `**${escapeMarkdown(title)}**\n\n${shown.join('  \n')}`;
}

/** Lines of a source that a tooltip shows. */
const EXCERPT_LINES = 20;
/** Characters of a line of it. */
const EXCERPT_COLUMNS = 120;

/** Code as Markdown, in a fence that is longer than any in it. @param language as editors name it, such as `python` */
export function codeBlock(code: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/gu)].map(([ticks]) => ticks.length + 1)));
  return `${fence}${language}\n${code}\n${fence}`;
}

/** The first lines of a source as Markdown. @param language as for {@link codeBlock} */
export function excerptMarkdown(source: string, language: string): string {
  const lines = source.trimEnd().split(/\r\n|\n|\r/u);
  const shown = lines.slice(0, EXCERPT_LINES).map((line) => line.slice(0, EXCERPT_COLUMNS));
  if (lines.length > EXCERPT_LINES) shown.push('…');
  return codeBlock(shown.join('\n'), language);
}
