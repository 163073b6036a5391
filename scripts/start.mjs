// `npm start [-- --once]`: from a fresh clone to running Python. Installs, builds, runs the first example, then
// opens the examples in a VS Code that has the extension; with --once it ends before that.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureDependencies } from './lib/packages.mjs';
import { Problem } from './lib/problem.mjs';
import { run } from './lib/processes.mjs';
import { requireNode } from './lib/requirements.mjs';
import { script } from './lib/script.mjs';
import { ensureDesktop, hasDisplay, isDesktopCached } from './lib/vscode-desktop.mjs';
import { ensureServer, startServer } from './lib/vscode-server.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const examples = path.join(root, 'examples');
const firstFile = path.join(examples, 'quickstart.py');
const base = path.join(examples, '.code-mode');
/** Settings and windows of the VS Code that is opened here are kept, apart from the person's own. */
const profile = path.join(root, '.vscode-test/start');
const dirs = { userDataDir: path.join(profile, 'user'), extensionsDir: path.join(profile, 'extensions') };
/** What keeps the first look at the examples clear. */
const FIRST_SETTINGS = {
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

await script(async (stopping) => {
  requireNode();
  const { values } = parseArgs({ options: { once: { type: 'boolean' } } });
  await ensureDependencies(root);
  await step('Building the extension', 'esbuild.mjs');
  await step('code-mode run examples/quickstart.py', 'dist/cli.js', 'run', firstFile, '--base', base);
  if (!values.once) await openEditor(stopping);
});

/**
 * @param {string} title
 * @param {...string} args What Node runs.
 */
async function step(title, ...args) {
  console.log(`\n▶ ${title}\n`);
  const { code } = await run(process.execPath, args, { cwd: root });
  if (code === 0) return;
  throw new Problem(`${title}: ended with code ${code}.`, 'The output above says why.');
}

/** @param {AbortSignal} stopping */
async function openEditor(stopping) {
  const settings = path.join(dirs.userDataDir, 'User/settings.json');
  if (!existsSync(settings)) {
    await mkdir(path.dirname(settings), { recursive: true });
    await writeFile(settings, JSON.stringify(FIRST_SETTINGS, null, 2));
  }
  const desktop = await findDesktop();
  if (desktop) await openDesktop(desktop);
  else await openServer(stopping);
}

/** The desktop VS Code, where there is a screen for it and it can be had. */
async function findDesktop() {
  if (!hasDisplay()) return undefined;
  console.log(`\n▶ ${isDesktopCached(root) ? 'Opening' : 'Downloading'} VS Code\n`);
  try {
    return await ensureDesktop(root);
  } catch (error) {
    console.log(`VS Code could not be downloaded (${error instanceof Error ? error.message : error}).`);
    console.log('Its server from npm will do instead: the same editor, in your browser.');
    return undefined;
  }
}

/** @param {string} executable */
async function openDesktop(executable) {
  console.log('The examples open in a window of their own. Close it, or press Ctrl+C here, to end.');
  await run(executable, [
    examples,
    firstFile,
    `--extensionDevelopmentPath=${root}`,
    `--user-data-dir=${dirs.userDataDir}`,
    `--extensions-dir=${dirs.extensionsDir}`,
    '--new-window',
    '--skip-welcome',
    '--disable-workspace-trust',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]);
}

/** @param {AbortSignal} stopping */
async function openServer(stopping) {
  console.log('\n▶ Starting the VS Code server\n');
  const server = await startServer({
    server: await ensureServer(root),
    ...dirs,
    folder: examples,
    file: firstFile,
    extensionPath: root,
    // Whoever has the address can run code as you: it must not be guessed by another user of this machine.
    connectionToken: randomUUID(),
  });
  console.log('VS Code is ready. Open this address in a browser:\n');
  console.log(`    ${server.url}\n`);
  console.log('Then run a cell of quickstart.py, or open quickstart.ipynb and choose Run All.');
  console.log('Press Ctrl+C here to end.');
  const code = await server.exited;
  if (stopping.aborted) return;
  throw new Problem(`The VS Code server ended by itself, with code ${code}.`, 'Run `npm start` again.');
}
