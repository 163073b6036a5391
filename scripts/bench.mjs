// `npm run bench [-- --runs N]`: measures the built extension beside Pyodide itself, on this machine and in the same
// run, and writes bench/results.json and bench/RESULTS.md. Nothing here fails for being slow: the figures are read.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureDependencies } from './lib/packages.mjs';
import { Problem } from './lib/problem.mjs';
import { requireNode } from './lib/requirements.mjs';
import { script } from './lib/script.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const bundles = path.join(root, 'out/bench');
const EXECUTORS = ['sandbox', 'in-process'];
const PEER = 'pyodide';

/**
 * @typedef {Map<string, number>} Medians Milliseconds by subject: an executor or the peer.
 * @typedef {{ title: string, unit: string, medians: Medians, verdicts: string[] }} Row
 */

await script(async () => {
  requireNode();
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Problem(`--runs "${values.runs}" is no count.`, 'Give --runs 7.');
  await ensureDependencies(root);
  await build();
  const rows = [
    await firstResult(runs),
    await wholeCommand(runs),
    await roundTrip(runs),
    await lines(runs),
    ...(await activation()),
  ];
  await write(rows, runs);
});

async function build() {
  if (!existsSync(path.join(dist, 'pyodide/snapshot.bin'))) {
    const { code } = await capture(process.execPath, [path.join(root, 'esbuild.mjs')], 'inherit');
    if (code !== 0) throw new Problem('The build failed.', 'The output above says why.');
  }
  const esbuild = await import('esbuild');
  await rm(bundles, { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { session: 'bench/session.ts', pyodide: 'bench/pyodide.ts' },
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // What the libraries inside still ask for in the CommonJS way.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

/** @param {number} runs */
async function firstResult(runs) {
  // From the start of the process (or thread) that Python runs in to the result's arrival: a session starts its own,
  // the peer is its process.
  const medians = await inTurn(runs, 'first', sessionOrPeer, (samples, wholeMs, subject) =>
    subject === PEER ? [wholeMs] : samples,
  );
  const verdicts = EXECUTORS.map((executor) => {
    const seconds = of(medians, executor) / 1000;
    const times = of(medians, PEER) / of(medians, executor);
    const kept = executor !== 'sandbox' || (seconds <= 0.45 && times >= 4);
    return `${executor}: ${times.toFixed(1)} times faster${executor === 'sandbox' ? target(kept, '≤ 0.45 s, ≥ 4 times') : ''}`;
  });
  return { title: 'First result', unit: 'ms', medians, verdicts };
}

/** @param {number} runs */
async function wholeCommand(runs) {
  const command = (/** @type {string} */ subject, /** @type {string} */ measurement) =>
    subject === PEER
      ? sessionOrPeer(subject, measurement)
      : [path.join(dist, 'cli.js'), 'run', '--executor', subject, '-c', '1+1'];
  const medians = await inTurn(runs, 'first', command, (_, wholeMs) => [wholeMs]);
  const verdicts = EXECUTORS.map(
    (executor) => `${executor}: ${(of(medians, PEER) / of(medians, executor)).toFixed(1)} times faster`,
  );
  return { title: '`code-mode run -c "1+1"`, the whole command', unit: 'ms', medians, verdicts };
}

/** @param {number} runs */
async function roundTrip(runs) {
  const medians = await inTurn(Math.min(runs, 3), 'round-trip', sessionOrPeer, (samples) => samples);
  const verdicts = EXECUTORS.map((executor) => {
    const more = of(medians, executor) - of(medians, PEER);
    return `${executor}: ${more.toFixed(3)} ms more${target(more <= 0.4, '≤ 0.4 ms more')}`;
  });
  return { title: 'Round trip of `1+1` (p50)', unit: 'ms', medians, verdicts };
}

/** @param {number} runs */
async function lines(runs) {
  const medians = await inTurn(Math.min(runs, 3), 'lines', sessionOrPeer, (samples) => samples);
  const verdicts = EXECUTORS.map((executor) => {
    const times = of(medians, executor) / of(medians, PEER);
    return `${executor}: ${times.toFixed(2)} times as long${target(times <= 1.5, '≤ 1.5 times')}`;
  });
  return { title: '200,000 printed lines', unit: 'ms', medians, verdicts };
}

/** The activation is measured inside a real VS Code by the host tests, which leave their figure here. */
async function activation() {
  const file = path.join(root, 'bench/activation.json');
  if (!existsSync(file)) return [];
  const { milliseconds } = JSON.parse(await readFile(file, 'utf8'));
  return [
    {
      title: 'Activation of the extension, its own time',
      unit: 'ms',
      medians: new Map([['extension', milliseconds]]),
      verdicts: [`${milliseconds.toFixed(1)} ms${target(milliseconds < 50, '< 50 ms')}`],
    },
  ];
}

/**
 * What Node is started with to measure a subject.
 * @param {string} subject
 * @param {string} measurement
 */
function sessionOrPeer(subject, measurement) {
  return subject === PEER
    ? [path.join(bundles, 'pyodide.mjs'), dist, measurement]
    : [path.join(bundles, 'session.mjs'), dist, subject, measurement];
}

/**
 * Measures every subject in turn, `runs` times, so that a busy minute of the machine meets all of them.
 * @param {number} runs
 * @param {string} measurement
 * @param {(subject: string, measurement: string) => string[]} command
 * @param {(samples: number[], wholeMs: number, subject: string) => number[]} take
 * @returns {Promise<Medians>}
 */
async function inTurn(runs, measurement, command, take) {
  /** @type {Map<string, number[]>} */
  const samples = new Map();
  for (let run = 0; run < runs; run++) {
    for (const subject of [...EXECUTORS, PEER]) {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${measurement}: ${run + 1}/${runs} ${subject}`);
      const started = performance.now();
      const { code, stdout, printedAt } = await capture(process.execPath, command(subject, measurement));
      if (code !== 0)
        throw new Problem(`Measuring ${subject} (${measurement}) failed.`, 'The output above says why.');
      const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
      const taken = take(report.milliseconds ?? [], printedAt - started, subject);
      samples.set(subject, [...(samples.get(subject) ?? []), ...taken]);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return new Map([...samples].map(([subject, values]) => [subject, median(values)]));
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {'pipe' | 'inherit'} [stdout]
 * @returns {Promise<{ code: number | null, stdout: string, printedAt: number }>}
 */
function capture(command, args, stdout = 'pipe') {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', stdout, 'inherit'], cwd: root });
    let text = '';
    let printedAt = 0;
    child.stdout?.setEncoding('utf8').on('data', (part) => {
      text += part;
      printedAt = performance.now();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: text, printedAt }));
  });
}

/**
 * @param {Medians} medians
 * @param {string} subject
 */
function of(medians, subject) {
  return medians.get(subject) ?? Number.NaN;
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return ((sorted[middle] ?? 0) + (sorted[sorted.length - 1 - middle] ?? 0)) / 2;
}

/**
 * @param {boolean} kept
 * @param {string} text
 */
function target(kept, text) {
  return ` (target ${text}: ${kept ? 'kept' : 'missed'})`;
}

/**
 * @param {Row[]} rows
 * @param {number} runs
 */
async function write(rows, runs) {
  const machine = `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.availableParallelism()} cores, ${os.type()}, Node ${process.versions.node}`;
  const { version } = JSON.parse(
    await readFile(path.join(root, 'node_modules/pyodide/package.json'), 'utf8'),
  );
  /** @param {Row} row */
  const cells = ({ medians }) =>
    [...EXECUTORS, PEER].map((subject) => {
      const value = medians.get(subject);
      return value === undefined ? '' : value.toFixed(value < 10 ? 3 : 0);
    });
  const table = [
    `| | ${EXECUTORS.join(' | ')} | Pyodide ${version} itself | beside Pyodide |`,
    '| --- | ---: | ---: | ---: | --- |',
    ...rows.map(
      (row) => `| ${row.title}, ${row.unit} | ${cells(row).join(' | ')} | ${row.verdicts.join('<br>')} |`,
    ),
  ].join('\n');
  const text = `# Measured

Written by \`npm run bench\`. Medians of ${runs} processes each (three for round trips and lines), measured in turn on one
machine in one run: ${machine}. Pyodide itself runs in a plain Node process without a
snapshot. The ratios carry over to other machines, the milliseconds do not.
Round trips are those of a warm interpreter, after 2,000 others on either side; the first thousand of a fresh
one take about 0.25 ms longer each.

${table}
`;
  await writeFile(path.join(root, 'bench/RESULTS.md'), text);
  await writeFile(
    path.join(root, 'bench/results.json'),
    `${JSON.stringify({ machine, pyodide: version, runs, rows: rows.map((row) => ({ ...row, medians: Object.fromEntries(row.medians) })) }, null, 2)}\n`,
  );
  console.log(`\n${text}`);
}
