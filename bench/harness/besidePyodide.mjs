import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { measureInTurn, of, target } from './measuring.mjs';

/**
 * @typedef {import('./measuring.mjs').Subject} Subject
 * @typedef {import('./report.mjs').Table} Table
 * @typedef {import('./report.mjs').Row} Row
 */

const EXECUTORS = ['sandbox', 'in-process'];

/**
 * The embedded Python beside Pyodide itself, in a plain Node process without a snapshot.
 * @param {import('./programs.mjs').Programs} programs
 * @param {number} runs
 * @returns {Promise<Table>}
 */
export async function measureBesidePyodide({ root, dist, bundles }, runs) {
  const { version } = JSON.parse(
    await readFile(path.join(root, 'node_modules/pyodide/package.json'), 'utf8'),
  );
  const peer = `Pyodide ${version} itself`;
  const few = Math.min(runs, 3);
  /** @type {Subject} */
  const itself = {
    title: peer,
    command: (measurement) => [process.execPath, path.join(bundles, 'pyodide.mjs'), dist, measurement],
  };
  const sessions = EXECUTORS.map((executor) => ({
    title: executor,
    /** @type {Subject['command']} */
    command: (measurement) => [
      process.execPath,
      path.join(bundles, 'session.mjs'),
      dist,
      executor,
      measurement,
    ],
  }));
  const commands = EXECUTORS.map((executor) => ({
    title: executor,
    /** @type {Subject['command']} */
    command: () => [process.execPath, path.join(dist, 'cli.js'), 'run', '--executor', executor, '-c', '1+1'],
  }));

  // From the start of the process (or thread) that Python runs in to the result's arrival: a session starts its own,
  // the peer is its process.
  const first = await measureInTurn([...sessions, itself], {
    measurement: 'first',
    runs,
    take: ({ milliseconds = [] }, wholeMs, { title }) => (title === peer ? [wholeMs] : milliseconds),
  });
  const command = await measureInTurn([...commands, itself], {
    measurement: 'first',
    runs,
    take: (_, wholeMs) => [wholeMs],
  });
  const roundTrip = await measureInTurn([...sessions, itself], { measurement: 'round-trip', runs: few });
  const lines = await measureInTurn([...sessions, itself], { measurement: 'lines', runs: few });
  return {
    title: 'The embedded Python',
    peer,
    subjects: [...EXECUTORS, peer],
    rows: [
      {
        title: 'First result',
        unit: 'ms',
        figures: first,
        verdicts: EXECUTORS.map((executor) => {
          const seconds = of(first, executor) / 1000;
          const times = of(first, peer) / of(first, executor);
          const kept = seconds <= 0.45 && times >= 4;
          const verdict = executor === 'sandbox' ? target(kept, '≤ 0.45 s, ≥ 4 times') : '';
          return `${executor}: ${times.toFixed(1)} times faster${verdict}`;
        }),
      },
      {
        title: '`code-mode run -c "1+1"`, the whole command',
        unit: 'ms',
        figures: command,
        verdicts: EXECUTORS.map(
          (executor) => `${executor}: ${(of(command, peer) / of(command, executor)).toFixed(1)} times faster`,
        ),
      },
      {
        title: 'Round trip of `1+1` (p50)',
        unit: 'ms',
        figures: roundTrip,
        verdicts: EXECUTORS.map((executor) => {
          const more = of(roundTrip, executor) - of(roundTrip, peer);
          return `${executor}: ${more.toFixed(3)} ms more${target(more <= 0.4, '≤ 0.4 ms more')}`;
        }),
      },
      {
        title: '200,000 printed lines',
        unit: 'ms',
        figures: lines,
        verdicts: EXECUTORS.map((executor) => {
          const times = of(lines, executor) / of(lines, peer);
          return `${executor}: ${times.toFixed(2)} times as long${target(times <= 1.5, '≤ 1.5 times')}`;
        }),
      },
      ...(await activation(root)),
    ],
    notes: [
      `${peer} runs in a plain Node process without a snapshot.`,
      'Round trips are those of a warm interpreter, after 2,000 others on either side; the first thousand of a fresh one take about 0.25 ms longer each.',
    ],
  };
}

/**
 * The activation is measured inside a real VS Code by the host tests, which leave their figure here.
 * @param {string} root
 * @returns {Promise<Row[]>}
 */
async function activation(root) {
  const file = path.join(root, 'bench/activation.json');
  if (!existsSync(file)) return [];
  const { milliseconds } = JSON.parse(await readFile(file, 'utf8'));
  return [
    {
      title: 'Activation of the extension, its own time',
      unit: 'ms',
      figures: new Map(),
      verdicts: [`${milliseconds.toFixed(1)} ms${target(milliseconds < 50, '< 50 ms')}`],
    },
  ];
}
