import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { FieldValue, FormDescription, FormEntries } from './formDescription.ts';
import { formPage } from './formPage.ts';

/** A form that is open. */
interface OpenForm {
  readonly panel: vscode.WebviewPanel;
  readonly finish: (values: readonly FieldValue[] | undefined) => void;
}

/**
 * Asks for parameters in a page beside the editors. What was typed is known again, by its key, for as long as the
 * window lives, and is kept nowhere else.
 */
export class ParameterForms implements vscode.Disposable {
  readonly #scripts: vscode.Uri;
  readonly #open = new Map<string, OpenForm>();
  readonly #typed = new Map<string, FormEntries>();

  /** @param distFolder the extension's built files */
  constructor(distFolder: vscode.Uri) {
    this.#scripts = distFolder;
  }

  /**
   * Shows a form until it is submitted with values that fit. A form of the same key that is still open makes way.
   *
   * @param key names what is asked for, such as `workflow greet`
   * @returns undefined where it was cancelled or closed
   */
  async ask(key: string, form: FormDescription): Promise<readonly FieldValue[] | undefined> {
    const { FormMessageSchema, readForm } = await import('../sessions/core.ts');
    this.#open.get(key)?.finish(undefined);
    const panel = vscode.window.createWebviewPanel('codeMode.form', form.title, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [this.#scripts],
    });
    const { webview } = panel;
    return new Promise((resolve) => {
      const finish: OpenForm['finish'] = (values) => {
        if (this.#open.get(key)?.panel === panel) this.#open.delete(key);
        resolve(values);
        panel.dispose();
      };
      this.#open.set(key, { panel, finish });
      panel.onDidDispose(() => finish(undefined));
      webview.onDidReceiveMessage((received: unknown) => {
        const message = FormMessageSchema.parse(received);
        if (message.kind === 'cancel') finish(undefined);
        else if (message.kind === 'ready') {
          void webview.postMessage({ kind: 'fill', entries: this.#typed.get(key) ?? {} });
        } else {
          const { values, errors } = readForm(form.fields, message.entries);
          const submitted = message.kind === 'submit';
          if (submitted) this.#typed.set(key, message.entries);
          if (submitted && Object.keys(errors).length === 0) finish(values);
          else void webview.postMessage({ kind: 'errors', errors, submitted });
        }
      });
      webview.html = formPage({
        form,
        script: webview.asWebviewUri(vscode.Uri.joinPath(this.#scripts, 'parameterForm.js')).toString(),
        nonce: randomBytes(16).toString('hex'),
      });
    });
  }

  dispose(): void {
    for (const { finish } of [...this.#open.values()]) finish(undefined);
  }
}
