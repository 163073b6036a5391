import type { FormDescription, FormField } from './formDescription.ts';

/** What the page of a form is made with. */
export interface FormPageOptions {
  readonly form: FormDescription;
  /** Address of the page's script, as the web view loads it. */
  readonly script: string;
  /** Fresh for each page: only what carries it is run and styled. */
  readonly nonce: string;
}

/** Characters of a default that are shown. */
const SHOWN_DEFAULT = 80;

const STYLE = `
body { padding: 0 24px 24px; max-width: 720px; font-family: var(--vscode-font-family);
  font-size: var(--vscode-font-size); color: var(--vscode-foreground); line-height: 1.45; }
h1 { margin: 20px 0 4px; font-size: 1.5em; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0; overflow-wrap: anywhere; }
.about, .meta, .keys { color: var(--vscode-descriptionForeground); }
.field { margin-top: 18px; }
.head { display: flex; flex-wrap: wrap; gap: 0 1ch; align-items: baseline; }
.head label { font-weight: 600; }
.meta code { font-family: var(--vscode-editor-font-family); color: inherit; background: none; }
textarea, select { box-sizing: border-box; display: block; width: 100%; margin-top: 4px; padding: 4px 6px;
  font-family: var(--vscode-editor-font-family); font-size: inherit; line-height: inherit; border-radius: 2px;
  color: var(--vscode-input-foreground); background: var(--vscode-input-background);
  border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, var(--vscode-widget-border, transparent))); }
textarea { resize: vertical; min-height: 2em; field-sizing: content; max-height: 40vh; }
select { width: auto; min-width: 12em; font-family: inherit; color: var(--vscode-dropdown-foreground);
  background: var(--vscode-dropdown-background); }
textarea::placeholder { color: var(--vscode-input-placeholderForeground); }
textarea:focus, select:focus, button:focus-visible, input:focus-visible {
  outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
button:focus-visible, input:focus-visible { outline-offset: 2px; }
[aria-invalid=true] { border-color: var(--vscode-inputValidation-errorBorder); }
.error:empty { display: none; }
.error { margin-top: 4px; padding: 3px 6px; color: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground));
  background: var(--vscode-inputValidation-errorBackground);
  border: 1px solid var(--vscode-inputValidation-errorBorder); }
/* There every border has one colour: what is wrong is told by another, and by its width. */
.vscode-high-contrast .error { color: var(--vscode-errorForeground); border-color: var(--vscode-errorForeground);
  border-left-width: 6px; }
.vscode-high-contrast [aria-invalid=true] { border-color: var(--vscode-errorForeground); }
.empty { display: flex; gap: 6px; align-items: center; width: fit-content; margin-top: 4px; }
.empty input { margin: 0; accent-color: var(--vscode-button-background); }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-top: 24px; }
button { padding: 4px 14px; font: inherit; cursor: pointer; border-radius: 2px;
  color: var(--vscode-button-foreground); background: var(--vscode-button-background);
  border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); }
button:hover { background: var(--vscode-button-hoverBackground); }
button.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground);
  border-color: var(--vscode-contrastBorder, transparent); }
button.secondary:hover { background: var(--vscode-button-secondaryHoverBackground); }
.keys { margin-left: auto; }
`;

/** The page of a form, which works with the keyboard alone and can be listened to. */
export function formPage({ form, script, nonce }: FormPageOptions): string {
  const source = escapeHtml(new URL(script).origin);
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}' ${source}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(form.title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<form id="form" novalidate aria-labelledby="title">
<h1 id="title">${escapeHtml(form.title)}</h1>
${form.description === '' ? '' : `<p class="about">${escapeHtml(form.description)}</p>`}
${form.fields.map(fieldHtml).join('\n')}
<div class="actions">
<button type="submit">${escapeHtml(form.submit)}</button>
<button type="button" id="cancel" class="secondary">Cancel</button>
<p class="keys">Enter: ${escapeHtml(form.submit)} · Shift+Enter: new line · Escape: cancel</p>
</div>
</form>
<script nonce="${nonce}" src="${escapeHtml(script)}"></script>
</body>
</html>`;
}

function fieldHtml(field: FormField, index: number): string {
  const about =
    field.description === ''
      ? ''
      : `<p class="about" id="about-${index}">${escapeHtml(field.description)}</p>`;
  const described = [`meta-${index}`, ...(about ? [`about-${index}`] : []), `error-${index}`].join(' ');
  const attributes = [
    `id="control-${index}"`,
    `name="${escapeHtml(field.name)}"`,
    `data-type="${field.type}"`,
    `aria-describedby="${described}"`,
    `aria-required="${field.required}"`,
    ...(index === 0 ? ['autofocus'] : []),
  ].join(' ');
  return `<div class="field">
<div class="head"><label for="control-${index}">${escapeHtml(field.name)}</label>
<span class="meta" id="meta-${index}">${metaHtml(field)}</span></div>
${about}
${controlHtml(field, attributes)}
${field.type === 'string' && !choicesOf(field) ? emptyHtml(field, index) : ''}
<p class="error" id="error-${index}" role="alert"></p>
</div>`;
}

function metaHtml({ type, required, default: value }: FormField): string {
  const kind =
    type === 'any' ? 'Python expression' : type === 'array' || type === 'object' ? `${type} as JSON` : type;
  if (required) return `${kind}, required`;
  return value === '' ? `${kind}, optional` : `${kind}, default <code>${escapeHtml(shortened(value))}</code>`;
}

function controlHtml(field: FormField, attributes: string): string {
  const choices = choicesOf(field);
  if (choices) {
    const unset = field.required
      ? 'Choose…'
      : `Default${field.default === '' ? '' : ` (${shortened(field.default)})`}`;
    const options = [['', unset] as const, ...choices].map(
      ([value, label]) => `<option value="${escapeHtml(value)}">${escapeHtml(label)}</option>`,
    );
    return `<select ${attributes}>${options.join('')}</select>`;
  }
  const rows = field.type === 'array' || field.type === 'object' ? 3 : 1;
  const placeholder = field.required ? '' : escapeHtml(shortened(field.default));
  const mode =
    field.type === 'integer' ? ' inputmode="numeric"' : field.type === 'number' ? ' inputmode="decimal"' : '';
  return `<textarea ${attributes} rows="${rows}" spellcheck="false" autocomplete="off" autocapitalize="off"${mode} placeholder="${placeholder}"></textarea>`;
}

/** What can be chosen, with what it is called; undefined: it is typed. */
function choicesOf({ type, choices }: FormField): (readonly [value: string, label: string])[] | undefined {
  if (type === 'boolean')
    return [
      ['true', 'True'],
      ['false', 'False'],
    ];
  // The empty text stands for nothing chosen, and many are found faster by typing.
  const canBeChosen = type === 'string' && choices && choices.length <= 100 && !choices.includes('');
  return canBeChosen ? choices.map((choice) => [choice, choice]) : undefined;
}

/** A text that is empty is not a text that was left out. */
function emptyHtml({ name, required }: FormField, index: number): string {
  const instead = required ? '' : ' instead of the default';
  return `<label class="empty"><input type="checkbox" id="empty-${index}" aria-label="Empty text for ${escapeHtml(name)}${instead}">Empty text${instead}</label>`;
}

function shortened(text: string): string {
  return text.length > SHOWN_DEFAULT ? `${text.slice(0, SHOWN_DEFAULT - 1)}…` : text;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
