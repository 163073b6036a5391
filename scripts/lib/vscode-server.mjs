// A whole VS Code that npm carries: the server with its web workbench and its Node extension host.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { npm } from './packages.mjs';
import { Problem } from './problem.mjs';
import { ProcessTree } from './processes.mjs';

const START_TIMEOUT_MS = 60_000;
/** What code-server wants; an older Node crashes in ways that do not say why. */
const NODE_MAJOR = 24;

/**
 * @typedef {object} InstalledServer
 * @property {string} node The Node that runs it.
 * @property {string} main Its entry point.
 */

/**
 * @typedef {object} ServerOptions
 * @property {InstalledServer} server
 * @property {string} userDataDir Settings are read from its `User/settings.json`.
 * @property {string} extensionsDir
 * @property {string} folder The folder to open.
 * @property {string} [file] A file to open in it.
 * @property {string} [extensionPath] The source folder of an extension, to be there as if it had been installed.
 * @property {string} [extensionDevelopmentPath] The source folder of an extension under development. VS Code then
 *   takes itself for automated: it shows no notifications, for one.
 * @property {string} [extensionTestsPath] A module whose `run()` is called in the extension host.
 * @property {boolean} [workspaceTrust] Whether the workspace has to be trusted by the person first; default no.
 * @property {string} [connectionToken] A secret that the address must carry; without it any local program may connect.
 * @property {NodeJS.ProcessEnv} [env] What the extension host's environment has besides this process's.
 * @property {(line: string) => void} [onLog] What the server prints.
 */

/**
 * @typedef {object} RunningServer
 * @property {string} url The address of the workbench.
 * @property {() => Promise<void>} stop Ends the server and everything that ran in it.
 * @property {Promise<number | null>} exited
 */

/**
 * Where the server is once it is installed, or undefined.
 * @param {string} root The project's root folder.
 * @returns {InstalledServer | undefined}
 */
export function findServer(root) {
  const modules = path.join(root, '.vscode-test/server/node_modules');
  const main = path.join(modules, 'code-server/lib/vscode/out/server-main.js');
  if (!existsSync(main)) return undefined;
  const node = path.join(modules, nodePackage(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(node)) return { node, main };
  return Number.parseInt(process.versions.node, 10) >= NODE_MAJOR
    ? { node: process.execPath, main }
    : undefined;
}

/**
 * Installs the server at the version that `test/vscode-server/` pins, unless it is there.
 * @param {string} root The project's root folder.
 * @returns {Promise<InstalledServer>}
 */
export async function ensureServer(root) {
  const pinned = path.join(root, 'test/vscode-server');
  const target = path.join(root, '.vscode-test/server');
  const stamp = path.join(target, '.installed');
  const version = createHash('sha256')
    .update(await readFile(path.join(pinned, 'package-lock.json')))
    .digest('hex');
  const installed = findServer(root);
  if (installed && (await readFile(stamp, 'utf8').catch(() => '')) === version) return installed;

  console.log('Installing the VS Code server (once, about 800 MB) …');
  await mkdir(target, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    await copyFile(path.join(pinned, file), path.join(target, file));
  }
  // The native modules that the scripts would compile are for features that no test needs.
  const quietly = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await npm(['ci', ...quietly], target);
  await npm(['install', '--no-save', ...quietly], path.join(target, 'node_modules/code-server/lib/vscode'));
  const server = findServer(root);
  if (!server) {
    throw new Problem(
      `npm carries no Node ${NODE_MAJOR} for ${process.platform}-${process.arch}, and this is Node ${process.versions.node}.`,
      `Run the same command with Node ${NODE_MAJOR} or newer.`,
    );
  }
  await writeFile(stamp, version);
  return server;
}

/**
 * Starts the server on a free port of this machine and waits until it answers.
 * @param {ServerOptions} options
 * @returns {Promise<RunningServer>}
 */
export async function startServer(options) {
  const port = await freePort();
  const authority = `127.0.0.1:${port}`;
  await mkdir(options.extensionsDir, { recursive: true });
  if (options.extensionPath) await registerExtension(options.extensionsDir, options.extensionPath);
  const tree = new ProcessTree(options.server.node, serverArguments(options, port), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its gallery is of no use here, and asking for it delays the start where it cannot be reached.
    env: { ...options.env, EXTENSIONS_GALLERY: '{}' },
  });
  const log = collectLines(tree, options.onLog);
  try {
    await waitUntilReady(`http://${authority}/version`, tree);
  } catch (cause) {
    await tree.stop();
    const detail = log.slice(-20).join('\n  ');
    throw new Problem(
      `The VS Code server did not start.\n  ${detail}`,
      'Delete .vscode-test/ and try again.',
      cause,
    );
  }
  return { url: workbenchUrl(options, authority), stop: () => tree.stop(), exited: tree.exited };
}

/**
 * @param {ServerOptions} options
 * @param {number} port
 */
function serverArguments(options, port) {
  const args = [
    options.server.main,
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...['--server-data-dir', path.dirname(options.userDataDir), '--user-data-dir', options.userDataDir],
    ...['--extensions-dir', options.extensionsDir],
    '--accept-server-license-terms',
    '--disable-telemetry',
  ];
  if (options.connectionToken) args.push('--connection-token', options.connectionToken);
  else args.push('--without-connection-token');
  if (!options.workspaceTrust) args.push('--disable-workspace-trust');
  // A built VS Code loads an extension from its source folder, and tests, only with this.
  if (options.extensionDevelopmentPath) args.push('--enable-smoke-test-driver');
  return args;
}

/**
 * @param {ServerOptions} options
 * @param {string} authority
 */
function workbenchUrl(options, authority) {
  const url = new URL(`http://${authority}/`);
  if (options.connectionToken) url.searchParams.set('tkn', options.connectionToken);
  url.searchParams.set('folder', options.folder);
  const payload = Object.entries({
    openFile: options.file,
    extensionDevelopmentPath: options.extensionDevelopmentPath,
    extensionTestsPath: options.extensionTestsPath,
  }).flatMap(([key, file]) => (file ? [[key, `vscode-remote://${authority}${file}`]] : []));
  if (payload.length > 0) {
    url.searchParams.set('payload', JSON.stringify([...payload, ['skipWelcome', 'true']]));
  }
  return url.href;
}

/**
 * Writes the list of installed extensions, with one that stays where it is.
 * @param {string} extensionsDir
 * @param {string} extensionPath
 */
async function registerExtension(extensionsDir, extensionPath) {
  const { publisher, name, version } = JSON.parse(
    await readFile(path.join(extensionPath, 'package.json'), 'utf8'),
  );
  const entry = {
    identifier: { id: `${publisher}.${name}` },
    version,
    location: { $mid: 1, scheme: 'file', path: extensionPath },
  };
  await writeFile(path.join(extensionsDir, 'extensions.json'), JSON.stringify([entry]));
}

/**
 * @param {string} url
 * @param {ProcessTree} tree
 */
async function waitUntilReady(url, tree) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (tree.child.exitCode !== null) throw new Error(`It ended with code ${tree.child.exitCode}.`);
    const response = await fetch(url).catch(() => undefined);
    if (response) return;
    await sleep(100);
  }
  throw new Error(`It did not answer within ${START_TIMEOUT_MS / 1000} seconds.`);
}

/**
 * @param {ProcessTree} tree
 * @param {(line: string) => void} [onLine]
 */
function collectLines(tree, onLine) {
  /** @type {string[]} */
  const lines = [];
  for (const stream of [tree.child.stdout, tree.child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      for (const line of text.split('\n').filter(Boolean)) {
        lines.push(line);
        onLine?.(line);
      }
    });
  }
  return lines;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** The npm package that holds the bare Node binary for this platform. */
function nodePackage() {
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'win' }[
    /** @type {string} */ (process.platform)
  ];
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${platform}-${process.arch}`;
}
