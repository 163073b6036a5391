// Measures a session at its surface: `node session.mjs DIST EXECUTOR MEASUREMENT [SETTINGS]`, the settings of the
// executor as JSON.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Capability } from '../src/core/contract/capability.ts';
import { createSessionManager } from '../src/core/session/local.ts';
// Loaded before anything is timed, as the peer's modules are.
import '../src/core/session/localSession.ts';
import type { Session } from '../src/core/session/session.ts';
import {
  CALLS,
  EXPRESSION,
  FLOODS,
  LINES,
  LINES_CODE,
  RESETS,
  ROUND_TRIPS,
  report,
  WARM_UPS,
} from './protocol.ts';
import { printLines, repeat } from './work.ts';

/** Milliseconds in which a spare interpreter is made ready, on a busy machine as well. */
const SPARE_MS = 2_000;

/** Samples in milliseconds, by measurement. The first result of each session has arrived `firstMs` after its start. */
const MEASUREMENTS: Readonly<Record<string, (session: Session, firstMs: number) => Promise<number[]>>> = {
  first: async (_, firstMs) => [firstMs],
  'round-trip': (session) => repeat(WARM_UPS, ROUND_TRIPS, () => session.run(EXPRESSION)),
  lines: (session) => repeat(1, FLOODS, () => printLines(session, LINES_CODE, LINES)),
  'host-call': (session) => timeInPython(session, 'tools.list()'),
  'stored-call': (session) => timeInPython(session, 'artifacts.exists("nothing")'),
  reset: measureResets,
};

async function measure(distFolder: string, executor: string, measurement: string, settings: string) {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'code-mode-bench-'));
  const started = performance.now();
  const manager = createSessionManager({ distFolder, log: () => undefined });
  const session = await manager.open({
    id: 'bench',
    title: 'bench',
    executor,
    executorSettings: JSON.parse(settings),
    workspaceFolder: scratch,
    baseFolder: path.join(scratch, '.code-mode'),
  });
  const first = await session.run(EXPRESSION);
  const firstMs = performance.now() - started;
  if (first.value !== 2) throw new Error('The first run gave no result.');
  const milliseconds = await MEASUREMENTS[measurement]?.(session, firstMs);
  if (!milliseconds) throw new Error(`There is no measurement "${measurement}".`);
  const isConfined = session.info.capabilities.includes(Capability.FILESYSTEM_ISOLATION);
  await manager[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
  report({ milliseconds, isConfined });
}

/** Times a statement where it runs: a person's code has Python's clock. */
async function timeInPython(session: Session, statement: string): Promise<number[]> {
  const { value, error } = await session.run(
    [
      'from time import perf_counter',
      'samples = []',
      `for n in range(${CALLS / 2 + CALLS}):`,
      '    before = perf_counter()',
      `    ${statement}`,
      '    samples.append((perf_counter() - before) * 1000)',
      `samples[-${CALLS}:]`,
    ].join('\n'),
  );
  if (error) throw new Error(error.message);
  return value as number[];
}

/** To the first result after each reset: an interpreter that is not ready yet would only put off the wait. */
async function measureResets(session: Session): Promise<number[]> {
  const samples: number[] = [];
  for (let n = 0; n < RESETS; n++) {
    await session.run('leftover = 1');
    await sleep(SPARE_MS);
    const before = performance.now();
    await session.reset();
    const { value } = await session.run('"leftover" in globals()');
    samples.push(performance.now() - before);
    if (value !== false) throw new Error('The reset has cleared nothing.');
  }
  return samples;
}

const [distFolder = '', executor = '', measurement = '', settings = '{}'] = process.argv.slice(2);
await measure(distFolder, executor, measurement, settings);
