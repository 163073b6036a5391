/** What the signals that end a Python mean to a person. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['SIGSEGV', 'a segmentation fault, as code in C used memory that is not its own'],
  ['SIGBUS', 'a bus error, as code in C used memory that is not there'],
  ['SIGABRT', 'code in C gave up'],
  ['SIGFPE', 'an arithmetic error in code in C'],
  ['SIGILL', 'an instruction that this processor does not have'],
  ['SIGSYS', 'a system call that the sandbox forbids'],
  ['SIGKILL', 'somebody ended it, often the system for lack of memory'],
  ['SIGTERM', 'somebody ended it'],
]);

/** Says for people why a signal ends a Python; undefined where nothing more is known than its name. */
export function signalMeaning(signal: string): string | undefined {
  return MEANINGS.get(signal);
}
