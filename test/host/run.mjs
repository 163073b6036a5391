// Runs the host tests in a real VS Code: the desktop one where it is asked for or already downloaded, else the
// server. One run for a trusted workspace, one for an untrusted one.
import { cp, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests, TestRunFailedError } from '@vscode/test-electron';
import { script } from '../../scripts/lib/script.mjs';
import { endSessionHosts } from '../../scripts/lib/session-hosts.mjs';
import { ensureDesktop, hasDisplay, isDesktopCached } from '../../scripts/lib/vscode-desktop.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const tests = path.join(root, 'out/test/host');
const wish = process.env.CODE_MODE_TEST_VSCODE;
const desktop = wish === 'desktop' || (wish !== 'server' && isDesktopCached(root) && hasDisplay());

/** @param {'trusted' | 'untrusted'} trust */
async function runHost(trust) {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'host-'));
  const workspace = path.join(scratch, 'workspace');
  await cp(path.join(root, 'test/fixtures/workspace'), workspace, { recursive: true });
  // Stand-ins for extensions that are not to be had here; they do nothing unless a test tells them to.
  await cp(path.join(root, 'test/fixtures/extensions'), path.join(scratch, 'extensions'), {
    recursive: true,
  });
  await mkdir(path.join(scratch, 'user/User'), { recursive: true });
  const settings = {
    'security.workspace.trust.startupPrompt': 'never',
    'security.workspace.trust.banner': 'never',
  };
  await writeFile(path.join(scratch, 'user/User/settings.json'), JSON.stringify(settings));
  try {
    await runTests({
      vscodeExecutablePath: desktop
        ? await ensureDesktop(root)
        : path.join(root, 'test/host/server-launcher.mjs'),
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(tests, 'index'),
      launchArgs: [
        workspace,
        `--user-data-dir=${path.join(scratch, 'user')}`,
        `--extensions-dir=${path.join(scratch, 'extensions')}`,
      ],
      extensionTestsEnv: {
        CODE_MODE_TEST_TRUST: trust,
        // Where the extension keeps what it knows of interpreters: nothing of it stays with the person.
        XDG_DATA_HOME: path.join(scratch, 'data'),
      },
    });
    return 0;
  } catch (error) {
    if (error instanceof TestRunFailedError) return error.code || 1;
    throw error;
  } finally {
    await endSessionHosts(path.join(scratch, 'data'));
  }
}

await script(async () => {
  console.log(`VS Code: ${desktop ? 'desktop' : 'server'}`);
  const untrusted = (await readdir(tests)).some((name) => name.endsWith('.untrusted.test.js'));
  const codes = [await runHost('trusted')];
  if (untrusted && desktop) {
    // `runTests` always turns workspace trust off, and the desktop build takes it at its word.
    console.log('NOT RUN on the desktop: the tests of an untrusted workspace.');
    if (process.env.CI) codes.push(1);
  } else if (untrusted) codes.push(await runHost('untrusted'));
  return Math.max(...codes);
});
