import type { FailedEnvironment } from '../../installing/reasons.ts';

/** What is said of an environment of this machine. @param version of its Python: `3.12.1` */
export function failedEnvironment(version: string): FailedEnvironment {
  return {
    version,
    elsewhere:
      'choose another one in the setting codeMode.subprocess.python, or leave it empty for one that is made for you',
    anotherPython: 'another Python in the setting codeMode.subprocess.python',
    compiler:
      process.platform === 'win32'
        ? 'install the Build Tools for Visual Studio'
        : process.platform === 'darwin'
          ? 'run "xcode-select --install"'
          : 'install one (build-essential on Debian and Ubuntu, gcc elsewhere)',
  };
}
