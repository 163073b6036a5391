import { signalMeaning } from '../signalMeaning.ts';
import type { SubprocessSettings } from './settings.ts';

/** Says for people why a Python ended by itself; undefined where nothing more is known than an exit code. */
export function describePythonEnd(
  code: number | null,
  signal: NodeJS.Signals | null,
  settings: Pick<SubprocessSettings, 'cpuLimit' | 'memoryLimit'>,
): string | undefined {
  if (signal === 'SIGXCPU') {
    return `it used more than its ${settings.cpuLimit} s of processor time and did not stop (killed by SIGXCPU)`;
  }
  if (signal) {
    const meaning = signalMeaning(signal);
    return meaning ? `${meaning} (killed by ${signal})` : `killed by ${signal}`;
  }
  return code === null ? undefined : `exit code ${code}`;
}
