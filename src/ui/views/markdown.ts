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
