// Measures containers: `node container.mjs DIST SETTINGS`, the settings of the executor `container` as JSON.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findEngine } from '../src/core/executors/container/engine/findEngine.ts';
import { parseContainerSettings } from '../src/core/executors/container/settings.ts';
import { createSessionManager } from '../src/core/session/local.ts';
// Loaded before anything is timed.
import '../src/core/session/localSession.ts';
import type { Session } from '../src/core/session/session.ts';
import { EXPRESSION, type NamedSamples, ROUND_TRIPS, report, WARM_UPS } from './protocol.ts';
import { repeat } from './work.ts';

const run = promisify(execFile);

const TIMES = 8;
/** Milliseconds in which a spare container is made ready, on a busy machine as well. */
const SPARE_MS = 4_000;

async function measure(distFolder: string, settingsText: string): Promise<NamedSamples['samples']> {
  const settings: Record<string, unknown> = JSON.parse(settingsText);
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'code-mode-bench-'));
  try {
    await using manager = createSessionManager({ distFolder, log: () => undefined });
    let opened = 0;
    const open = (more: Record<string, unknown>): Promise<Session> => {
      opened += 1;
      return manager.open({
        id: `bench-${opened}`,
        title: 'bench',
        executor: 'container',
        executorSettings: { ...settings, ...more },
        workspaceFolder: scratch,
        baseFolder: path.join(scratch, '.code-mode'),
      });
    };
    return {
      ...(await measureStarts(settings, () => open({ warmSpare: false }))),
      ...(await measureRoundTrips(() => open({ warmSpare: false }))),
      ...(await measureSpares(() => open({ warmSpare: true }))),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await removeVolumes(settings, scratch);
  }
}

/** What was kept for the next start. */
async function removeVolumes(settings: Record<string, unknown>, workspaceFolder: string): Promise<void> {
  const engine = await findEngine(parseContainerSettings(settings), { log: () => undefined });
  const filter = ['--filter', `label=python-code-mode.workspace=${workspaceFolder}`];
  const names = (await engine.call(['volume', 'ls', '--quiet', ...filter])).split('\n').filter(Boolean);
  if (names.length > 0) await engine.call(['volume', 'rm', ...names]);
}

/** To the first result in a new container, beside the engine's own `run` of the same image: in turn. */
async function measureStarts(
  settings: Record<string, unknown>,
  open: () => Promise<Session>,
): Promise<NamedSamples['samples']> {
  const checked = parseContainerSettings(settings);
  const engine = await findEngine(checked, { log: () => undefined });
  const theirs = async (...more: string[]) => {
    const { file, args } = engine.command([
      ...['run', '--rm', ...more, ...engine.runArguments, ...checked.runArguments, checked.image],
      ...[checked.python, '-c', `print(${EXPRESSION})`],
    ]);
    const { stdout } = await run(file, [...args]);
    if (stdout.trim() !== '2') throw new Error(`The engine's own run printed ${stdout}`);
  };
  const first: number[] = [];
  const firstOfEngine: number[] = [];
  const firstWithoutNetwork: number[] = [];
  for (let n = 0; n <= TIMES; n++) {
    const [own] = await repeat(0, 1, () => theirs());
    // What ours goes without takes time as well.
    const [closed] = await repeat(0, 1, () => theirs('--network=none', '--log-driver=none'));
    let session: Session | undefined;
    const [ours] = await repeat(0, 1, async () => {
      session = await open();
      await expectResult(session);
    });
    await session?.close();
    // The first of each fills what both keep for the next.
    if (n === 0 || own === undefined || closed === undefined || ours === undefined) continue;
    firstOfEngine.push(own);
    firstWithoutNetwork.push(closed);
    first.push(ours);
  }
  return { first, firstOfEngine, firstWithoutNetwork };
}

async function measureRoundTrips(open: () => Promise<Session>): Promise<NamedSamples['samples']> {
  await using session = await open();
  const roundTrip = await repeat(WARM_UPS, ROUND_TRIPS, () => session.run(EXPRESSION));
  const reset = await repeat(1, TIMES, async () => {
    await session.reset();
    await expectResult(session);
  });
  return { roundTrip, reset };
}

/** To the first result of a session for which a container was kept ready. */
async function measureSpares(open: () => Promise<Session>): Promise<NamedSamples['samples']> {
  // It keeps the pool alive, and has the first spare made.
  await using keeper = await open();
  await expectResult(keeper);
  const spare: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    await wait(SPARE_MS);
    let session: Session | undefined;
    spare.push(
      ...(await repeat(0, 1, async () => {
        session = await open();
        await expectResult(session);
      })),
    );
    await session?.close();
  }
  return { spare };
}

async function expectResult(session: Session): Promise<void> {
  const { value, error } = await session.run(EXPRESSION);
  if (value !== 2) throw new Error(error?.message ?? 'A run gave no result.');
}

const [distFolder = '', settings = '{}'] = process.argv.slice(2);
report({ samples: await measure(distFolder, settings) });
