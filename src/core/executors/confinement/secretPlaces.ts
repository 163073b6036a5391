import { tmpdir } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';
import { homeFolders } from './homeFolders.ts';

/** Below a home folder: what holds passwords, keys, tokens, or what somebody typed and browsed. */
const IN_HOME = [
  // Keys and passwords.
  '.ssh',
  '.gnupg',
  '.password-store',
  '.local/share/keyrings',
  '.local/share/kwalletd',
  '.config/op',
  '.config/sops',
  '.config/age',
  '.netrc',
  '.authinfo',
  '.authinfo.gpg',
  '.pgpass',
  '.my.cnf',
  '.Xauthority',
  // Clouds and clusters.
  '.aws',
  '.azure',
  '.config/gcloud',
  '.config/doctl',
  '.config/hcloud',
  '.config/rclone',
  '.kube',
  '.docker',
  '.config/containers',
  '.local/share/containers/podman',
  '.colima',
  '.lima',
  '.rd',
  '.terraform.d',
  '.terraformrc',
  '.vault-token',
  '.fly',
  '.boto',
  '.s3cfg',
  // Source code and packages.
  '.git-credentials',
  '.config/git/credentials',
  '.config/gh',
  '.config/glab-cli',
  '.config/hub',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
  '.config/pypoetry',
  '.local/share/uv/credentials',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.m2/settings.xml',
  '.m2/settings-security.xml',
  '.gradle/gradle.properties',
  '.nuget/NuGet/NuGet.Config',
  '.config/configstore',
  '.cache/huggingface/token',
  '.cache/huggingface/stored_tokens',
  '.kaggle',
  '.config/kaggle',
  '.continuum',
  '.local/share/jupyter/runtime',
  '.jupyter',
  // Agents.
  '.claude',
  '.claude.json',
  '.codex',
  '.gemini',
  '.config/github-copilot',
  // Editors with what they keep secret.
  ...['Code', 'Code - Insiders', 'Code - OSS', 'VSCodium', 'Cursor', 'Windsurf'].map(
    (name) => `.config/${name}`,
  ),
  '.vscode-server/data',
  '.vscode-server-insiders/data',
  '.vscode-server-oss/data',
  '.cursor-server/data',
  '.vscode-remote/data',
  '.vscode/cli',
  '.local/share/code-server',
  '.config/code-server',
  '.config/JetBrains',
  '.cache/JetBrains',
  '.emacs.d/auth',
  // Browsers and mail.
  '.mozilla',
  '.thunderbird',
  '.config/google-chrome',
  '.config/google-chrome-beta',
  '.config/google-chrome-unstable',
  '.config/chromium',
  '.config/microsoft-edge',
  '.config/BraveSoftware',
  '.config/vivaldi',
  '.config/opera',
  '.cache/mozilla',
  '.cache/google-chrome',
  '.cache/chromium',
  '.cache/microsoft-edge',
  '.cache/BraveSoftware',
  '.var/app',
  'snap',
  '.config/Slack',
  '.config/discord',
  '.config/Signal',
  '.config/evolution',
  '.local/share/evolution',
  // What was typed.
  '.bash_history',
  '.zsh_history',
  '.zhistory',
  '.histfile',
  '.sh_history',
  '.ash_history',
  '.zsh_sessions',
  '.bash_sessions',
  '.local/share/fish',
  '.local/share/powershell',
  '.local/state/bash',
  '.local/state/zsh',
  '.python_history',
  '.local/state/python_history',
  '.node_repl_history',
  '.psql_history',
  '.mysql_history',
  '.sqlite_history',
  '.rediscli_history',
  '.dbshell',
  '.lesshst',
  '.wget-hsts',
  '.viminfo',
  '.local/state/nvim',
  '.ipython/profile_default/history.sqlite',
  // macOS.
  'Library/Keychains',
  'Library/Cookies',
  'Library/Safari',
  'Library/Mail',
  'Library/Messages',
  'Library/Application Support/Google/Chrome',
  'Library/Application Support/Chromium',
  'Library/Application Support/Firefox',
  'Library/Application Support/Microsoft Edge',
  'Library/Application Support/BraveSoftware',
  'Library/Application Support/Code',
  'Library/Application Support/Code - Insiders',
  'Library/Application Support/VSCodium',
  'Library/Application Support/Cursor',
  'Library/Application Support/com.apple.TCC',
];

/** Of the system: secrets that its administrator can read, and sockets of services that would act for whoever asks. */
const IN_SYSTEM = [
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/ssh',
  '/etc/ssl/private',
  '/etc/pki/tls/private',
  '/etc/krb5.keytab',
  '/etc/wireguard',
  '/etc/kubernetes',
  '/etc/NetworkManager/system-connections',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/kubelet',
  '/var/lib/lxd',
  '/var/lib/incus',
  '/var/snap/lxd',
  '/var/spool/cron',
  '/var/spool/mail',
  '/mnt/wsl',
  '/mnt/wslg',
];

/**
 * What a confined process that may read most files does not see: the usual places of secrets, other programs'
 * temporary files, and the sockets of agents, desktops, containers and of this extension.
 */
export function secretPlaces(): string[] {
  return [...lastingSecretPlaces(), ...sharedPlaces()];
}

/** The part of {@link secretPlaces} that nothing but secrets is kept in. */
export function lastingSecretPlaces(): string[] {
  return [
    ...homeFolders().flatMap((home) => IN_HOME.map((place) => `${home}/${place}`)),
    ...IN_SYSTEM,
    process.env.SSH_AUTH_SOCK ?? '',
    // Where this extension's sessions are reached, and with which token.
    path.join(envPaths('python-code-mode', { suffix: '' }).data, 'live-sessions'),
  ].filter(isPlace);
}

/** The part of {@link secretPlaces} that all programs put theirs into. */
export function sharedPlaces(): string[] {
  return [
    '/tmp',
    '/var/tmp',
    tmpdir(),
    // Sockets of the message bus, agents, Wayland, containers, editors, and our own.
    '/run',
    '/var/run',
    process.env.XDG_RUNTIME_DIR ?? '',
  ].filter(isPlace);
}

function isPlace(place: string): boolean {
  return path.isAbsolute(place) && place !== '/';
}
