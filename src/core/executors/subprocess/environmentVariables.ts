/** Parts of names that are given to secrets. */
const SECRET_NAME =
  /TOKEN(?!IZ)|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH(?!OR)|COOKIE|(?:^|_)(?:PAT|DSN|PWD|KEY|PASS)$/iu;
/** Of the editor and of Node: nothing for Python, and some of it would let Python reach the editor. */
const HOST_NAME = /^(?:VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_CHANNEL_|CODE_MODE_)/u;
/**
 * An address that carries a password, such as a database's; a private key; a token that begins as its issuer's tokens
 * do.
 */
const SECRET_VALUE =
  /:\/\/[^/@\s]*:[^/@\s]+@|-----BEGIN [A-Z ]*PRIVATE KEY|^(?:gh[opsur]_|github_pat_|glpat-|sk-|xox[abeprs]-|npm_|pypi-|hf_|AKIA|AIza|eyJ[\w-]+\.eyJ)[\w-]/u;
/** They look like secrets and hold none. */
const HARMLESS = new Set(['PWD', 'OLDPWD']);

/**
 * The environment that Python is given: ours without what is the editor's own and without what looks like a
 * secret by its name or value, unless `passed` lists it.
 */
export function childEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  passed: readonly string[],
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (passed.includes(name) || !isWithheld(name, value))) kept[name] = value;
  }
  return kept;
}

/** Whether an environment variable is the editor's own, or Node's. */
export function isHostVariable(name: string): boolean {
  return HOST_NAME.test(name);
}

function isWithheld(name: string, value: string): boolean {
  if (HARMLESS.has(name)) return false;
  return isHostVariable(name) || SECRET_NAME.test(name) || SECRET_VALUE.test(value);
}
