// Runs one folder of test bundles in Node: `node out/test/support/main.js out/test/unit [timeout in ms]`.
import path from 'node:path';
import { runMocha } from './mocha.ts';

const LINGER_MS = 5000;

async function main(): Promise<void> {
  const [folder = '', timeout = '30000'] = process.argv.slice(2);
  const counts = await runMocha({ folder: path.resolve(folder), timeout: Number(timeout) });
  process.exitCode = counts.failed > 0 ? 1 : 0;
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    console.error(`The tests are over, but something still keeps the process alive: ${open}`);
    process.exit();
  }, LINGER_MS).unref();
}

void main();
