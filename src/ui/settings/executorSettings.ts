import * as vscode from 'vscode';

/** The part of this extension's `package.json` that says which settings there are. */
export interface SettingsManifest {
  readonly contributes: {
    readonly configuration: readonly { readonly properties: Readonly<Record<string, unknown>> }[];
  };
}

/** What an executor is given of the settings. Plain data, unchecked: the executor knows what fits. */
export type ExecutorSettingsValues = Readonly<Record<string, unknown>>;

/** Fills in what the person has left open in an executor's settings. */
export interface SettingsCompletion {
  complete(
    settings: ExecutorSettingsValues,
    workspaceFolder: string | undefined,
  ): Promise<ExecutorSettingsValues>;
  /** It would fill in something else from now on. */
  readonly onDidChange: vscode.Event<void>;
}

/**
 * The settings below `codeMode.<executor id>.`, whatever the executor: those that `package.json` has are those that
 * it is given.
 */
export class ExecutorSettings {
  readonly #keys: readonly string[];
  readonly #completions: Readonly<Record<string, SettingsCompletion>>;

  /** @param completions - by the id of the executor */
  constructor(manifest: SettingsManifest, completions: Readonly<Record<string, SettingsCompletion>>) {
    this.#keys = manifest.contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
    this.#completions = completions;
  }

  /** Whether an executor has a setting of this name. */
  has(executor: string, name: string): boolean {
    return this.#keys.includes(prefixOf(executor) + name);
  }

  /**
   * What the settings of this moment say to an executor, by the names below `codeMode.<executor id>.`.
   *
   * @param workspaceFolder - absolute path of the folder whose code runs
   */
  async read(executor: string, workspaceFolder: string | undefined): Promise<ExecutorSettingsValues> {
    const prefix = prefixOf(executor);
    const configuration = vscode.workspace.getConfiguration();
    const settings: Record<string, unknown> = {};
    for (const key of this.#keys) {
      if (key.startsWith(prefix)) settings[key.slice(prefix.length)] = plain(configuration.get(key));
    }
    return (await this.#completions[executor]?.complete(settings, workspaceFolder)) ?? settings;
  }

  /** Calls back when what {@link read} gives for any executor may have changed. */
  onDidChange(listener: () => void): vscode.Disposable {
    return vscode.Disposable.from(
      ...Object.values(this.#completions).map((completion) => completion.onDidChange(listener)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('codeMode')) listener();
      }),
    );
  }
}

function prefixOf(executor: string): string {
  return `codeMode.${executor}.`;
}

/** VS Code hands out lists and objects as live views of its own: what leaves the window is a copy. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
