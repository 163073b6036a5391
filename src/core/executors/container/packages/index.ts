export { ContainerInstaller, type ContainerInstallerOptions } from './containerInstaller.ts';
