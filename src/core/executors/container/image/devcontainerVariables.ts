const VARIABLE = /\$\{([^}]*)\}/gu;

/** What the variables of a `devcontainer.json` stand for. */
export interface DevcontainerVariables {
  /** Of this machine, as far as the settings pass them on. */
  readonly localEnv: Readonly<Record<string, string | undefined>>;
  /** Of the container. */
  readonly containerEnv: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the folder on this machine. */
  readonly localWorkspaceFolder: string;
  /** Absolute path of the same folder inside. */
  readonly containerWorkspaceFolder: string;
}

/**
 * `text` with its variables filled in: `${localEnv:NAME}`, `${containerEnv:NAME}`, each with an optional `:default`, and
 * the workspace folders. A variable of an environment that has none by this name is empty; one that is not known stays.
 */
export function fillVariables(text: string, variables: DevcontainerVariables): string {
  return text.replaceAll(VARIABLE, (whole: string, inner: string) => {
    const [kind = '', name = '', ...rest] = inner.split(':');
    switch (kind) {
      case 'localEnv':
      case 'env':
        return variables.localEnv[name] ?? rest.join(':');
      case 'containerEnv':
        return variables.containerEnv[name] ?? rest.join(':');
      case 'localWorkspaceFolder':
      case 'containerWorkspaceFolder':
        return variables[kind];
      case 'localWorkspaceFolderBasename':
        return basename(variables.localWorkspaceFolder);
      case 'containerWorkspaceFolderBasename':
        return basename(variables.containerWorkspaceFolder);
      default:
        return whole;
    }
  });
}

/** The names of this machine's variables that `text` asks for. */
export function localVariables(text: string): readonly string[] {
  return [...text.matchAll(VARIABLE)].flatMap(([, inner = '']) => {
    const [kind, name] = inner.split(':');
    return (kind === 'localEnv' || kind === 'env') && name ? [name] : [];
  });
}

/** A path of either kind of system may be read on the other. */
function basename(folder: string): string {
  return /[^/\\]*$/u.exec(folder.replace(/[/\\]+$/u, ''))?.[0] ?? '';
}
