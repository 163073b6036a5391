import * as vscode from 'vscode';
import type { SecretRequest } from '../core/session/secrets.ts';

/** The secrets of the person: kept by the editor, asked for where one is needed, never written anywhere else. */
export class Secrets {
  readonly #storage: vscode.SecretStorage;
  /** Two who need the same one ask once. */
  readonly #asking = new Map<string, Promise<string | undefined>>();

  constructor(storage: vscode.SecretStorage) {
    this.#storage = storage;
  }

  /** The secret; the person is asked where the one that is kept, or none at all, was refused. */
  readonly get = async (request: SecretRequest): Promise<string | undefined> => {
    if (!request.wasRefused) return this.#storage.get(request.name);
    let asking = this.#asking.get(request.name);
    if (!asking) {
      asking = this.ask(request).finally(() => this.#asking.delete(request.name));
      this.#asking.set(request.name, asking);
    }
    return asking;
  };

  /** Asks the person and keeps the answer; undefined where they dismiss the question. */
  async ask({ name, title }: Pick<SecretRequest, 'name' | 'title'>): Promise<string | undefined> {
    const answer = await vscode.window.showInputBox({
      title,
      prompt: 'It is kept in the secret storage of VS Code. Leave it empty to forget it.',
      password: true,
      ignoreFocusOut: true,
    });
    if (answer === undefined) return undefined;
    if (answer === '') {
      await this.#storage.delete(name);
      return undefined;
    }
    await this.#storage.store(name, answer);
    return answer;
  }
}
