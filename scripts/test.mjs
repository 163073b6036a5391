// `npm test [-- SUITE … [--grep TEXT]]`: sets up what the suites need, builds, and runs them, some side by
// side. The last line is `N passed, N failed`, over all suites. With CI=true a suite that cannot run is a failure.
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { containerPackages, ensureContainers } from './lib/containers.mjs';
import { ensureDependencies, npmCommand } from './lib/packages.mjs';
import { Problem } from './lib/problem.mjs';
import { run } from './lib/processes.mjs';
import { ensureDebianPackages, findChromium, requireNode } from './lib/requirements.mjs';
import { script } from './lib/script.mjs';
import { ensureServer } from './lib/vscode-server.mjs';

/**
 * @typedef {object} Suite
 * @property {readonly string[]} command
 * @property {boolean} [built] Whether it runs what the build makes.
 * @property {boolean} [mocha] Whether it counts its tests; another suite is one test, told by its exit code.
 * @property {boolean} [workbench] Whether it needs a VS Code and a browser.
 * @property {number} [retries] How often a test that failed is tried again; the summary names these.
 * @property {readonly string[]} [debian] What it needs of Debian's packages.
 * @property {'needs' | 'uses'} [container] Whether it starts containers: nothing else, or beside other things.
 */
/**
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed
 * @property {number} [skipped]
 * @property {readonly string[]} [failures] The tests that failed: title and message.
 * @property {readonly string[]} [retried] Titles of the tests that were tried a second time.
 * @property {string} [note] What there is to say besides the counts.
 */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const ci = process.env.CI === 'true';
const MINUTE = 60_000;
/** What still runs then hangs, for every test has a limit of its own: on two cores all suites take half of this. */
const deadline = Date.now() + 60 * MINUTE;

/**
 * A test that failed is tried once more and named in the summary: on a machine where all of this runs at once, a
 * browser draws late and a process starts late. What fails twice has failed.
 */
const mocha = { built: true, mocha: true, retries: 1 };
/** What confines programs, and the bridge of one that may reach some domains. */
const confinement = ['bubblewrap', 'socat'];
/** The browser, and a font: without one its pictures show boxes for letters. */
const workbench = {
  workbench: true,
  container: /** @type {const} */ ('uses'),
  debian: ['chromium', 'fonts-dejavu-core', ...confinement],
};

/** The tests that an executor runs through, and those of its packages; those in containers are apart. */
const EXECUTORS = ['executors.', 'deps.', 'packageLines.', 'pyodidePackages.', 'subprocess.'];

/**
 * In the order in which they begin.
 * @type {Record<string, Suite>}
 */
const SUITES = {
  lint: { command: npmCommand(['run', '--silent', 'lint']) },
  contract: {
    ...mocha,
    debian: [...confinement, 'curl', 'jq'],
    command: nodeSuite('contract', 60, EXECUTORS.join()),
  },
  // What lives around executors: sessions and their hosts, stores, tools, the command line.
  services: {
    ...mocha,
    debian: [...confinement, 'redis-server', 'curl', 'jq'],
    command: nodeSuite('contract', 60, `!${['container', ...EXECUTORS].join()}`),
  },
  e2e: { ...mocha, ...workbench, command: nodeSuite('e2e', 120) },
  // The contract of what runs in containers, and what only concerns these.
  container: {
    ...mocha,
    container: 'needs',
    debian: ['curl', 'jq'],
    command: nodeSuite('contract', 60, 'container'),
  },
  host: {
    ...mocha,
    ...workbench,
    debian: [...workbench.debian, 'redis-server'],
    command: [process.execPath, 'test/host/run.mjs'],
  },
  unit: { ...mocha, debian: [...confinement, 'curl', 'jq'], command: nodeSuite('unit', 30) },
};

/** How many run beside each other: each waits about as much as it computes, and two cores are kept busy. */
const AT_ONCE = 3;

/**
 * @param {string} name
 * @param {number} seconds How long one test may take unless it says otherwise.
 * @param {string} [choice] The files whose path begins with one of these, between commas; with `!`, the others.
 */
function nodeSuite(name, seconds, choice = '') {
  return [process.execPath, 'out/test/support/main.js', `out/test/${name}`, String(seconds * 1000), choice];
}

/** @param {string} title */
function printTitle(title) {
  console.log(`\n━━━ ${title} ${'━'.repeat(60 - title.length)}`);
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | Result>}
 */
async function attempt(work) {
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
    const debian = suite.container ? [...suite.debian, ...containerPackages()] : suite.debian;
    const missing = await ensureDebianPackages(debian);
    if (suite.workbench && !findChromium()) {
      throw new Problem(
        'there is no Chromium.',
        `Install Chromium or Chrome (Debian's packages: ${suite.debian.join(' ')}), or set CHROMIUM to its executable.`,
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
 * @param {object} options
 * @param {string} options.scratch A folder for everything temporary; whoever called removes it.
 * @param {string | undefined} options.grep
 * @param {string | undefined} options.container With which settings containers start, as JSON.
 * @param {import('node:child_process').StdioOptions} options.stdio
 * @returns {Promise<Result>}
 */
async function runSuite(suite, { scratch, grep, container, stdio }) {
  const timeoutMs = deadline - Date.now();
  if (timeoutMs <= 0) return notRun('the time for the whole run is over');
  const counts = await mkdtemp(path.join(scratch, 'counts-'));
  const [command = '', ...args] = suite.command;
  const { code, timedOut } = await run(command, args, {
    cwd: root,
    timeoutMs,
    stdio,
    env: {
      CODE_MODE_TEST_COUNTS: counts,
      ...(grep && { CODE_MODE_TEST_GREP: grep }),
      ...(suite.retries && { CODE_MODE_TEST_RETRIES: String(suite.retries) }),
      ...(container && { CODE_MODE_TEST_CONTAINER: container }),
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
 * What suites print that run beside each other: a suite's is shown in one piece when it has ended, or when the whole run
 * is ended before that.
 */
class Pages {
  #folder;
  /** @type {Map<string, string>} */
  #unshown = new Map();

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    process.once('exit', () => {
      for (const title of [...this.#unshown.keys()]) this.#show(title);
    });
  }

  /**
   * @param {string} title
   * @param {(stdio: import('node:child_process').StdioOptions) => Promise<Result>} work
   * @returns {Promise<Result>}
   */
  async fill(title, work) {
    const file = path.join(this.#folder, `${title}.txt`);
    const page = openSync(file, 'a');
    this.#unshown.set(title, file);
    console.log(`… ${title}`);
    try {
      return await work(['ignore', page, page]);
    } finally {
      closeSync(page);
      this.#show(title);
    }
  }

  /** @param {string} title */
  #show(title) {
    const file = this.#unshown.get(title);
    this.#unshown.delete(title);
    printTitle(title);
    if (file !== undefined) process.stdout.write(readFileSync(file));
  }
}

/**
 * @param {string} folder
 * @returns {Promise<Required<Omit<Result, 'note'>>>}
 */
async function readCounts(folder) {
  const sum = {
    passed: 0,
    failed: 0,
    skipped: 0,
    failures: /** @type {string[]} */ ([]),
    retried: /** @type {string[]} */ ([]),
  };
  for (const file of await readdir(folder)) {
    const counts = JSON.parse(await readFile(path.join(folder, file), 'utf8'));
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    sum.failures.push(...counts.failures);
    sum.retried.push(...counts.retried);
  }
  return sum;
}

/** @param {Map<string, Result>} results */
function report(results) {
  console.log(`\n━━━ summary ${'━'.repeat(53)}`);
  const total = { passed: 0, failed: 0 };
  for (const [name, result] of results) {
    const { passed, failed, skipped = 0, note = '', failures = [], retried = [] } = result;
    total.passed += passed;
    total.failed += failed;
    const counts = [`${passed} passed`, `${failed} failed`, ...(skipped ? [`${skipped} skipped`] : [])].join(
      ', ',
    );
    console.log(`${failed ? '✖' : note ? '!' : '✔'} ${name.padEnd(9)} ${counts}${note && `: ${note}`}`);
    for (const title of failures) console.log(`    failed: ${title}`);
    for (const title of retried) console.log(`    tried again: ${title}`);
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
  const pages = new Pages(scratch);
  // At the very end, so that a run that was interrupted cleans up as well.
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  /** @type {Map<string, Result>} */
  const results = new Map();
  const chosen = Object.entries(SUITES).filter(
    ([name]) => positionals.length === 0 || positionals.includes(name),
  );
  if (chosen.some(([, suite]) => suite.built)) {
    printTitle('build');
    const built = await attempt(build);
    if (built.failed > 0) results.set('build', built);
  }
  // One after another: the package managers of the system are not to run twice at once.
  for (const [name, suite] of chosen) {
    if (suite.built && results.has('build')) results.set(name, notRun('the build failed'));
    else {
      const prepared = await attempt(() => prepare(suite));
      if (prepared) results.set(name, prepared);
    }
  }
  // Beside what needs no containers: to make an image takes minutes, once.
  const containers = chosen.some(([name, suite]) => suite.container && !results.has(name))
    ? attempt(async () => JSON.stringify(await ensureContainers(scratch, path.join(scratch, 'data'))))
    : undefined;
  const waiting = chosen.filter(([name]) => !results.has(name));
  const alone = waiting.length === 1;
  const runThem = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, suite] = next;
      const found = suite.container && (await containers);
      if (suite.container === 'needs' && typeof found === 'object') {
        results.set(name, found);
        continue;
      }
      const container = typeof found === 'string' ? found : undefined;
      /** @param {import('node:child_process').StdioOptions} stdio */
      const work = (stdio) =>
        attempt(() => runSuite(suite, { scratch, grep: values.grep, container, stdio }));
      if (alone) printTitle(name);
      results.set(name, await (alone ? work('inherit') : pages.fill(name, work)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runThem));
  const titles = ['build', ...Object.keys(SUITES)];
  return report(new Map([...results].sort(([a], [b]) => titles.indexOf(a) - titles.indexOf(b))));
});
