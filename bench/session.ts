// Measures a session at its surface: `node session.mjs DIST EXECUTOR first|round-trip|lines`.
import { createSessionManager } from '../src/core/session/local.ts';
import {
  EXPRESSION,
  FLOODS,
  LINES,
  LINES_CODE,
  type Measurement,
  ROUND_TRIPS,
  report,
  WARM_UPS,
} from './protocol.ts';

async function measure(distFolder: string, executor: string, measurement: Measurement): Promise<void> {
  const started = performance.now();
  const manager = createSessionManager({ distFolder, log: () => undefined });
  const session = await manager.open({ id: 'bench', title: 'bench', executor });
  const first = await session.run(EXPRESSION);
  if (first.value !== 2) throw new Error('The first run gave no result.');
  const samples: number[] = [];
  if (measurement === 'first') samples.push(performance.now() - started);
  if (measurement === 'round-trip') {
    for (let n = 0; n < WARM_UPS + ROUND_TRIPS; n++) {
      const before = performance.now();
      await session.run(EXPRESSION);
      if (n >= WARM_UPS) samples.push(performance.now() - before);
    }
  }
  if (measurement === 'lines') {
    for (let n = 0; n <= FLOODS; n++) {
      let newlines = 0;
      const before = performance.now();
      await session.run(LINES_CODE, {
        onEvent: (event) => {
          if (event.kind === 'stdout') newlines += event.text.split('\n').length - 1;
        },
      });
      if (n > 0) samples.push(performance.now() - before);
      if (newlines !== LINES) throw new Error(`${newlines} lines of ${LINES} arrived.`);
    }
  }
  await manager[Symbol.asyncDispose]();
  report(samples);
}

const [distFolder = '', executor = '', measurement = 'first'] = process.argv.slice(2);
await measure(distFolder, executor, measurement as Measurement);
