#!/usr/bin/env node
// Stands in for the desktop VS Code where that cannot be had: takes the same arguments, opens the same folder with
// the same extension and tests on the VS Code server in a headless browser, and ends with the same exit code.
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, parseArgs } from 'node:util';
import { openBrowser } from '../../scripts/lib/browser.mjs';
import { script } from '../../scripts/lib/script.mjs';
import { ensureServer, startServer } from '../../scripts/lib/vscode-server.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * What the tests and the extension print starts with this; the rest is VS Code's own log, shown where
 * CODE_MODE_TEST_VERBOSE asks for it. In the same process VS Code misses its native logger, and that is no news.
 */
const MARK = '\u2063';

await script(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, strict: false });
  const option = (/** @type {string} */ name) => {
    const value = values[name];
    return typeof value === 'string' ? path.resolve(value) : undefined;
  };
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'vscode-'));
  const extensionDevelopmentPath = option('extensionDevelopmentPath');
  const extensionTestsPath = option('extensionTestsPath');
  const server = await startServer({
    server: await ensureServer(root),
    userDataDir: option('user-data-dir') ?? path.join(scratch, 'user'),
    extensionsDir: option('extensions-dir') ?? path.join(scratch, 'extensions'),
    folder: path.resolve(positionals[0] ?? scratch),
    ...(extensionDevelopmentPath && { extensionDevelopmentPath }),
    ...(extensionTestsPath && { extensionTestsPath }),
    // `runTests` always asks for no trust; what the tests want is said beside it.
    workspaceTrust: process.env.CODE_MODE_TEST_TRUST === 'untrusted',
  });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.exposeFunction(
      'codeAutomationLog',
      (/** @type {string} */ _type, /** @type {unknown[]} */ args) => {
        const line = format(...args);
        const own = line.startsWith(MARK) && !line.includes('spdlog.node');
        if (own || process.env.CODE_MODE_TEST_VERBOSE) console.log(line.replace(MARK, ''));
      },
    );
    const ended = new Promise((resolve, reject) => {
      page.exposeFunction('codeAutomationExit', resolve).catch(reject);
      page.once('crash', () => reject(new Error('The page crashed.')));
      browser.once('disconnected', () => reject(new Error('The browser ended.')));
      server.exited.then((code) => reject(new Error(`The VS Code server ended with code ${code}.`)), reject);
    });
    await page.goto(server.url);
    return Number(await ended);
  } finally {
    await browser.close();
    await server.stop();
  }
});
