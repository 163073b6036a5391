import { spawn } from 'node:child_process';
import { Problem } from '../../scripts/lib/problem.mjs';

/**
 * @typedef {object} Subject One of those that are measured beside each other.
 * @property {string} title
 * @property {(measurement: string) => readonly [string, ...string[]]} command The program that measures it, and prints
 *   its samples as JSON in its last line; see protocol.ts.
 */
/**
 * @typedef {object} Report What such a program printed.
 * @property {readonly number[]} [milliseconds]
 * @property {boolean} [isConfined]
 * @property {Readonly<Record<string, readonly number[]>>} [samples] Of one that measures several things.
 */
/** @typedef {Map<string, number>} Medians In milliseconds, by the title of the subject. */
/**
 * @typedef {object} Options
 * @property {string} measurement
 * @property {number} runs How often each is measured.
 * @property {boolean} [warmsUp] Whether each is started once more before, without counting: what is on the disk is then
 *   in memory for all of them.
 * @property {(report: Report, wholeMs: number, subject: Subject) => readonly number[]} [take] The samples of one run, of
 *   what it printed and of the milliseconds from its start to its print; by default those that it printed.
 */

/**
 * Measures every subject in turn, several times, so that a busy minute of the machine meets all of them.
 * @param {readonly Subject[]} subjects
 * @param {Options} options
 * @returns {Promise<Medians>}
 */
export async function measureInTurn(subjects, { measurement, runs, warmsUp = false, take = samplesOf }) {
  /** @type {Map<string, number[]>} */
  const samples = new Map(subjects.map(({ title }) => [title, []]));
  for (let run = warmsUp ? 0 : 1; run <= runs; run++) {
    for (const subject of subjects) {
      showProgress(`${measurement}: ${run}/${runs} ${subject.title}`);
      const { report, wholeMs } = await measureOnce(subject, measurement);
      if (run > 0) samples.get(subject.title)?.push(...take(report, wholeMs, subject));
    }
  }
  showProgress('');
  return new Map([...samples].map(([title, values]) => [title, median(values)]));
}

/**
 * @param {Subject} subject
 * @param {string} measurement
 * @returns {Promise<{ report: Report, wholeMs: number }>}
 */
export async function measureOnce(subject, measurement) {
  const started = performance.now();
  const { code, stdout, printedAt } = await capture(subject.command(measurement));
  if (code !== 0)
    throw new Problem(`Measuring ${subject.title} (${measurement}) failed.`, 'The output above says why.');
  return { report: JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), wholeMs: printedAt - started };
}

/**
 * What a subject that measures several things at once printed, several times.
 * @param {Subject} subject
 * @param {string} measurement
 * @param {number} runs
 * @returns {Promise<NamedSamples>}
 */
export async function measureNamed(subject, measurement, runs) {
  const samples = new NamedSamples();
  for (let run = 1; run <= runs; run++) {
    showProgress(`${subject.title}, ${measurement}: ${run}/${runs}`);
    const { report } = await measureOnce(subject, measurement);
    for (const [name, values] of Object.entries(report.samples ?? {})) samples.add(name, values);
  }
  showProgress('');
  return samples;
}

/** Samples by their names; of what was not measured there are none. */
export class NamedSamples {
  /** @type {Map<string, readonly number[]>} */
  #values = new Map();

  /**
   * @param {string} name
   * @param {readonly number[]} values
   */
  add(name, values) {
    this.#values.set(name, [...this.of(name), ...values]);
  }

  /**
   * @param {string} name
   * @returns {readonly number[]}
   */
  of(name) {
    return this.#values.get(name) ?? [];
  }

  /** @param {string} name */
  median(name) {
    return median(this.of(name));
  }

  /** @param {string} name */
  longest(name) {
    return Math.max(...this.of(name));
  }

  /**
   * @param {string} name
   * @param {number} share Of the samples that take no longer.
   */
  percentile(name, share) {
    const sorted = [...this.of(name)].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  }
}

/**
 * @param {Medians} medians
 * @param {string} title
 */
export function of(medians, title) {
  return medians.get(title) ?? Number.NaN;
}

/**
 * What a figure is held to, and whether it is kept.
 * @param {boolean} kept
 * @param {string} text
 */
export function target(kept, text) {
  return ` (target ${text}: ${kept ? 'kept' : 'missed'})`;
}

/** @param {Report} report */
function samplesOf({ milliseconds = [] }) {
  return milliseconds;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return ((sorted[middle] ?? 0) + (sorted[sorted.length - 1 - middle] ?? 0)) / 2;
}

/** @param {string} text */
export function showProgress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/**
 * @param {readonly [string, ...string[]]} command
 * @returns {Promise<{ code: number | null, stdout: string, printedAt: number }>}
 */
function capture([command, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    let printedAt = 0;
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part;
      printedAt = performance.now();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: text, printedAt }));
  });
}
