// Measures sessions in a session host beside sessions of this process: `node host.mjs DIST EXECUTOR MEASUREMENT
// [SETTINGS]`, the settings of the executor as JSON.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attachToHost, endHost, type HostClientOptions } from '../src/core/session/host/hostClient.ts';
import { launchHost } from '../src/core/session/host/launchHost.ts';
import { createSessionManager } from '../src/core/session/local.ts';
import { findByBaseFolder } from '../src/core/session/remote/announcement.ts';
import type { Session, SessionManager, SessionSpec } from '../src/core/session/session.ts';
import { longestBlock } from './eventLoop.ts';
import {
  ATTACHMENTS,
  EXPRESSION,
  FLOODS,
  MANY_LINES,
  MANY_LINES_CODE,
  type NamedSamples,
  ROUND_TRIPS,
  report,
  WARM_UPS,
} from './protocol.ts';
import { printLines, repeat } from './work.ts';

/** What there is to measure with. */
interface Bench {
  readonly client: HostClientOptions;
  readonly spec: SessionSpec;
}

/** Samples by their names. */
type Measured = Record<string, number[]>;

/** Round trips of one side before it is the other's turn: a busy moment of the machine meets both. */
const TURN = 50;
/** Milliseconds in which a process that has nothing to do comes to rest. */
const REST_MS = 2_000;
const IDLE_MS = 1_000;

const MEASUREMENTS: Readonly<Record<string, (bench: Bench) => Promise<Measured>>> = {
  'round-trip': (bench) => withBoth(bench, measureRoundTrips),
  lines: (bench) => withBoth(bench, measureLines),
  attach: measureAttaching,
  memory: measureMemory,
};

async function measure(distFolder: string, executor: string, measurement: string, settings: string) {
  const work = MEASUREMENTS[measurement];
  if (!work) throw new Error(`There is no measurement "${measurement}".`);
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'code-mode-bench-'));
  const baseFolder = path.join(scratch, '.code-mode');
  const bench = {
    // It is ended below; where this process is killed, soon after that.
    client: {
      baseFolder,
      distFolder,
      version: 'bench',
      clientName: 'bench',
      keepAliveS: 10,
      folder: path.join(scratch, 'hosts'),
    },
    spec: {
      id: 'bench',
      title: 'bench',
      executor,
      executorSettings: JSON.parse(settings),
      workspaceFolder: scratch,
      baseFolder,
    },
  };
  let samples: NamedSamples['samples'];
  try {
    samples = await work(bench);
  } finally {
    await endHost(bench.client);
    await rm(scratch, { recursive: true, force: true });
  }
  report({ samples });
}

/** A session of this process, and one through a host. */
async function withBoth(
  { client, spec }: Bench,
  work: (sides: Readonly<Record<'own' | 'host', Session>>) => Promise<Measured>,
): Promise<Measured> {
  await using own = createSessionManager({ distFolder: client.distFolder, log: () => undefined });
  await using host = await attachToHost(client);
  return await work({ own: await openWarm(own, spec), host: await openWarm(host, spec) });
}

async function openWarm(manager: SessionManager, spec: SessionSpec): Promise<Session> {
  const session = await manager.open(spec);
  const { value } = await session.run(EXPRESSION);
  if (value !== 2) throw new Error('The first run gave no result.');
  return session;
}

async function measureRoundTrips(sides: Readonly<Record<'own' | 'host', Session>>): Promise<Measured> {
  const samples = { own: [] as number[], host: [] as number[] };
  for (const session of Object.values(sides)) await repeat(WARM_UPS, 0, () => session.run(EXPRESSION));
  for (let n = 0; n < ROUND_TRIPS; n += TURN) {
    for (const side of ['own', 'host'] as const) {
      samples[side].push(...(await repeat(0, TURN, () => sides[side].run(EXPRESSION))));
    }
  }
  return samples;
}

async function measureLines(sides: Readonly<Record<'own' | 'host', Session>>): Promise<Measured> {
  const samples: Measured = { own: [], host: [], ownBlock: [], hostBlock: [] };
  const print = (side: 'own' | 'host') => printLines(sides[side], MANY_LINES_CODE, MANY_LINES);
  await print('own');
  await print('host');
  for (let n = 0; n < FLOODS; n++) {
    for (const side of ['own', 'host'] as const) {
      const block = await longestBlock(async () => {
        samples[side]?.push(...(await repeat(0, 1, () => print(side))));
      });
      samples[`${side}Block`]?.push(block);
    }
  }
  return { ...samples, idleBlock: [await longestBlock(() => sleep(IDLE_MS))] };
}

/** To a host that is not there yet, then to one that has a session. */
async function measureAttaching({ client, spec }: Bench): Promise<Measured> {
  const before = performance.now();
  await using manager = await attachToHost(client);
  const start = [performance.now() - before];
  await openWarm(manager, spec);
  const attach: number[] = [];
  for (let n = 0; n < ATTACHMENTS; n++) {
    const before = performance.now();
    const another = await attachToHost(client);
    attach.push(performance.now() - before);
    await another[Symbol.asyncDispose]();
  }
  return { start, attach };
}

/** Of the host alone, in millions of bytes. */
async function measureMemory({ client, spec }: Bench): Promise<Measured> {
  await launchHost(client);
  const pid = (await findByBaseFolder(client.baseFolder, client))?.pid;
  const memory = async () => {
    await sleep(REST_MS);
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? [] : [(Number(kibibytes) * 1024) / 1e6];
  };
  const alone = await memory();
  await using manager = await attachToHost(client);
  const attached = await memory();
  const session = await openWarm(manager, spec);
  await session.close();
  return { alone, attached, afterSession: await memory() };
}

const [distFolder = '', executor = '', measurement = '', settings = '{}'] = process.argv.slice(2);
await measure(distFolder, executor, measurement, settings);
