// A process that uses an executor and then ends in the way it is told: `node parent.js EXECUTOR busy|idle exit|throw|close|wait`.
import { executorRegistry } from '../../../src/core/executors/index.ts';
import { DIST_FOLDER } from './subject.ts';

async function main(): Promise<void> {
  const [id = '', state, end] = process.argv.slice(2);
  const executor = executorRegistry.get(id).create({
    distFolder: DIST_FOLDER,
    timeoutS: null,
    maxResultCharacters: 1000,
    log: () => undefined,
  });
  await executor.start();
  if (state === 'busy') {
    await new Promise<void>((resolve) => {
      void executor.run('print("busy")\nwhile True: pass', { onEvent: () => resolve() });
    });
  }
  process.stdout.write('ready\n');
  // The test looks at the processes before it lets this one end.
  process.stdin.once('data', () => {
    if (end === 'exit') process.exit(0);
    if (end === 'close') void executor.close().then(() => process.stdout.write('closed\n'));
    if (end === 'throw') throw new Error('the parent fails');
  });
}

void main();
