// What VS Code calls inside its extension host: runs the host tests there.
import { runMocha } from '../support/mocha.ts';

/** Runs the tests whose name says `untrusted` in a window whose workspace is not trusted, the others elsewhere. */
export async function run(): Promise<void> {
  const untrusted = process.env.CODE_MODE_TEST_TRUST === 'untrusted';
  const counts = await runMocha({
    folder: __dirname,
    include: (file) => file.endsWith('.untrusted.test.js') === untrusted,
    timeout: 60_000,
  });
  if (counts.failed > 0) throw new Error(`${counts.failed} host tests failed`);
}
