import workload from './workload.json';

/** What is measured, the same for everyone; `peer/jupyter.py` reads the same file. */
export const {
  /** What a round trip runs. */
  expression: EXPRESSION,
  /** Round trips that are measured, after those that only warm up. */
  roundTrips: ROUND_TRIPS,
  warmUps: WARM_UPS,
  /** What prints, and how many lines. */
  linesCode: LINES_CODE,
  lines: LINES,
  /** Floods of lines that are measured, after one that only warms up. */
  floods: FLOODS,
  /** What prints more of them, for the session host. */
  manyLinesCode: MANY_LINES_CODE,
  manyLines: MANY_LINES,
  /** How often a client attaches to a live session host. */
  attachments: ATTACHMENTS,
  /** Calls that Python makes to the host, after half as many that only warm up. */
  calls: CALLS,
  resets: RESETS,
  /** What is sent to the host and back, of 1,000,000 bytes each. */
  megabytes: MEGABYTES,
  /** How often it is sent, after one that only warms up. */
  transfers: TRANSFERS,
  /** Workflows of a large store, and as many artifacts. */
  storeItems: STORE_ITEMS,
  /** How often each thing is done with a store. */
  storeTimes: STORE_TIMES,
  /** Files of tools that a session is started with. */
  toolFiles: TOOL_FILES,
  /** Packages of an environment. */
  packages: PACKAGES,
} = workload;

/** What a measuring process prints as its last line. */
export interface Samples {
  readonly milliseconds: readonly number[];
  /** Whether the operating system's sandbox was around Python, where that is asked for. */
  readonly isConfined?: boolean;
}

/** What a process that measures several things prints as its last line. */
export interface NamedSamples {
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** Ends a measuring process with its result. */
export function report(samples: Samples | NamedSamples): void {
  process.stdout.write(`${JSON.stringify(samples)}\n`, () => process.exit(0));
}
