import { readFileSync } from 'node:fs';

/** The package managers of Linux distributions, by what their `/etc/os-release` calls itself. */
const MANAGERS: readonly (readonly [family: RegExp, command: string])[] = [
  [/\b(debian|ubuntu)\b/, 'sudo apt install'],
  [/\b(fedora|rhel|centos)\b/, 'sudo dnf install'],
  [/suse\b/, 'sudo zypper install'],
  [/\barch\b/, 'sudo pacman -S'],
  [/\balpine\b/, 'sudo apk add'],
];

/** For people: the command that installs a package of this system; by Debian's name of the package. */
export function installCommand(name: string): string {
  if (process.platform === 'darwin') return `brew install ${name}`;
  if (process.platform === 'win32') return `winget install ${name === 'podman' ? 'RedHat.Podman' : name}`;
  const family = distribution();
  const [, command] = MANAGERS.find(([pattern]) => pattern.test(family)) ?? [];
  return command === undefined ? `the package ${name} of your system` : `${command} ${name}`;
}

function distribution(): string {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return [...text.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].map(([, value]) => value).join(' ');
  } catch {
    return '';
  }
}
