import { target } from './measuring.mjs';

/** @typedef {import('./report.mjs').Row} Row */
/**
 * @typedef {object} Figure
 * @property {string} subject The title of its column.
 * @property {number} value In milliseconds.
 */

/**
 * A figure that nobody else has.
 * @param {string} title
 * @param {Figure} figure
 * @param {number} [most] Milliseconds that it is held to.
 * @returns {Row}
 */
export function aloneRow(title, { subject, value }, most) {
  const verdicts =
    most === undefined ? [] : [`${value.toFixed(2)} ms${target(value <= most, `≤ ${most} ms`)}`];
  return { title, unit: 'ms', figures: new Map([[subject, value]]), verdicts };
}

/**
 * A figure beside the peer's.
 * @param {string} title
 * @param {Figure} ours
 * @param {Figure} theirs
 * @param {number} [most] How many times as long it may take.
 * @returns {Row}
 */
export function besideRow(title, ours, theirs, most) {
  const ratio = ours.value / theirs.value;
  const verdict = most === undefined ? '' : target(ratio <= most, `≤ ${most} times`);
  return {
    title,
    unit: 'ms',
    figures: new Map([
      [ours.subject, ours.value],
      [theirs.subject, theirs.value],
    ]),
    verdicts: [`${ratio.toFixed(2)} times as long${verdict}`],
  };
}
