// Every process that the scripts and the tests start is the head of a process group and carries a mark in its
// environment. The group ends what it started in the ordinary way; the mark also finds what left the group
// (browsers and session hosts do, on purpose), so that nothing outlives a run.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const MARK = 'CODE_MODE_PROCESS_TREE';
const GRACE_MS = 4000;
const windows = process.platform === 'win32';

/** @type {Set<ProcessTree>} */
const running = new Set();

/** A program and everything it starts. */
export class ProcessTree {
  #mark = randomUUID();

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {import('node:child_process').SpawnOptions} [options]
   */
  constructor(command, args, options = {}) {
    const env = { ...process.env, ...options.env };
    // Trees nest: an outer tree must still find what an inner one started.
    env[MARK] = [process.env[MARK], this.#mark].filter(Boolean).join(':');
    if (!process.listeners('exit').includes(killAll)) process.on('exit', killAll);
    running.add(this);
    this.child = spawn(command, args, { stdio: 'inherit', detached: !windows, ...options, env });
    /** Resolves when the program itself has ended: its exit code, or null after a signal. */
    this.exited = /** @type {Promise<number | null>} */ (
      new Promise((resolve, reject) => {
        this.child.once('error', reject);
        this.child.once('exit', resolve);
      })
    );
    // Who waits gets the error; nobody waiting is no reason to end the process.
    this.exited.catch(() => running.delete(this));
  }

  /** Asks the whole tree to end, waits a little, and ends whatever is left. */
  async stop() {
    this.#signal('SIGTERM');
    await Promise.race([this.exited.catch(() => null), sleep(GRACE_MS, undefined, { ref: false })]);
    this.kill();
    if (this.child.pid !== undefined) await this.exited.catch(() => null);
  }

  /** Ends the whole tree at once. */
  kill() {
    this.#signal('SIGKILL');
    for (const pid of findMarked(this.#mark)) signalProcess(pid, 'SIGKILL');
    running.delete(this);
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    const { pid } = this.child;
    if (pid === undefined) return;
    if (windows) spawnSync('taskkill', ['/T', '/F', '/PID', String(pid)], { stdio: 'ignore' });
    else signalProcess(-pid, signal);
  }
}

/**
 * Runs a program to its end and leaves nothing of it behind.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & { timeoutMs?: number }} [options]
 * @returns {Promise<{ code: number | null, timedOut: boolean }>}
 */
export async function run(command, args, { timeoutMs = 0, ...options } = {}) {
  const tree = new ProcessTree(command, args, options);
  let timedOut = false;
  const timer =
    timeoutMs > 0 &&
    setTimeout(() => {
      timedOut = true;
      tree.stop();
    }, timeoutMs);
  try {
    return { code: await tree.exited, timedOut };
  } finally {
    if (timer) clearTimeout(timer);
    tree.kill();
  }
}

/**
 * Makes Ctrl+C, a hang-up and a polite kill end everything that was started before the process itself ends.
 * @returns {AbortSignal} Aborted from then on, for whoever has to tell that from a program that ended by itself.
 */
export function stopOnSignals() {
  const stopping = new AbortController();
  const codes = /** @type {const} */ ({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 });
  for (const [signal, code] of Object.entries(codes)) {
    process.once(signal, async () => {
      stopping.abort();
      await Promise.all([...running].map((tree) => tree.stop()));
      process.exit(code);
    });
  }
  return stopping.signal;
}

function killAll() {
  for (const tree of running) tree.kill();
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function signalProcess(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself in the meantime.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * The processes whose environment carries the mark. Only Linux shows environments as files; elsewhere the
 * process group has to do.
 * @param {string} mark
 */
function findMarked(mark) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && environmentOf(pid).includes(mark));
}

/** @param {number} pid */
function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
