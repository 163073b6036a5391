/**
 * What runs in the page of a form: tells what was typed, and shows what is wrong with it. A bundle of its own; the few
 * things that it uses of the page are declared here, since the project as a whole is not written against a page.
 */
interface PageEvent {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
  readonly target: unknown;
  readonly data: unknown;
  preventDefault(): void;
}

interface PageElement {
  readonly id: string;
  readonly name: string;
  value: string;
  checked: boolean;
  textContent: string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  focus(): void;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
}

declare const document: {
  getElementById(id: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
};
declare const window: { addEventListener(type: 'message', listener: (event: PageEvent) => void): void };
declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
  getState(): unknown;
};

/** What the extension answers: what is wrong, by field. */
interface Errors {
  readonly kind: 'errors';
  readonly errors: Readonly<Record<string, string>>;
  /** Whether the form was to be submitted. */
  readonly submitted: boolean;
}

/** What was typed before, by the extension. */
interface Fill {
  readonly kind: 'fill';
  readonly entries: Readonly<Record<string, string | null>>;
}

const vscode = acquireVsCodeApi();
const controls = [...document.querySelectorAll('textarea, select')];
/** The fields that something was done with: the others are not blamed before the form is submitted. */
const touched = new Set<string>();

function emptyOf(control: PageElement): PageElement | null {
  return document.getElementById(control.id.replace('control', 'empty'));
}

function entries(): Record<string, string | null> {
  return Object.fromEntries(
    controls.map((control) => {
      const isUnset = control.value === '' && !emptyOf(control)?.checked;
      return [control.name, isUnset ? null : control.value];
    }),
  );
}

function fill(values: Fill['entries']): void {
  for (const control of controls) {
    const value = values[control.name];
    if (value === undefined) continue;
    control.value = value ?? '';
    const empty = emptyOf(control);
    if (empty) empty.checked = value === '';
  }
}

function show({ errors, submitted }: Errors): void {
  let first: PageElement | undefined;
  for (const control of controls) {
    if (submitted) touched.add(control.name);
    const error = touched.has(control.name) ? errors[control.name] : undefined;
    const place = document.getElementById(control.id.replace('control', 'error'));
    // Set anew only where it is new: it is read out each time.
    if (place && place.textContent !== (error ?? '')) place.textContent = error ?? '';
    if (error === undefined) control.removeAttribute('aria-invalid');
    else {
      control.setAttribute('aria-invalid', 'true');
      first ??= control;
    }
  }
  if (submitted) first?.focus();
}

function submit(): void {
  vscode.postMessage({ kind: 'submit', entries: entries() });
}

for (const control of controls) {
  const empty = emptyOf(control);
  const onChange = (isFinished: boolean) => {
    if (isFinished) touched.add(control.name);
    const typed = entries();
    vscode.setState(typed);
    if (touched.has(control.name)) vscode.postMessage({ kind: 'check', entries: typed });
  };
  control.addEventListener('input', () => {
    if (empty && control.value !== '') empty.checked = false;
    onChange(false);
  });
  control.addEventListener('change', () => onChange(true));
  empty?.addEventListener('change', () => {
    if (empty.checked) control.value = '';
    onChange(true);
  });
}

document.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  if (event.key === 'Escape') vscode.postMessage({ kind: 'cancel' });
  if (event.key !== 'Enter' || event.shiftKey) return;
  if (!controls.some((control) => control === event.target)) return;
  event.preventDefault();
  submit();
});
document.getElementById('form')?.addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
document.getElementById('cancel')?.addEventListener('click', () => vscode.postMessage({ kind: 'cancel' }));
window.addEventListener('message', ({ data }) => {
  const message = data as Errors | Fill;
  if (message.kind === 'errors') show(message);
  else fill((vscode.getState() as Fill['entries'] | undefined) ?? message.entries);
});
vscode.postMessage({ kind: 'ready' });
controls[0]?.focus();

export {};
