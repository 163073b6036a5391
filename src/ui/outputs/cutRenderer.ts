/**
 * Draws the mark of a cut output. Runs in the notebook's web view, not in the extension host: it is a bundle of
 * its own, and the few things that it uses of the page are declared here, since the project as a whole is not
 * written against a page.
 */
interface PageElement {
  textContent: string | null;
  className: string;
  append(...children: PageElement[]): void;
  replaceChildren(...children: PageElement[]): void;
  addEventListener(type: 'click', listener: () => void): void;
}

declare const document: { createElement(tag: string): PageElement };

interface OutputItem {
  json(): unknown;
}

interface RendererContext {
  readonly postMessage?: (message: unknown) => void;
}

interface Mark {
  readonly id: string;
  readonly characters: number;
  readonly lines: number;
  readonly omittedDisplays: number;
  readonly complete: boolean;
}

const STYLE = `
.code-mode-cut { display: flex; flex-wrap: wrap; gap: 0 1ch; align-items: baseline; padding: 2px 0 !important;
  font-family: var(--vscode-font-family); font-size: var(--vscode-font-size);
  color: var(--vscode-descriptionForeground); }
.code-mode-cut button { all: unset; cursor: pointer; color: var(--vscode-textLink-foreground); }
.code-mode-cut button:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
.code-mode-cut button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
`;

/** The entry point that notebooks call. */
export function activate(context: RendererContext): {
  renderOutputItem(item: OutputItem, element: PageElement): void;
} {
  return {
    renderOutputItem(item, element) {
      const mark = item.json() as Mark;
      const style = document.createElement('style');
      style.textContent = STYLE;
      const row = document.createElement('div');
      row.className = 'code-mode-cut';
      const text = document.createElement('span');
      text.textContent = summary(mark);
      row.append(text);
      if (context.postMessage) {
        const button = document.createElement('button');
        button.textContent = 'Show whole output';
        button.addEventListener('click', () =>
          context.postMessage?.({ type: 'showWholeOutput', id: mark.id }),
        );
        row.append(button);
      }
      element.replaceChildren(style, row);
    },
  };
}

function summary(mark: Mark): string {
  if (!mark.complete) return '… Output cut here.';
  const size =
    mark.lines > 1
      ? `${mark.lines.toLocaleString()} lines in all`
      : `${mark.characters.toLocaleString()} characters in all`;
  const displays =
    mark.omittedDisplays > 0 ? `, ${mark.omittedDisplays.toLocaleString()} displays not shown` : '';
  return `… Output cut here: ${size}${displays}.`;
}
