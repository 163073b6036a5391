// `npm test [-- SUITE … [--grep TEXT]]`: sets up what the suites need, builds, and runs them one after another.
// The last line is `N passed, N failed`, over all suites. With CI=true a suite that cannot run is a failure.
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureDependencies, npmCommand } from './lib/packages.mjs';
import { Problem } from './lib/problem.mjs';
import { run } from './lib/processes.mjs';
import { ensureDebianPackages, findChromium, requireNode } from './lib/requirements.mjs';
import { script } from './lib/script.mjs';
import { ensureServer } from './lib/vscode-server.mjs';

/**
 * @typedef {object} Suite
 * @property {readonly string[]} command
 * @property {number} minutes How long it may take.
 * @property {boolean} [built] Whether it runs what the build makes.
 * @property {boolean} [mocha] Whether it counts its tests; another suite is one test, told by its exit code.
 * @property {boolean} [workbench] Whether it needs a VS Code and a browser.
 * @property {readonly string[]} [debian] What it needs of Debian's packages.
 */
/**
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed
 * @property {number} [skipped]
 * @property {string} [note] What there is to say besides the counts.
 */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const ci = process.env.CI === 'true';
const MINUTE = 60_000;
/** All suites together end before this, whatever each of them may take. */
const deadline = Date.now() + 29 * MINUTE;

const mocha = { built: true, mocha: true };
/** What confines programs, and the bridge of one that may reach some domains. */
const confinement = ['bubblewrap', 'socat'];
/** The browser, and a font: without one its pictures show boxes for letters. */
const workbench = { workbench: true, debian: ['chromium', 'fonts-dejavu-core', ...confinement] };

/** @type {Record<string, Suite>} */
const SUITES = {
  lint: { command: npmCommand(['run', '--silent', 'lint']), minutes: 5 },
  unit: { ...mocha, debian: [...confinement, 'curl', 'jq'], command: nodeSuite('unit', 30), minutes: 5 },
  contract: {
    ...mocha,
    debian: [...confinement, 'redis-server', 'curl', 'jq'],
    command: nodeSuite('contract', 60),
    minutes: 15,
  },
  host: {
    ...mocha,
    ...workbench,
    debian: [...workbench.debian, 'redis-server'],
    command: [process.execPath, 'test/host/run.mjs'],
    minutes: 12,
  },
  e2e: { ...mocha, ...workbench, command: nodeSuite('e2e', 120), minutes: 12 },
};

/**
 * @param {string} name
 * @param {number} seconds How long one test may take unless it says otherwise.
 */
function nodeSuite(name, seconds) {
  return [process.execPath, 'out/test/support/main.js', `out/test/${name}`, String(seconds * 1000)];
}

/**
 * @param {string} title
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
async function section(title, work) {
  console.log(`\n━━━ ${title} ${'━'.repeat(60 - title.length)}`);
  try {
    return await work();
  } catch (error) {
    const text = error instanceof Problem ? `${error.message} ${error.hint}` : String(error);
    return notRun(text);
  }
}

/**
 * What cannot be run is a failure where everything must be, and is said loudly elsewhere.
 * @param {string} why
 * @returns {Result}
 */
function notRun(why) {
  console.log(`NOT RUN: ${why}`);
  return { passed: 0, failed: ci ? 1 : 0, note: `NOT RUN: ${why}` };
}

/** @returns {Promise<Result>} */
async function build() {
  const { code, timedOut } = await run(process.execPath, ['esbuild.mjs', '--tests'], {
    cwd: root,
    timeoutMs: 10 * MINUTE,
  });
  if (code === 0) return { passed: 0, failed: 0 };
  return { passed: 0, failed: 1, note: timedOut ? 'out of time' : 'the build failed' };
}

/**
 * Sees to everything a suite needs.
 * @param {Suite} suite
 */
async function prepare(suite) {
  if (suite.debian) {
    const missing = await ensureDebianPackages(suite.debian);
    if (suite.workbench && !findChromium()) {
      throw new Problem(
        'there is no Chromium.',
        `Install Chromium or Chrome (Debian's packages: ${missing.join(' ')}), or set CHROMIUM to its executable.`,
      );
    }
    if (!suite.workbench && missing.length > 0) {
      console.log(`Tests that need these are skipped where they are not installed: ${missing.join(' ')}`);
    }
  }
  if (suite.workbench) await ensureServer(root);
}

/**
 * @param {Suite} suite
 * @param {string} scratch A folder for everything temporary; whoever called removes it.
 * @param {string | undefined} grep
 * @returns {Promise<Result>}
 */
async function runSuite(suite, scratch, grep) {
  await prepare(suite);
  const timeoutMs = Math.min(suite.minutes * MINUTE, deadline - Date.now());
  if (timeoutMs <= 0) return notRun('the time for the whole run is over');
  const counts = await mkdtemp(path.join(scratch, 'counts-'));
  const [command = '', ...args] = suite.command;
  const { code, timedOut } = await run(command, args, {
    cwd: root,
    timeoutMs,
    env: {
      CODE_MODE_TEST_COUNTS: counts,
      ...(grep && { CODE_MODE_TEST_GREP: grep }),
      ...Object.fromEntries(['TMPDIR', 'TEMP', 'TMP'].map((name) => [name, scratch])),
      // What the suites keep, such as environments of Python, is not put among the person's own.
      XDG_DATA_HOME: path.join(scratch, 'data'),
      XDG_CACHE_HOME: path.join(scratch, 'cache'),
    },
  });
  if (!suite.mocha) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const result = await readCounts(counts);
  const note = timedOut ? 'ended: out of time' : `ended with code ${code}`;
  // A run that broke off before or between tests must not look like one in which every test passed.
  if (code !== 0 && result.failed === 0) return { ...result, failed: 1, note };
  if (timedOut) return { ...result, note };
  if (result.passed + result.failed === 0 && !grep)
    return { ...notRun('no test ran in it'), skipped: result.skipped ?? 0 };
  return result;
}

/**
 * @param {string} folder
 * @returns {Promise<Required<Omit<Result, 'note'>>>}
 */
async function readCounts(folder) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of await readdir(folder)) {
    const counts = JSON.parse(await readFile(path.join(folder, file), 'utf8'));
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

/** @param {Map<string, Result>} results */
function report(results) {
  console.log(`\n━━━ summary ${'━'.repeat(53)}`);
  const total = { passed: 0, failed: 0 };
  for (const [name, { passed, failed, skipped = 0, note = '' }] of results) {
    total.passed += passed;
    total.failed += failed;
    const counts = [`${passed} passed`, `${failed} failed`, ...(skipped ? [`${skipped} skipped`] : [])].join(
      ', ',
    );
    console.log(`${failed ? '✖' : note ? '!' : '✔'} ${name.padEnd(9)} ${counts}${note && `: ${note}`}`);
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

await script(async () => {
  requireNode('20.19.0');
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { grep: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !Object.hasOwn(SUITES, name));
  if (unknown.length > 0) {
    throw new Problem(
      `There is no suite ${unknown.join(', ')}.`,
      `The suites are ${Object.keys(SUITES).join(', ')}.`,
    );
  }
  await ensureDependencies(root);
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'code-mode-'));
  // At the very end, so that a run that was interrupted cleans up as well.
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  /** @type {Map<string, Result>} */
  const results = new Map();
  const chosen = Object.entries(SUITES).filter(
    ([name]) => positionals.length === 0 || positionals.includes(name),
  );
  if (chosen.some(([, suite]) => suite.built)) {
    const built = await section('build', build);
    if (built.failed > 0) results.set('build', built);
  }
  for (const [name, suite] of chosen) {
    const result = suite.built && results.has('build') ? notRun('the build failed') : undefined;
    results.set(name, result ?? (await section(name, () => runSuite(suite, scratch, values.grep))));
  }
  return report(results);
});
