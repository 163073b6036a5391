import { writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Runner, Test } from 'mocha';

/** Characters of a failure's message that the summary shows. */
const MOST_CHARACTERS = 500;

/** What a suite's run came to. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** The tests that failed: title, with what it stands in, and message. */
  failures: string[];
  /** Titles of the tests that were tried a second time. */
  retried: string[];
}

/** How to run a folder of tests. */
export interface RunOptions {
  /** The folder, searched with its subfolders. */
  folder: string;
  /** Which of its `*.test.js` files; all of them unless told. */
  include?: (file: string) => boolean;
  /** Milliseconds that one test may take unless it says otherwise. */
  timeout: number;
}

/**
 * Runs the test files under a folder with mocha, in this process.
 *
 * `CODE_MODE_TEST_COUNTS` names a folder where a file of this process always holds the counts so far, so that a
 * run that is ended from outside still says what it did; `CODE_MODE_TEST_GREP` picks tests by their title;
 * `CODE_MODE_TEST_RETRIES` says how often a test that failed is tried again, which is never passed over in silence.
 */
export async function runMocha({ folder, include = () => true, timeout }: RunOptions): Promise<Counts> {
  // Failures point at the source, not at the bundle.
  process.setSourceMapsEnabled(true);
  // Mocha is an ES module: a bundle in CommonJS format has to import it like this.
  const { default: Mocha } = await import('mocha');
  const grep = process.env.CODE_MODE_TEST_GREP;
  const retries = Number(process.env.CODE_MODE_TEST_RETRIES ?? 0);
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, failures: [], retried: [] };

  class CountingReporter extends Mocha.reporters.Spec {
    constructor(runner: Runner, options: Mocha.MochaOptions) {
      super(runner, options);
      const count = (key: 'passed' | 'failed' | 'skipped') => () => {
        counts[key]++;
        saveCounts(counts);
      };
      // With the reason: mocha tells it at the end, which a run that is ended from outside does not reach.
      runner.on('fail', (test, error) =>
        counts.failures.push(`${test.fullTitle()}: ${String(error.message).slice(0, MOST_CHARACTERS)}`),
      );
      runner.on('pass', count('passed')).on('fail', count('failed')).on('pending', count('skipped'));
      // Mocha tells of an attempt that failed, and says nothing of it by itself; its types do not know this event.
      const emitter: NodeJS.EventEmitter = runner;
      emitter.on('retry', (test: Test, error: Error) => {
        counts.retried.push(test.fullTitle());
        console.log(`TRIED AGAIN: ${test.fullTitle()}\n${error.stack ?? error}`);
      });
    }
  }

  const mocha = new Mocha({
    ui: 'bdd',
    timeout,
    reporter: CountingReporter,
    retries,
    ...(grep ? { grep } : {}),
  });
  for (const file of (await testFiles(folder)).filter(include)) mocha.addFile(file);
  await mocha.loadFilesAsync();
  saveCounts(counts);
  await new Promise<void>((resolve) => mocha.run(() => resolve()));
  return counts;
}

async function testFiles(folder: string): Promise<string[]> {
  // A folder that was not built holds no tests, and whoever asked for them says so.
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => path.join(folder, name));
}

function saveCounts(counts: Counts): void {
  const folder = process.env.CODE_MODE_TEST_COUNTS;
  if (folder) writeFileSync(path.join(folder, `${process.pid}.json`), JSON.stringify(counts));
}
