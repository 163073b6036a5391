// What VS Code calls inside its extension host: runs the host tests there.
import { format } from 'node:util';
import { runMocha } from '../support/mocha.ts';

/** Not seen in a terminal; tells what is printed here from the much that VS Code itself logs (see the launcher). */
const MARK = '\u2063';

/** Runs the tests whose name says `untrusted` in a window whose workspace is not trusted, the others elsewhere. */
export async function run(): Promise<void> {
  markConsole();
  const untrusted = process.env.CODE_MODE_TEST_TRUST === 'untrusted';
  const counts = await runMocha({
    folder: __dirname,
    include: (file) => file.endsWith('.untrusted.test.js') === untrusted,
    timeout: 60_000,
  });
  if (counts.failed > 0) throw new Error(`${counts.failed} host tests failed`);
}

function markConsole(): void {
  for (const level of ['log', 'info', 'warn', 'error'] as const) {
    const print = console[level].bind(console);
    // The extension host ignores an assignment to its console's methods.
    Object.defineProperty(console, level, { value: (...args: unknown[]) => print(MARK + format(...args)) });
  }
}
