/** Where the volume of packages is. */
export const PACKAGES_FOLDER = '/opt/code-mode';
/** The only folder that can be written whatever the settings say; the home folder as well. */
export const TEMPORARY_FOLDER = '/tmp';

/** The place inside of a folder of the workspace: its own path, as far as paths inside look like that. */
export function workspaceInside(folder: string): string {
  return folder.startsWith('/') ? folder : '/workspace';
}
