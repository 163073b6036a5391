/** What a probe saw. Plain data. */
export interface ProbeResult {
  readonly passed: boolean;
  /** One line for a person: what was tried and what happened. */
  readonly saw: string;
}

/** Seconds far above what any probe needs: they only keep a broken promise from hanging whoever asked. */
export const HANG_S = 60;

/** The promise was kept. */
export function passed(saw: string): ProbeResult {
  return { passed: true, saw };
}

/** The promise was not kept. */
export function failed(saw: string): ProbeResult {
  return { passed: false, saw };
}

/** What Python answered, for the one line. */
export function oneLine(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 200) ?? 'nothing';
}
