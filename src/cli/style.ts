import { styleText } from 'node:util';

/** How a word or a line is shown at a terminal. */
export type Style = 'green' | 'red' | 'yellow' | 'cyan' | 'bold' | 'dim';

/** Styles text for standard output; plain where that is no terminal, or none that has colours. */
export function styled(style: Style, text: string): string {
  const inColour = process.stdout.isTTY && process.stdout.hasColors();
  return inColour ? styleText(style, text) : text;
}
