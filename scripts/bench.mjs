// `npm run bench [-- --runs N --only PART --python PATH]`, PART one of pyodide, jupyter, host, store, tools, deps and
// container: measures the built extension beside Pyodide itself and beside ipykernel, its session host beside sessions of
// the same process, its stores beside plain copies of files, its tools beside Python's own ways, its packages beside uv,
// and its containers beside the engine's own, on this machine and in the same run, and writes bench/results.json and
// bench/RESULTS.md. Nothing here fails for being slow: the figures are read.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureBesideEngine } from '../bench/harness/besideEngine.mjs';
import { measureBesideFileCopy } from '../bench/harness/besideFileCopy.mjs';
import { measureBesideJupyter } from '../bench/harness/besideJupyter.mjs';
import { measureBesideOneProcess } from '../bench/harness/besideOneProcess.mjs';
import { measureBesidePyodide } from '../bench/harness/besidePyodide.mjs';
import { measureBesidePython } from '../bench/harness/besidePython.mjs';
import { measureBesideUv } from '../bench/harness/besideUv.mjs';
import { buildPrograms } from '../bench/harness/programs.mjs';
import { writeReport } from '../bench/harness/report.mjs';
import { ensureDependencies } from './lib/packages.mjs';
import { Problem } from './lib/problem.mjs';
import { requireNode } from './lib/requirements.mjs';
import { script } from './lib/script.mjs';

/** What is measured, in this order. */
const PARTS = {
  pyodide: measureBesidePyodide,
  jupyter: measureBesideJupyter,
  host: measureBesideOneProcess,
  store: measureBesideFileCopy,
  tools: measureBesidePython,
  deps: measureBesideUv,
  container: measureBesideEngine,
};

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

await script(async () => {
  requireNode();
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '7' },
      only: { type: 'string' },
      python: { type: 'string' },
    },
  });
  const { only, python } = values;
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Problem(`--runs "${values.runs}" is no count.`, 'Give --runs 7.');
  if (only !== undefined && !Object.hasOwn(PARTS, only))
    throw new Problem(
      `There is nothing to measure named "${only}".`,
      'There are pyodide, jupyter, host, store, tools, deps and container.',
    );
  await ensureDependencies(root);
  const programs = await buildPrograms(root);
  const tables = [];
  for (const [name, measure] of Object.entries(PARTS)) {
    if (only === undefined || only === name) tables.push(await measure(programs, runs, python));
  }
  await writeReport(root, tables, runs);
});
