import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { measureNamed, median, target } from './measuring.mjs';
import { newestPython } from './programs.mjs';

/**
 * @typedef {import('./programs.mjs').Programs} Programs
 * @typedef {import('./report.mjs').Table} Table
 * @typedef {import('./report.mjs').Row} Row
 */

/** The columns. */
const OWN = 'in one process';
const HOST = 'through the host';
/** The longest that anybody may wait for an event loop, in milliseconds. */
const BLOCK_MS = 50;

/**
 * Sessions in a session host beside sessions of the process that uses them.
 * @param {Programs} programs
 * @param {number} runs
 * @param {string | undefined} python The interpreter; by default the newest that is found.
 * @returns {Promise<Table>}
 */
export async function measureBesideOneProcess(programs, runs, python) {
  const { root } = programs;
  const { attachments, manyLines } = JSON.parse(
    await readFile(path.join(root, 'bench/workload.json'), 'utf8'),
  );
  const executors = {
    subprocess: { python: python ?? (await newestPython(programs)), sandbox: 'off' },
    sandbox: {},
  };
  const few = Math.min(runs, 3);
  const lines = manyLines.toLocaleString('en-US');
  /** @type {Row[]} */
  const roundTripRows = [];
  /** @type {Row[]} */
  const linesRows = [];
  /** @type {Row[]} */
  const blockRows = [];
  /** @type {Row[]} */
  const closedRows = [];
  /** @type {number[]} */
  const idle = [];
  /** @type {number[]} */
  const alone = [];
  /** @type {number[]} */
  const attached = [];
  for (const [executor, settings] of Object.entries(executors)) {
    const measure = (/** @type {string} */ measurement) =>
      measureInProcesses(programs, executor, settings, measurement, few);

    const roundTrip = await measure('round-trip');
    const more = roundTrip.median('host') - roundTrip.median('own');
    roundTripRows.push({
      title: `Round trip of \`1+1\`, \`${executor}\` (p50)`,
      unit: 'ms',
      figures: both(roundTrip.median('own'), roundTrip.median('host')),
      verdicts: [`${more.toFixed(3)} ms more${target(more <= 0.15, '≤ 0.15 ms more')}`],
    });

    const flood = await measure('lines');
    const times = flood.median('host') / flood.median('own');
    linesRows.push({
      title: `${lines} printed lines, \`${executor}\``,
      unit: 'ms',
      figures: both(flood.median('own'), flood.median('host')),
      verdicts: [`${times.toFixed(2)} times as long`],
    });
    const block = flood.longest('hostBlock');
    blockRows.push({
      title: `The longest block of the client's event loop meanwhile, \`${executor}\``,
      unit: 'ms',
      figures: both(flood.longest('ownBlock'), block),
      verdicts: [keptUpTo(block, BLOCK_MS, 'ms')],
    });
    idle.push(...flood.of('idleBlock'));

    const memory = await measure('memory');
    alone.push(...memory.of('alone'));
    attached.push(...memory.of('attached'));
    closedRows.push(
      ...memoryRows(
        `with one client, after its session was closed, \`${executor}\``,
        memory.of('afterSession'),
      ),
    );
  }
  const attach = await measureInProcesses(programs, 'subprocess', executors.subprocess, 'attach', runs);
  return {
    title: 'A session through the session host',
    peer: 'one of the same process',
    subjects: [OWN, HOST],
    rows: [
      ...roundTripRows,
      ...linesRows,
      ...blockRows,
      ...(await extensionHost(root, lines)),
      {
        title: 'Attaching to a live host (p50)',
        unit: 'ms',
        figures: hosted(attach.median('attach')),
        verdicts: [keptUpTo(attach.median('attach'), 100, 'ms')],
      },
      {
        title: `The slowest of ${attach.of('attach').length}`,
        unit: 'ms',
        figures: hosted(attach.longest('attach')),
        verdicts: [keptUpTo(attach.longest('attach'), 100, 'ms')],
      },
      {
        title: 'Starting a host and attaching to it',
        unit: 'ms',
        figures: hosted(attach.median('start')),
        verdicts: [],
      },
      ...memoryRows('without a session, nobody attached', alone, 60),
      ...memoryRows('without a session, one client attached', attached, 60),
      ...closedRows,
    ],
    notes: [
      `Medians of ${few} processes for each executor (of ${runs} for attaching, each ${attachments} times). \`subprocess\` runs with the sandbox off.`,
      'Round trips: one process has a session of its own and one in a host, and measures them in turns of 50, after 2,000 others on either side.',
      `Blocks: the longest delay that Node's \`monitorEventLoopDelay\` has seen at a resolution of 1 ms, less that millisecond, of all floods; what it shows of a process that does nothing for a second: ${Math.max(...idle).toFixed(1)} ms. What the operating system gives to other processes counts as well.`,
      'Attaching: to a host that has a session, from the look for it to the answer with its sessions. Starting: where there is none.',
      'Memory: what is resident of the host itself, in millions of bytes, two seconds after it has nothing to do (Linux).',
    ],
  };
}

/**
 * Measures in several processes, one after the other.
 * @param {Programs} programs
 * @param {string} executor
 * @param {Record<string, unknown>} settings Of the executor.
 * @param {string} measurement
 * @param {number} runs
 */
function measureInProcesses({ dist, bundles }, executor, settings, measurement, runs) {
  return measureNamed(
    {
      title: `the session host, ${executor}`,
      command: () => [
        process.execPath,
        path.join(bundles, 'host.mjs'),
        ...[dist, executor, measurement, JSON.stringify(settings)],
      ],
    },
    measurement,
    runs,
  );
}

/**
 * Measured inside a real VS Code by the host tests, which leave their figures here.
 * @param {string} root
 * @param {string} lines
 * @returns {Promise<Row[]>}
 */
async function extensionHost(root, lines) {
  const file = path.join(root, 'bench/eventLoop.json');
  if (!existsSync(file)) return [];
  const { idle, notebook, interactiveWindow } = JSON.parse(await readFile(file, 'utf8'));
  const row = (/** @type {string} */ where, /** @type {number} */ block) => ({
    title: `The longest block of VS Code's extension host, ${lines} lines in ${where}`,
    unit: 'ms',
    figures: hosted(block),
    verdicts: [`${keptUpTo(block, BLOCK_MS, 'ms')}<br>with nothing to do: ${idle.toFixed(1)} ms`],
  });
  return [row('a notebook', notebook), row('the Interactive Window', interactiveWindow)];
}

/**
 * Nothing where the system does not tell it.
 * @param {string} when
 * @param {readonly number[]} values In millions of bytes.
 * @param {number} [most]
 * @returns {Row[]}
 */
function memoryRows(when, values, most) {
  if (values.length === 0) return [];
  const memory = median(values);
  return [
    {
      title: `Memory of the host ${when}`,
      unit: 'MB',
      figures: hosted(memory),
      verdicts: most === undefined ? [] : [keptUpTo(memory, most, 'MB')],
    },
  ];
}

/**
 * @param {number} own
 * @param {number} host
 */
function both(own, host) {
  return new Map([
    [OWN, own],
    [HOST, host],
  ]);
}

/** @param {number} host */
function hosted(host) {
  return new Map([[HOST, host]]);
}

/**
 * @param {number} value
 * @param {number} most
 * @param {string} unit
 */
function keptUpTo(value, most, unit) {
  return `${value.toFixed(1)} ${unit}${target(value <= most, `≤ ${most} ${unit}`)}`;
}
