import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import envPaths from 'env-paths';

/** What decides, beside the program itself, whether namespaces can be made: since when the system runs, and settings. */
const CONDITIONS = [
  '/proc/sys/kernel/random/boot_id',
  '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
  '/proc/sys/kernel/unprivileged_userns_clone',
  '/proc/sys/user/max_user_namespaces',
  '/proc/self/attr/current',
];
/** In which namespaces this process is: those of a container are its own. */
const NAMESPACES = ['user', 'mnt', 'pid'].map((name) => `/proc/self/ns/${name}`);
/** Of `/proc/self/status`: what this process may do. */
const POWERS = /^(?:Uid|Cap\w+|NoNewPrivs|Seccomp):.*$/gm;

/**
 * Remembers on disk that confining was tried and worked. It counts as long as everything is as it was then; all of
 * that is looked at here, in a hundredth of the trial's time: nothing waits, which would take longer.
 */
export class TrialRecord {
  readonly #file = path.join(envPaths('python-code-mode', { suffix: '' }).cache, 'confinement');
  readonly #conditions: string;

  /** @param program absolute path of the program that confines */
  constructor(program: string) {
    const { size, mtimeMs } = statSync(program);
    const found = [
      ...[program, size, mtimeMs],
      ...CONDITIONS.map((file) => attempt(() => readFileSync(file, 'latin1'))),
      ...NAMESPACES.map((link) => attempt(() => readlinkSync(link))),
      ...(attempt(() => readFileSync('/proc/self/status', 'latin1'))?.match(POWERS) ?? []),
    ];
    this.#conditions = createHash('sha256').update(found.join('\n')).digest('hex');
  }

  counts(): boolean {
    return attempt(() => readFileSync(this.#file, 'latin1')) === this.#conditions;
  }

  /** Where it cannot be kept, the next process tries again. */
  keep(): void {
    attempt(() => {
      mkdirSync(path.dirname(this.#file), { recursive: true });
      writeFileSync(this.#file, this.#conditions);
    });
  }

  forget(): void {
    attempt(() => rmSync(this.#file, { force: true }));
  }
}

/** Not every system has every setting, nor a folder that can be written. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
