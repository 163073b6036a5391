/**
 * Makes Markdown that shows a text as it is, in one paragraph: names of folders and of clients are no Markdown.
 * `MarkdownString.appendText` does so as well, but its lines never wrap.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!~|<>&$]/gu, '\\$&').replace(/\s+/gu, ' ');
}
