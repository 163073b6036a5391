// Measures how fast bytes cross: `node bytes.mjs DIST EXECUTOR [SETTINGS]`, the settings of the executor as JSON. A
// call of the host that gives back what it is given; artifacts would measure the disk.
import os from 'node:os';
import { executorRegistry } from '../src/core/executors/index.ts';
import { MEGABYTES, report, TRANSFERS } from './protocol.ts';

/** There and back, timed where it runs. */
const CODE = `
import os
from time import perf_counter
data = os.urandom(1_000_000) * ${MEGABYTES}
samples = []
for n in range(${TRANSFERS} + 1):
    before = perf_counter()
    _, (echo,) = tools._host.call("bench.echo", {}, [data])
    samples.append((perf_counter() - before) * 1000)
    assert echo == data
samples[1:]
`;

async function measure(distFolder: string, executorId: string, settings: string): Promise<void> {
  const executor = executorRegistry.get(executorId).create({
    distFolder,
    settings: JSON.parse(settings),
    workspaceFolder: os.tmpdir(),
    hostServices: () => ({ 'bench.echo': async ({ buffers }) => ({ result: null, buffers }) }),
    log: () => undefined,
  });
  const { value, error } = await executor.run(CODE);
  if (error) throw new Error(error.message);
  await executor.close();
  report({ milliseconds: value as number[] });
}

const [distFolder = '', executor = '', settings = '{}'] = process.argv.slice(2);
await measure(distFolder, executor, settings);
