/** What a measuring process prints as its last line: the samples, in milliseconds. */
export interface Samples {
  readonly milliseconds: readonly number[];
}

/** What a measuring process is asked for. */
export const MEASUREMENTS = ['first', 'round-trip', 'lines'] as const;
export type Measurement = (typeof MEASUREMENTS)[number];

export const EXPRESSION = '1+1';
export const LINES = 200_000;
export const LINES_CODE = `for n in range(${LINES}): print(n)`;
/** Round trips that are measured, after those that only warm up. */
export const ROUND_TRIPS = 1000;
export const WARM_UPS = 2000;
/** Floods of lines that are measured, after one that only warms up. */
export const FLOODS = 3;

/** Ends a measuring process with its result. */
export function report(milliseconds: readonly number[]): void {
  process.stdout.write(`${JSON.stringify({ milliseconds } satisfies Samples)}\n`, () => process.exit(0));
}
