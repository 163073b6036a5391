// Measures packages: `node deps.mjs DIST MEASUREMENT PYTHON UV`, where PYTHON is an interpreter to base an environment on and
// UV the folder of uv, which has to be on the search path as well.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createSessionManager } from '../src/core/session/local.ts';
import type { Session } from '../src/core/session/session.ts';
import { type NamedSamples, PACKAGES, report } from './protocol.ts';
import { repeat } from './work.ts';

const run = promisify(execFile);

/** What there is to measure with. */
interface Bench {
  readonly folder: string;
  /** The interpreter of an environment with very many packages. */
  readonly python: string;
  /** Absolute path. */
  readonly uv: string;
  readonly session: Session;
}

type Measured = NamedSamples['samples'];

const MEASUREMENTS: Readonly<Record<string, (bench: Bench) => Promise<Measured>>> = {
  adding: measureAdding,
  listing: measureListing,
};

/** One without and one with packages that it needs. */
const ADDED = ['six', 'rich'];
const TIMES = 10;
/** Milliseconds after a change, so that nobody is measured while an interpreter is made ready for later. */
const CALM_MS = 700;
const MANY_TIMES = 50;

/** Packages that are in uv's cache, added to a session beside uv itself: in turn, into the same environment. */
async function measureAdding({ session, uv, python }: Bench): Promise<Measured> {
  const samples: Record<string, number[]> = {};
  for (const name of ADDED) {
    const install = () => run(uv, ['pip', 'install', '--quiet', '--python', python, name]);
    const add = async () => {
      const { installed } = await session.dependencies.add([name]);
      if (installed.length === 0) throw new Error(`${name} was not installed.`);
    };
    const remove = async () => {
      await session.dependencies.remove([name]);
      await wait(CALM_MS);
    };
    // What comes with it stays, so that both sides have the same to do each time; and all is in the cache.
    await install();
    await remove();
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let n = 0; n < TIMES; n++) {
      ours.push(...(await repeat(0, 1, add)));
      await remove();
      theirs.push(...(await repeat(0, 1, install)));
      await remove();
    }
    samples[name] = ours;
    samples[`${name}OfUv`] = theirs;
  }
  return samples;
}

/** What is configured and installed is listed, and synced with nothing to do. */
async function measureListing({ folder, session }: Bench): Promise<Measured> {
  const { dependencies } = session;
  await writeFile(path.join(folder, 'base/requirements.txt'), `${NAMES.join('\n')}\n`);
  const samples: Record<string, readonly number[]> = {
    reportFirst: await repeat(0, 1, () => dependencies.report()),
    report: await repeat(2, MANY_TIMES, () => dependencies.report()),
    list: await repeat(2, MANY_TIMES, () => dependencies.list()),
    sync: await repeat(2, MANY_TIMES, async () => {
      const { alreadyPresent } = await dependencies.sync();
      if (alreadyPresent.length !== NAMES.length) throw new Error('There was something to do.');
    }),
  };
  for (const call of ['list', 'sync']) samples[`${call}OfPython`] = await timedInPython(session, call);
  return samples;
}

async function timedInPython(session: Session, call: string): Promise<readonly number[]> {
  const { value, error } = await session.run(`
from time import perf_counter
samples = []
for n in range(${MANY_TIMES + 2}):
    before = perf_counter()
    deps.${call}()
    samples.append((perf_counter() - before) * 1000)
samples[2:]
`);
  if (error) throw new Error(error.traceback);
  return value as number[];
}

const NAMES = Array.from({ length: PACKAGES }, (_, index) => `package-${index}`);

/** An environment with many packages, each with what an installer leaves of one. */
async function makeEnvironment(folder: string, uv: string, base: string): Promise<string> {
  const environment = path.join(folder, 'environment');
  await run(uv, ['venv', '--quiet', '--python', base, environment]);
  const windows = process.platform === 'win32';
  const library = path.join(environment, windows ? 'Lib' : 'lib');
  const versions = windows ? [''] : await readdir(library);
  const packages = path.join(library, versions[0] ?? '', 'site-packages');
  for (const [index, name] of NAMES.entries()) {
    const module = name.replaceAll('-', '_');
    const info = path.join(packages, `${module}-1.${index}.dist-info`);
    await mkdir(info);
    const needs = index === 0 ? '' : `Requires-Dist: ${NAMES[index - 1]}>=1\n`;
    const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.${index}\nSummary: One of many.\n${needs}`;
    await writeFile(path.join(info, 'METADATA'), metadata);
    await writeFile(path.join(info, 'INSTALLER'), 'uv');
    await writeFile(path.join(info, 'RECORD'), `${module}.py,,\n`);
    await writeFile(path.join(packages, `${module}.py`), '');
  }
  return path.join(environment, windows ? 'Scripts/python.exe' : 'bin/python');
}

async function measure(
  distFolder: string,
  measurement: string,
  base: string,
  uvFolder: string,
): Promise<void> {
  const work = MEASUREMENTS[measurement];
  if (!work) throw new Error(`There is no measurement "${measurement}".`);
  const uv = path.join(uvFolder, process.platform === 'win32' ? 'uv.exe' : 'uv');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'code-mode-bench-'));
  // Not the person's own, and on the same file system as the environment.
  process.env.UV_CACHE_DIR = path.join(folder, 'cache');
  let samples: Measured;
  try {
    const python = await makeEnvironment(folder, uv, base);
    await mkdir(path.join(folder, 'base'));
    await using manager = createSessionManager({ distFolder, log: () => undefined });
    const session = await manager.open({
      id: 'bench',
      title: 'bench',
      executor: 'subprocess',
      executorSettings: { python, sandbox: 'off' },
      workspaceFolder: folder,
      baseFolder: path.join(folder, 'base'),
    });
    await session.run('1');
    samples = await work({ folder, python, uv, session });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  report({ samples });
}

const [distFolder = '', measurement = '', python = '', uvFolder = ''] = process.argv.slice(2);
await measure(distFolder, measurement, python, uvFolder);
