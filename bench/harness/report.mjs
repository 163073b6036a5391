import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/**
 * @typedef {object} Row
 * @property {string} title
 * @property {string} unit
 * @property {import('./measuring.mjs').Medians} figures By the title of the subject; a missing one was not measured.
 * @property {readonly string[]} verdicts
 */
/**
 * @typedef {object} Table
 * @property {string} title
 * @property {string} peer
 * @property {readonly string[]} subjects The titles of the columns.
 * @property {readonly Row[]} rows
 * @property {readonly string[]} notes
 */

/**
 * Prints the figures and writes bench/RESULTS.md and bench/results.json.
 * @param {string} root The project's root folder.
 * @param {readonly Table[]} tables
 * @param {number} runs
 */
export async function writeReport(root, tables, runs) {
  const machine = `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.availableParallelism()} cores, ${os.type()}, Node ${process.versions.node}`;
  const load = (os.loadavg()[1] ?? 0).toFixed(1);
  const text = `# Measured

Written by \`npm run bench\`. Medians of ${runs} processes each (three but for the first result and the whole command),
measured in turn on one machine in one run: ${machine}. Its load over five minutes was ${load} at the end.
The ratios carry over to other machines, the milliseconds do not.

${tables.map(tableText).join('\n')}`;
  await writeFile(path.join(root, 'bench/RESULTS.md'), text);
  const data = tables.map((table) => ({
    ...table,
    rows: table.rows.map((row) => ({ ...row, figures: Object.fromEntries(row.figures) })),
  }));
  await writeFile(
    path.join(root, 'bench/results.json'),
    `${JSON.stringify({ machine, load, runs, tables: data }, null, 2)}\n`,
  );
  console.log(`\n${text}`);
}

/** @param {Table} table */
function tableText({ title, peer, subjects, rows, notes }) {
  return `## ${title} beside ${peer}

| | ${subjects.join(' | ')} | beside |
| --- |${' ---: |'.repeat(subjects.length)} --- |
${rows.map((row) => rowText(row, subjects)).join('\n')}

${notes.map((note) => `- ${note}`).join('\n')}
`;
}

/**
 * @param {Row} row
 * @param {readonly string[]} subjects
 */
function rowText({ title, unit, figures, verdicts }, subjects) {
  const cells = subjects.map((subject) => {
    const value = figures.get(subject);
    return value === undefined ? '' : value.toFixed(value < 10 ? 3 : 0);
  });
  return `| ${title}, ${unit} | ${cells.join(' | ')} | ${verdicts.join('<br>')} |`;
}
