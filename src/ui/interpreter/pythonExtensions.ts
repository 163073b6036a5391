import * as vscode from 'vscode';
import { type EnvironmentSource, findEnvironmentSource } from './environmentSource.ts';
import type { KnownEnvironment } from './knownEnvironment.ts';

/** What an extension knows. */
export interface KnownToExtension {
  /** The extension's name, for people; empty where there is none. */
  readonly name: string;
  readonly environments: readonly KnownEnvironment[];
}

const PATIENCE_MS = 10_000;

/**
 * What the Python extensions know, where one is installed. They are activated by the first question and not before;
 * one that fails or hangs counts as one that knows nothing.
 */
export class PythonExtensions implements vscode.Disposable {
  readonly #log: Pick<vscode.LogOutputChannel, 'warn'>;
  readonly #patienceMs: number;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #installed: vscode.Disposable;
  /** By the address of the folder. */
  readonly #chosen = new Map<string, Promise<KnownEnvironment | undefined>>();
  #source: Promise<EnvironmentSource | undefined> | undefined;
  #subscription: vscode.Disposable | undefined;

  /** Another environment may be chosen now. */
  readonly onDidChange = this.#changed.event;

  /** @param patienceMs - how long Python's start waits for an answer, in milliseconds */
  constructor(log: Pick<vscode.LogOutputChannel, 'warn'>, patienceMs = PATIENCE_MS) {
    this.#log = log;
    this.#patienceMs = patienceMs;
    this.#installed = vscode.extensions.onDidChange(() => this.#forgetSource());
  }

  /** The environment that the person has chosen for a folder; without one, for the window. */
  chosen(folder: vscode.Uri | undefined): Promise<KnownEnvironment | undefined> {
    const key = folder?.toString() ?? '';
    let chosen = this.#chosen.get(key);
    if (!chosen) {
      chosen = this.#ask((source) => source.chosen(folder));
      this.#chosen.set(key, chosen);
    }
    return chosen;
  }

  /** All environments that are known so far, with the name of the extension that knows them. */
  async known(): Promise<KnownToExtension> {
    const known = await this.#ask(async (source) => ({
      name: source.name,
      environments: await source.known(),
    }));
    return known ?? { name: '', environments: [] };
  }

  dispose(): void {
    this.#forgetSource();
    vscode.Disposable.from(this.#installed, this.#changed).dispose();
  }

  async #ask<T>(question: (source: EnvironmentSource) => Promise<T>): Promise<T | undefined> {
    const answer = this.#connect()
      .then((source) => source && question(source))
      .catch((error: unknown) => {
        this.#log.warn(`The Python extension gave no answer: ${String(error)}`);
        return undefined;
      });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.#log.warn(`The Python extension has not answered for ${this.#patienceMs / 1000} seconds.`);
        resolve(undefined);
        void answer.then(() => this.#changeChosen());
      }, this.#patienceMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #connect(): Promise<EnvironmentSource | undefined> {
    this.#source ??= findEnvironmentSource().then((source) => {
      this.#subscription = source?.onDidChange(() => this.#changeChosen());
      return source;
    });
    return this.#source;
  }

  #changeChosen(): void {
    this.#chosen.clear();
    this.#changed.fire();
  }

  #forgetSource(): void {
    this.#subscription?.dispose();
    this.#subscription = undefined;
    this.#source = undefined;
    this.#chosen.clear();
  }
}
