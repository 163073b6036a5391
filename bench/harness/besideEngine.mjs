import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { containerPackages, ensureContainers } from '../../scripts/lib/containers.mjs';
import { ensureDebianPackages } from '../../scripts/lib/requirements.mjs';
import { measureNamed } from './measuring.mjs';
import { aloneRow, besideRow } from './rows.mjs';

/**
 * @typedef {import('./programs.mjs').Programs} Programs
 * @typedef {import('./report.mjs').Table} Table
 */

const OURS = 'container';
const ENGINE = "the engine's own `run`";

/**
 * Sessions in containers, beside the engine's own `run` of the same image with Python.
 * @param {Programs} programs
 * @param {number} runs
 * @returns {Promise<Table>}
 */
export async function measureBesideEngine({ dist, bundles }, runs) {
  const few = Math.min(runs, 3);
  await ensureDebianPackages(containerPackages());
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'code-mode-bench-'));
  const settings = await ensureContainers(scratch, path.join(scratch, 'data')).finally(() =>
    rm(scratch, { recursive: true, force: true }),
  );
  const subject = {
    title: OURS,
    command: () =>
      /** @type {const} */ ([
        process.execPath,
        path.join(bundles, 'container.mjs'),
        dist,
        JSON.stringify(settings),
      ]),
  };
  const samples = await measureNamed(subject, OURS, few);
  const ours = (/** @type {string} */ name) => ({ subject: OURS, value: samples.median(name) });
  return {
    title: 'Sessions in containers',
    peer: ENGINE,
    subjects: [OURS, ENGINE],
    rows: [
      besideRow(
        'The first result in a new container',
        ours('first'),
        { subject: ENGINE, value: samples.median('firstOfEngine') },
        1.3,
      ),
      besideRow(
        'The same, beside a `run` without network and log',
        ours('first'),
        { subject: ENGINE, value: samples.median('firstWithoutNetwork') },
        1.3,
      ),
      aloneRow('Round trip of `1+1` (p50)', ours('roundTrip'), 0.3),
      aloneRow('The first result of a session whose container was kept ready', ours('spare'), 50),
      aloneRow('The first result after a reset', ours('reset')),
    ],
    notes: [
      `Medians of ${few} processes. The engine's own: \`run --rm IMAGE python3 -c "print(1+1)"\`, from its start to its end, in turn with ours, which has all limits and no network.`,
    ],
  };
}
