import { writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Runner } from 'mocha';

/** What a suite's run came to. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
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
 * run that is ended from outside still says what it did; `CODE_MODE_TEST_GREP` picks tests by their title.
 */
export async function runMocha({ folder, include = () => true, timeout }: RunOptions): Promise<Counts> {
  // Failures point at the source, not at the bundle.
  process.setSourceMapsEnabled(true);
  // Mocha is an ES module: a bundle in CommonJS format has to import it like this.
  const { default: Mocha } = await import('mocha');
  const grep = process.env.CODE_MODE_TEST_GREP;
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  class CountingReporter extends Mocha.reporters.Spec {
    constructor(runner: Runner, options: Mocha.MochaOptions) {
      super(runner, options);
      const count = (key: keyof Counts) => () => {
        counts[key]++;
        saveCounts(counts);
      };
      runner.on('pass', count('passed')).on('fail', count('failed')).on('pending', count('skipped'));
    }
  }

  const mocha = new Mocha({ ui: 'bdd', timeout, reporter: CountingReporter, ...(grep ? { grep } : {}) });
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
