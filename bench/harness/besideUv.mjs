import path from 'node:path';
import { ensureUv } from '../../scripts/lib/uv.mjs';
import { measureNamed } from './measuring.mjs';
import { newestPython } from './programs.mjs';
import { aloneRow, besideRow } from './rows.mjs';

/**
 * @typedef {import('./measuring.mjs').NamedSamples} NamedSamples
 * @typedef {import('./programs.mjs').Programs} Programs
 * @typedef {import('./report.mjs').Table} Table
 */

const DEPS = 'deps';
const UV = 'uv';

/**
 * Packages of a session, beside uv itself: the same packages in the same environment, from the same cache.
 * @param {Programs} programs
 * @param {number} runs
 * @param {string | undefined} python The interpreter; by default the newest that is found.
 * @returns {Promise<Table>}
 */
export async function measureBesideUv(programs, runs, python) {
  const { root, dist, bundles } = programs;
  const base = python ?? (await newestPython(programs));
  const uv = await ensureUv(root, [base]);
  // The session looks for it there.
  process.env.PATH = `${uv}${path.delimiter}${process.env.PATH ?? ''}`;
  const few = Math.min(runs, 3);
  const subject = {
    title: DEPS,
    command: (/** @type {string} */ measurement) =>
      /** @type {const} */ ([process.execPath, path.join(bundles, 'deps.mjs'), dist, measurement, base, uv]),
  };
  const adding = await measureNamed(subject, 'adding', few);
  const listing = await measureNamed(subject, 'listing', few);
  return {
    title: 'Packages of `subprocess`',
    peer: UV,
    subjects: [DEPS, UV],
    rows: [
      beside('Adding six, which is in the cache (p50)', adding, 'six'),
      beside('Adding rich, which is in the cache as what it needs (p50)', adding, 'rich'),
      alone('Listing 200 configured packages (p50)', listing.median('list'), 20),
      alone('`deps.list()` in Python (p50)', listing.median('listOfPython'), 20),
      alone('The same beside 200 installed ones, as the view shows them (p50)', listing.median('report'), 20),
      alone('The first time in a process', listing.median('reportFirst')),
      alone('A sync with nothing to do (p50)', listing.median('sync'), 100),
      alone('`deps.sync()` in Python with nothing to do (p50)', listing.median('syncOfPython'), 100),
    ],
    notes: [
      `Medians of ${few} processes, on an environment with 200 packages and a session whose Python runs.`,
      'Adding: `dependencies.add` of the session beside `uv pip install`, in turn; what was added is removed in between. What a package needs is there already.',
    ],
  };
}

/**
 * @param {string} title
 * @param {number} value In milliseconds.
 * @param {number} [most]
 */
function alone(title, value, most) {
  return aloneRow(title, { subject: DEPS, value }, most);
}

/**
 * @param {string} title
 * @param {NamedSamples} samples
 * @param {string} name
 */
function beside(title, samples, name) {
  const ours = { subject: DEPS, value: samples.median(name) };
  return besideRow(title, ours, { subject: UV, value: samples.median(`${name}OfUv`) }, 1.2);
}
