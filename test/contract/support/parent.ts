// A process that uses an executor and then ends in the way it is told:
// `node parent.js EXECUTOR SETTINGS STATE exit|throw|close|wait`, the settings as JSON.
import { executorRegistry } from '../../../src/core/executors/index.ts';
import { DIST_FOLDER } from './subject.ts';

/** What Python does in each state but `idle`; it prints when it is at it. */
const BUSY: Readonly<Record<string, string>> = {
  busy: 'print("busy")\nwhile True: pass',
  'in C': 'import re\nprint("busy")\nre.match(r"(a+)+$", "a" * 60 + "b")',
  'with children':
    'import subprocess\nchildren = [subprocess.Popen(["sleep", "1000"]) for _ in range(3)]\nprint("busy")\nchildren[0].wait()',
};

async function main(): Promise<void> {
  const [id = '', settings = '{}', state = '', end] = process.argv.slice(2);
  const executor = executorRegistry.get(id).create({
    distFolder: DIST_FOLDER,
    timeoutS: null,
    maxResultCharacters: 1000,
    settings: JSON.parse(settings),
    log: () => undefined,
  });
  await executor.start();
  const code = BUSY[state];
  if (code !== undefined) {
    await new Promise<void>((resolve) => {
      void executor.run(code, { onEvent: () => resolve() });
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
