export { SubprocessInstaller, type SubprocessInstallerOptions } from './subprocessInstaller.ts';
