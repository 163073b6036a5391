import type { Session } from '../src/core/session/session.ts';

/** Does something several times after a few that do not count. @returns the milliseconds that each took */
export async function repeat(
  warmUps: number,
  times: number,
  work: () => Promise<unknown>,
): Promise<number[]> {
  const samples: number[] = [];
  for (let n = 0; n < warmUps + times; n++) {
    const before = performance.now();
    await work();
    if (n >= warmUps) samples.push(performance.now() - before);
  }
  return samples;
}

/** Runs code that prints so many lines, and sees to it that they all arrive. */
export async function printLines(session: Session, code: string, lines: number): Promise<void> {
  let newlines = 0;
  await session.run(code, {
    onEvent: (event) => {
      if (event.kind === 'stdout') newlines += event.text.split('\n').length - 1;
    },
  });
  if (newlines !== lines) throw new Error(`${newlines} lines of ${lines} arrived.`);
}
