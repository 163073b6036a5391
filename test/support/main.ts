// Runs one folder of test bundles in Node: `node out/test/support/main.js out/test/unit [timeout in ms] [[!]NAME,…]`.
// With names, only the files whose path in the folder begins with one of them; with `!` before them, all but those.
import path from 'node:path';
import { runMocha } from './mocha.ts';

const LINGER_MS = 5000;

async function main(): Promise<void> {
  const [given = '', timeout = '30000', choice = ''] = process.argv.slice(2);
  const folder = path.resolve(given);
  const include = (file: string) => {
    const others = choice.startsWith('!');
    const names = choice.slice(others ? 1 : 0).split(',');
    return names.some((name) => path.relative(folder, file).startsWith(name)) !== others;
  };
  const counts = await runMocha({ folder, include, timeout: Number(timeout) });
  process.exitCode = counts.failed > 0 ? 1 : 0;
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    console.error(`The tests are over, but something still keeps the process alive: ${open}`);
    process.exit();
  }, LINGER_MS).unref();
}

void main();
