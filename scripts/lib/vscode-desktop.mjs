// The desktop VS Code that @vscode/test-electron downloads and keeps in .vscode-test/.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Whether a desktop program can show a window here. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/**
 * Whether an earlier run has already downloaded a desktop VS Code.
 * @param {string} root The project's root folder.
 */
export function isDesktopCached(root) {
  const cache = path.join(root, '.vscode-test');
  return existsSync(cache) && readdirSync(cache).some((name) => /^vscode-(linux|darwin|win32)/.test(name));
}

/**
 * The executable of the desktop VS Code, downloaded unless it is there.
 * @param {string} root The project's root folder.
 * @returns {Promise<string>}
 */
export async function ensureDesktop(root) {
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  return downloadAndUnzipVSCode({
    cachePath: path.join(root, '.vscode-test'),
    extensionDevelopmentPath: root,
  });
}
