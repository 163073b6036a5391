import path from 'node:path';
import { measureNamed } from './measuring.mjs';
import { ensurePeers } from './peers.mjs';
import { newestPython } from './programs.mjs';
import { aloneRow, besideRow } from './rows.mjs';

/**
 * @typedef {import('./measuring.mjs').NamedSamples} NamedSamples
 * @typedef {import('./programs.mjs').Programs} Programs
 * @typedef {import('./report.mjs').Table} Table
 */

const TOOLS = 'tools';
const PYTHON = "Python's own way";

/**
 * Tools as Python calls them, beside how Python starts a program and calls an MCP server by itself: in the same session.
 * @param {Programs} programs
 * @param {number} runs
 * @param {string | undefined} python The interpreter; by default the newest that is found.
 * @returns {Promise<Table>}
 */
export async function measureBesidePython(programs, runs, python) {
  const { root, dist, bundles } = programs;
  const peers = await ensurePeers(root, python ?? (await newestPython(programs)));
  const server = path.join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
  const few = Math.min(runs, 3);
  const subject = {
    title: TOOLS,
    command: (/** @type {string} */ measurement) =>
      /** @type {const} */ ([
        process.execPath,
        path.join(bundles, 'tools.mjs'),
        ...[dist, measurement, peers.folder, server],
      ]),
  };
  const calls = await measureNamed(subject, 'calls', few);
  const search = await measureNamed(subject, 'search', 1);
  const starts = await measureNamed(subject, 'starts', 1);
  const added = starts.median('many') - starts.median('empty');
  return {
    title: 'Tools, called by Python on `subprocess`',
    peer: PYTHON,
    subjects: [TOOLS, PYTHON],
    rows: [
      alone('A tool that does nothing (p50)', calls.median('noop'), 0.2),
      alone('200 calls of it at once, until all have come back (p50)', calls.median('gathered')),
      beside('A program: `jq -n 1` (p50), beside `subprocess.run`', calls, 'program'),
      beside(`A call to an MCP server (p50), beside \`mcp\` ${peers.versions.mcp}`, calls, 'server'),
      alone('`tools.search()` over 10,000 tools (p95)', search.percentile('searchOfPython', 0.95), 5),
      alone('The same in the session host (p95)', search.percentile('search', 0.95)),
      alone('The first search in a process, all files read and the index made', search.median('searchFirst')),
      alone('What 200 tool files add to the start of a session', added, 30),
    ],
    notes: [
      `Calls: medians of ${few} processes. Both sides are the same Python in the same session, and the same server program.`,
      'The start: from opening a session to its first result, 15 times with 200 files and without any, in turn; the difference of the medians.',
    ],
  };
}

/**
 * @param {string} title
 * @param {number} value In milliseconds.
 * @param {number} [most]
 */
function alone(title, value, most) {
  return aloneRow(title, { subject: TOOLS, value }, most);
}

/**
 * @param {string} title
 * @param {NamedSamples} samples
 * @param {string} name
 */
function beside(title, samples, name) {
  const ours = { subject: TOOLS, value: samples.median(name) };
  return besideRow(title, ours, { subject: PYTHON, value: samples.median(`${name}OfPython`) });
}
