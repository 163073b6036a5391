import type { SubprocessSettings } from './settings.ts';

/** What the signals that end a Python mean to a person. */
const SIGNALS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGSEGV: 'a segmentation fault, as code in C used memory that is not its own',
  SIGBUS: 'a bus error, as code in C used memory that is not there',
  SIGABRT: 'code in C gave up',
  SIGFPE: 'an arithmetic error in code in C',
  SIGILL: 'an instruction that this processor does not have',
  SIGSYS: 'a system call that the sandbox forbids',
  SIGKILL: 'somebody ended it, often the system for lack of memory',
  SIGTERM: 'somebody ended it',
};

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
    const meaning = SIGNALS[signal];
    return meaning ? `${meaning} (killed by ${signal})` : `killed by ${signal}`;
  }
  return code === null ? undefined : `exit code ${code}`;
}
