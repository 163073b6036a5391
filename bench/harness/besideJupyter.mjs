import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { measureInTurn, measureOnce, of, target } from './measuring.mjs';
import { ensurePeers } from './peers.mjs';
import { newestPython } from './programs.mjs';

/**
 * @typedef {import('./measuring.mjs').Subject} Subject
 * @typedef {import('./measuring.mjs').Medians} Medians
 * @typedef {import('./programs.mjs').Programs} Programs
 * @typedef {import('./report.mjs').Table} Table
 */

/** The executor `subprocess` by its setting for the operating system's sandbox. */
const OFF = 'subprocess, sandbox off';
const AUTO = 'subprocess, sandbox auto';
const EXECUTORS = [OFF, AUTO];

/**
 * CPython beside ipykernel with jupyter_client's blocking client: the same interpreter in the same environment.
 * @param {Programs} programs
 * @param {number} runs
 * @param {string | undefined} python The interpreter; by default the newest that is found.
 * @returns {Promise<Table>}
 */
export async function measureBesideJupyter(programs, runs, python) {
  const { root, dist, bundles } = programs;
  const workload = path.join(root, 'bench/workload.json');
  const { megabytes } = JSON.parse(await readFile(workload, 'utf8'));
  const jupyter = await ensurePeers(root, python ?? (await newestPython(programs)));
  const { stdout: version } = await promisify(execFile)(jupyter.python, [
    '-c',
    'import platform; print(platform.python_version())',
  ]);
  const peer = `ipykernel ${jupyter.versions.ipykernel}`;
  const few = Math.min(runs, 3);
  /** @type {Subject} */
  const itself = {
    title: peer,
    command: (measurement) => [
      jupyter.python,
      path.join(root, 'bench/peer/jupyter.py'),
      workload,
      measurement,
    ],
  };
  /** @type {Subject[]} */
  const sessions = EXECUTORS.map((title) => {
    const settings = { python: jupyter.folder, sandbox: title === OFF ? 'off' : 'auto' };
    return {
      title,
      command: (measurement) => [
        process.execPath,
        ...(measurement === 'bytes'
          ? [path.join(bundles, 'bytes.mjs'), dist, 'subprocess']
          : [path.join(bundles, 'session.mjs'), dist, 'subprocess', measurement]),
        JSON.stringify(settings),
      ],
    };
  });
  const all = [...sessions, itself];
  const first = await measureInTurn(all, { measurement: 'first', runs, warmsUp: true });
  const roundTrip = await measureInTurn(all, { measurement: 'round-trip', runs: few });
  const lines = await measureInTurn(all, { measurement: 'lines', runs: few });
  const hostCall = await measureInTurn(sessions, { measurement: 'host-call', runs: few });
  const storedCall = await measureInTurn(sessions, { measurement: 'stored-call', runs: few });
  const reset = await measureInTurn(sessions, { measurement: 'reset', runs: few });
  const bytes = await measureInTurn(sessions, { measurement: 'bytes', runs: few });
  const confined = await Promise.all(
    sessions.map(async (session) => (await measureOnce(session, 'first')).report),
  );
  return {
    title: `CPython ${version.trim()}`,
    peer: `${peer} through jupyter_client ${jupyter.versions.jupyter_client}`,
    subjects: [...EXECUTORS, peer],
    rows: [
      {
        title: 'First result',
        unit: 'ms',
        figures: first,
        verdicts: timesFaster(first, peer, 8),
      },
      {
        title: 'Round trip of `1+1` (p50)',
        unit: 'ms',
        figures: roundTrip,
        verdicts: timesFaster(roundTrip, peer, 30, 0.15),
      },
      {
        title: '200,000 printed lines',
        unit: 'ms',
        figures: lines,
        verdicts: timesFaster(lines, peer, 3),
      },
      {
        title: 'A call of the host from Python, `tools.list()` (p50)',
        unit: 'ms',
        figures: hostCall,
        verdicts: atMost(hostCall, 0.15),
      },
      {
        title: 'One that looks for a file, `artifacts.exists()` (p50)',
        unit: 'ms',
        figures: storedCall,
        verdicts: [],
      },
      {
        title: 'Reset with the warm spare, to the first result after it',
        unit: 'ms',
        figures: reset,
        verdicts: atMost(reset, 20),
      },
      {
        title: `${megabytes} MB of bytes to the host and back`,
        unit: 'ms',
        figures: bytes,
        verdicts: EXECUTORS.map((title) => {
          const rate = (2 * megabytes) / (of(bytes, title) / 1000);
          return `${rate.toFixed(0)} MB/s${target(rate >= 500, '≥ 500 MB/s')}`;
        }),
      },
    ],
    notes: [
      `All three run the same interpreter in the same virtual environment; with the sandbox at auto, Python was ${confined[1]?.isConfined ? '' : 'not '}confined by the operating system's sandbox.`,
      'First result: from the start of a session, or of the kernel process with jupyter_client already imported, to the reply of its first `1+1`. Each was started once before, without counting.',
      'Round trip: to the reply and the value, after 2,000 others. Printed lines are counted where they arrive: by the listener of the run, and on the IOPub channel.',
      `Bytes: one call that hands over ${megabytes} MB (of 1,000,000 bytes) and is given them back, timed in Python; the rate is that of the ${2 * megabytes} MB that have crossed.`,
    ],
  };
}

/**
 * @param {Medians} medians
 * @param {string} peer
 * @param {number} least
 * @param {number} [most] Milliseconds.
 */
function timesFaster(medians, peer, least, most = Number.POSITIVE_INFINITY) {
  const limit = Number.isFinite(most) ? `, ≤ ${most} ms` : '';
  return EXECUTORS.map((title) => {
    const times = of(medians, peer) / of(medians, title);
    const kept = times >= least && of(medians, title) <= most;
    return `${times.toFixed(1)} times faster${target(kept, `≥ ${least} times${limit}`)}`;
  });
}

/**
 * @param {Medians} medians
 * @param {number} most Milliseconds.
 */
function atMost(medians, most) {
  return EXECUTORS.map((title) => {
    const value = of(medians, title);
    return `${value.toFixed(value < 1 ? 3 : 1)} ms${target(value <= most, `≤ ${most} ms`)}`;
  });
}
