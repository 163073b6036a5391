import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { measureNamed, NamedSamples, target } from './measuring.mjs';
import { newestPython } from './programs.mjs';

/**
 * @typedef {import('./programs.mjs').Programs} Programs
 * @typedef {import('./report.mjs').Table} Table
 * @typedef {import('./report.mjs').Row} Row
 */

/** The columns. */
const KINDS = /** @type {const} */ (['file', 'redis']);
const TITLES = { file: 'files', redis: 'Redis' };
const COPY = 'a plain file copy';

/**
 * A large store on files and on Redis, and 100 MB in it beside copies of a file of that size.
 * @param {Programs} programs
 * @param {number} runs
 * @param {string | undefined} python The interpreter; by default the newest that is found.
 * @returns {Promise<Table>}
 */
export async function measureBesideFileCopy(programs, runs, python) {
  const { root, dist, bundles } = programs;
  const { megabytes, storeItems } = JSON.parse(
    await readFile(path.join(root, 'bench/workload.json'), 'utf8'),
  );
  const interpreter = python ?? (await newestPython(programs));
  const few = Math.min(runs, 3);
  const measure = async (/** @type {string} */ measurement) => {
    /** @type {Map<string, NamedSamples>} */
    const measured = new Map();
    for (const kind of KINDS) {
      const subject = {
        title: `the store, ${kind}`,
        command: (/** @type {string} */ name) =>
          /** @type {const} */ ([
            process.execPath,
            path.join(bundles, 'store.mjs'),
            ...[dist, kind, name, interpreter],
          ]),
      };
      measured.set(kind, await measureNamed(subject, measurement, few));
    }
    return measured;
  };
  const lists = await measure('lists');
  const fromPython = await measure('python');
  const bytes = await measure('bytes');
  const items = storeItems.toLocaleString('en-US');
  /**
   * @param {string} title
   * @param {Map<string, NamedSamples>} measured
   * @param {(samples: NamedSamples) => number} figure
   * @param {number} [most] In milliseconds.
   * @returns {Row}
   */
  const row = (title, measured, figure, most) => {
    const figures = new Map(
      KINDS.map((kind) => [TITLES[kind], figure(measured.get(kind) ?? new NamedSamples())]),
    );
    const verdicts =
      most === undefined ? [] : [...figures].map(([kind, value]) => `${kind}: ${kept(value, most)}`);
    return { title, unit: 'ms', figures, verdicts };
  };
  const named = (/** @type {string} */ name) => (/** @type {NamedSamples} */ samples) => samples.median(name);
  return {
    title: `A store of ${items} workflows and ${items} artifacts, and ${megabytes} MB in one artifact`,
    peer: COPY,
    subjects: [...KINDS.map((kind) => TITLES[kind]), COPY],
    rows: [
      row('Listing the artifacts (p50)', lists, named('artifacts'), 50),
      row('Listing the workflows with their parameters (p50)', lists, named('workflows'), 50),
      row('A search (p95)', lists, (samples) => samples.percentile('search', 0.95), 5),
      row('A search after a pause, the store looked at again (p50)', lists, named('searchAfterPause')),
      row('The first list of the artifacts in a process', lists, named('artifactsFirst')),
      row('The first list of the workflows in a process, all of them parsed', lists, named('workflowsFirst')),
      row('The first search in a process, the index made', lists, named('searchFirst')),
      row("The longest block of the process's event loop in these three", lists, (samples) =>
        Math.max(...['artifacts', 'workflows', 'search'].map((name) => samples.longest(`${name}FirstBlock`))),
      ),
      row('`artifacts.list()` in Python (p50)', fromPython, named('artifacts')),
      row('`workflows.list()` in Python (p50)', fromPython, named('workflows')),
      row('`workflows.search()` in Python (p95)', fromPython, (samples) =>
        samples.percentile('search', 0.95),
      ),
      ...(await views(root)),
      bytesRow(`${megabytes} MB saved`, bytes, 'save', 'copy'),
      bytesRow(`${megabytes} MB saved, the copy brought to the disk as well`, bytes, 'save', 'copyToDisk'),
      bytesRow(`${megabytes} MB loaded`, bytes, 'load', 'copy'),
      bytesRow(`${megabytes} MB saved by Python`, bytes, 'pythonSave', 'copy'),
      bytesRow(`${megabytes} MB loaded by Python`, bytes, 'pythonLoad', 'copy'),
    ],
    notes: [
      `Medians of ${few} processes for each. The Redis server runs on the same machine and keeps nothing on the disk.`,
      'Searches: eight of them in turn, with whole words, parts of words and slips, by words alone. Within a second of each other they take the workflows to be the same.',
      'A copy is `fs.copyFile`; a saved artifact of a file store is brought to the disk (fsync) before it is in its place.',
    ],
  };
}

/**
 * Measured inside a real VS Code by the host tests, which leave their figures here.
 * @param {string} root
 * @returns {Promise<Row[]>}
 */
async function views(root) {
  const file = path.join(root, 'bench/views.json');
  if (!existsSync(file)) return [];
  const { workflows, workflowsBlock, artifacts, artifactsBlock } = JSON.parse(await readFile(file, 'utf8'));
  const row = (/** @type {string} */ title, /** @type {number} */ value) => ({
    title,
    unit: 'ms',
    figures: new Map([[TITLES.file, value]]),
    verdicts: [],
  });
  return [
    row('Opening the Workflows view in VS Code, to the first page', workflows),
    row("The longest block of VS Code's extension host meanwhile", workflowsBlock),
    row('Opening the Artifacts view, to the first page of a folder', artifacts),
    row("The longest block of VS Code's extension host meanwhile, for artifacts", artifactsBlock),
  ];
}

/**
 * @param {string} title
 * @param {Map<string, NamedSamples>} measured
 * @param {string} name
 * @param {string} peer
 * @returns {Row}
 */
function bytesRow(title, measured, name, peer) {
  const copy = measured.get('file')?.median(peer) ?? Number.NaN;
  const figures = new Map(
    KINDS.map((kind) => [TITLES[kind], measured.get(kind)?.median(name) ?? Number.NaN]),
  );
  const verdicts = [...figures].map(([kind, value]) => {
    const times = value / copy;
    return `${kind}: ${times.toFixed(1)} times as long${kind === TITLES.file ? target(times <= 2, '≤ 2 times') : ''}`;
  });
  return { title, unit: 'ms', figures: new Map([...figures, [COPY, copy]]), verdicts };
}

/**
 * @param {number} value
 * @param {number} most
 */
function kept(value, most) {
  return `${value.toFixed(1)} ms${target(value <= most, `≤ ${most} ms`)}`;
}
