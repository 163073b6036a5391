const VARIABLE = /\$\{([^}]*)\}/gu;
const NAME = /^[A-Za-z_]\w*$/u;

/**
 * `text` with the editor's variables as tools have them: `${input:api-key}` is `${API_KEY}`, `${env:NAME}` is `${NAME}`,
 * `${workspaceFolder}` stays.
 * @param onUnknown told of each that tools do not have; it stays as it is
 */
export function translateVariables(text: string, onUnknown: (variable: string) => void): string {
  return text.replaceAll(VARIABLE, (variable: string, inner: string) => {
    const [, kind, rest = ''] = /^(?:(input|env):)?(.*)$/su.exec(inner) ?? [];
    if (kind === 'input' && /\w/u.test(rest)) return `\${${inputName(rest)}}`;
    if (kind === 'env' && NAME.test(rest)) return `\${${rest}}`;
    if (inner === 'workspaceFolder') return variable;
    if (inner === 'userHome') return `\${HOME}`;
    onUnknown(variable);
    return variable;
  });
}

/** `API_KEY` for `api-key` and `apiKey`. */
function inputName(id: string): string {
  const words = id.replace(/(\p{Ll}|\d)(?=\p{Lu})/gu, '$1_').replace(/\W+/gu, '_');
  return words
    .replace(/^_+|_+$/gu, '')
    .replace(/^(?=\d)/u, '_')
    .toUpperCase();
}
