/**
 * What an interpreter or uv needs to start and to find its own files; nothing that could be a secret, and nothing
 * that changes what they do (`PYTHONHOME`, `PIP_…`, `UV_…`, `VIRTUAL_ENV`).
 */
const PASSED_ON = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LANGUAGE',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'DYLD_FALLBACK_LIBRARY_PATH',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'UV_CACHE_DIR',
  'UV_PYTHON_INSTALL_DIR',
  'PYENV_ROOT',
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
]);

/** The environment variables of the programs that look for interpreters and make environments. */
export function programEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    const key = name.toUpperCase();
    return value !== undefined && (PASSED_ON.has(key) || key.startsWith('LC_'));
  });
  return Object.fromEntries(entries);
}
