import path from 'node:path';
import { SettingsError } from '../contract/errors.ts';
import type { SecretRequest, SecretSource } from '../session/secrets.ts';
import { MASK } from './masking.ts';

/** `${NAME}` in a tool's definition. */
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** The folder whose tools these are: known without an environment. */
const WORKSPACE_FOLDER = 'workspaceFolder';
/** Variables of the system that say where or who somebody is: to mask those would garble every message. */
const NO_SECRETS =
  /^(?:HOME|USER|USERNAME|LOGNAME|USERPROFILE|APPDATA|LOCALAPPDATA|PATH|PWD|SHELL|LANG|LC_\w+|TERM|TMPDIR|TEMP|TMP|HOSTNAME|XDG_\w+)$/;
/** A value shorter than this is in too many words to be masked. */
const MIN_MASKED_CHARACTERS = 4;

/** What {@link Variables} fills from. */
export interface VariablesOptions {
  /** Absolute path; what `${workspaceFolder}` is. */
  readonly workspaceFolder: string | undefined;
  /** Absolute path of the folder whose tools these are: secrets that were given for one are not another's. */
  readonly baseFolder: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly secret?: SecretSource;
}

/** Fills `${NAME}` from the environment or from the person's secrets, and takes those out of what is shown. */
export class Variables {
  readonly #options: VariablesOptions;
  readonly #values = new Map<string, string>();
  readonly #asking = new Map<string, Promise<string>>();
  readonly #masked = new Set<string>();

  constructor(options: VariablesOptions) {
    this.#options = options;
  }

  /** As `ToolServices.fill`. */
  readonly fill = async (text: string): Promise<string> => {
    const names = variablesOf(text);
    if (names.length === 0) return text;
    const values = new Map(
      await Promise.all(names.map(async (name) => [name, await this.#value(name)] as const)),
    );
    return text.replaceAll(VARIABLE, (whole, name: string) => values.get(name) ?? whole);
  };

  /** As `ToolServices.mask`. */
  readonly mask = (text: string): string => {
    let masked = text;
    for (const value of this.#masked) masked = masked.replaceAll(value, MASK);
    return masked;
  };

  /** Secrets may have changed: each is asked for anew when it is needed. What was masked stays masked. */
  forget(): void {
    this.#values.clear();
  }

  async #value(name: string): Promise<string> {
    const { workspaceFolder, environment = process.env } = this.#options;
    if (name === WORKSPACE_FOLDER && workspaceFolder !== undefined) return workspaceFolder;
    const set = environment[name];
    if (set !== undefined) {
      if (!NO_SECRETS.test(name)) this.#maskFromNowOn(set);
      return set;
    }
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    let asking = this.#asking.get(name);
    if (!asking) {
      asking = this.#ask(name).finally(() => this.#asking.delete(name));
      this.#asking.set(name, asking);
    }
    return asking;
  }

  async #ask(name: string): Promise<string> {
    const { secret, baseFolder } = this.#options;
    const request = toolVariableRequest(name, baseFolder);
    // First what is kept, then the person.
    const value = (await secret?.(request)) ?? (await secret?.({ ...request, wasRefused: true }));
    if (value === undefined) {
      throw new SettingsError(
        `A tool needs \${${name}}, which has no value.`,
        `Set the environment variable ${name} before VS Code or the command is started, or keep it as a secret: Code Mode: Set Tool Secret.`,
      );
    }
    this.#values.set(name, value);
    this.#maskFromNowOn(value);
    return value;
  }

  #maskFromNowOn(value: string): void {
    if (value.length < MIN_MASKED_CHARACTERS) return;
    this.#masked.add(value);
    // As it stands in a URL and in JSON.
    this.#masked.add(encodeURIComponent(value));
    this.#masked.add(JSON.stringify(value).slice(1, -1));
  }
}

/** The names in `${NAME}` of a text, each once. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map(([, name = '']) => name))];
}

/** What is asked for the value of a variable of the tools of a folder. */
export function toolVariableRequest(name: string, baseFolder: string | undefined): SecretRequest {
  const owner =
    baseFolder === undefined ? '' : ` of ${path.basename(path.dirname(baseFolder)) || baseFolder}`;
  return {
    name: `tool ${baseFolder ?? ''} ${name}`,
    title: `The value of ${name} for the tools${owner}`,
    wasRefused: false,
  };
}
