import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { CodeModeError } from '../../contract/errors.ts';
import { machineName } from '../machine.ts';
import { TEMPORARY_PREFIX } from './atomicWrite.ts';
import { isMissing, systemCode } from './systemErrors.ts';

/** How long a holder may give no sign of life before it counts as gone. */
const STALE_MS = 10_000;
const WAIT_MS = 30_000;
const POLL_MS = 8;

const OwnerSchema = z.object({ token: z.string(), pid: z.number().int(), machine: z.string() });

/** What the one who holds a {@link FileLock} can ask. */
export interface HeldLock {
  /** The one before ended without releasing it: what it was doing may be half done. */
  readonly tookOver: boolean;
  /** To be called right before a change is put in place. @throws LockLostError if another has taken over */
  confirm(): void;
}

/** This process was stopped for so long that another took the lock over. */
class LockLostError extends Error {}

/**
 * A lock between processes: a file that only one can create. It names its holder, so that one who died
 * (same machine) is replaced at once, and one who cannot be asked once it has not renewed the file for ten seconds.
 */
export class FileLock {
  readonly #path: string;
  readonly #log: (line: string) => void;
  /** Those of this process wait here in order, so that only one of them looks at the disk. */
  #last: Promise<unknown> = Promise.resolve();

  readonly #staleMs: number;
  readonly #waitMs: number;
  readonly #pollMs: number;

  /**
   * @param options `staleMs`: milliseconds after which a holder that cannot be asked and does not renew its lock
   *   counts as gone; `waitMs`: milliseconds to wait for others; `pollMs`: about how many between two looks
   */
  constructor(
    file: string,
    options: { log: (line: string) => void; staleMs?: number; waitMs?: number; pollMs?: number },
  ) {
    this.#path = file;
    this.#log = options.log;
    this.#staleMs = options.staleMs ?? STALE_MS;
    this.#waitMs = options.waitMs ?? WAIT_MS;
    this.#pollMs = options.pollMs ?? POLL_MS;
  }

  /**
   * Runs `action` while nobody else holds the lock; again from its start if the lock was lost meanwhile.
   * @param signal ends the wait for the lock, with the signal's reason
   * @throws CodeModeError `storage` if others keep the lock for too long
   */
  hold<T>(action: (held: HeldLock) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const result = this.#last.then(() => this.#holdNow(action, signal));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #holdNow<T>(action: (held: HeldLock) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const token = randomUUID();
      const tookOver = await this.#acquire(token, signal);
      const renewal = setInterval(() => this.#renew(token), this.#staleMs / 4);
      try {
        return await action({ tookOver, confirm: () => this.#confirm(token) });
      } catch (error) {
        if (!(error instanceof LockLostError) || attempt === 3) throw error;
      } finally {
        clearInterval(renewal);
        if (readText(this.#path)?.includes(token)) rmSync(this.#path, { force: true, maxRetries: 5 });
      }
    }
  }

  #confirm(token: string): void {
    if (!readText(this.#path)?.includes(token)) throw new LockLostError('The lock was lost.');
  }

  /** Shows the others that what takes long is still being done. */
  #renew(token: string): void {
    const now = new Date();
    try {
      if (readText(this.#path)?.includes(token)) utimesSync(this.#path, now, now);
    } catch {
      // Lost or not reachable: `confirm` is what tells.
    }
  }

  /** Whether a holder that is gone had to be replaced. */
  async #acquire(token: string, signal: AbortSignal | undefined): Promise<boolean> {
    const deadline = performance.now() + this.#waitMs;
    let seen: { state: string; since: number } | undefined;
    let tookOver = false;
    for (;;) {
      signal?.throwIfAborted();
      if (this.#tryCreate(token)) return tookOver;
      const now = performance.now();
      const text = readText(this.#path);
      const state = `${text} ${modifiedAt(this.#path)}`;
      // Timed by this process's own clock: that of a network drive may differ.
      if (text !== undefined && seen?.state !== state) seen = { state, since: now };
      const abandoned = text !== undefined && (isGone(text) || now - (seen?.since ?? now) > this.#staleMs);
      if (abandoned && this.#remove(text)) tookOver = true;
      else if (now > deadline) throw busy(this.#path, this.#waitMs);
      else await delay(this.#pollMs * (0.5 + Math.random()));
    }
  }

  /** The lock appears with its holder's name in it, so that one who is killed here leaves none without. */
  #tryCreate(token: string): boolean {
    const draft = path.join(path.dirname(this.#path), `${TEMPORARY_PREFIX}${token}`);
    try {
      writeFileSync(draft, JSON.stringify({ token, pid: process.pid, machine: machineName() }), {
        flag: 'wx',
      });
      linkSync(draft, this.#path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error) ?? '')) {
        return this.#tryCreateInPlace(token);
      }
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** For file systems without hard links. */
  #tryCreateInPlace(token: string): boolean {
    let file: number;
    try {
      file = openSync(this.#path, 'wx');
    } catch (error) {
      // Windows says EPERM while a file that was just removed is still open somewhere.
      const code = systemCode(error);
      if (code === 'EEXIST' || (process.platform === 'win32' && code === 'EPERM')) return false;
      throw error;
    }
    try {
      writeSync(file, JSON.stringify({ token, pid: process.pid, machine: machineName() }));
    } catch (error) {
      rmSync(this.#path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return true;
  }

  /**
   * Removes the lock that says `text`. Two who find the same one must not both remove a lock, for the second
   * would remove the first one's own: a second file lets one at a time look again and remove.
   */
  #remove(text: string): boolean {
    const guard = `${this.#path}.break`;
    try {
      closeSync(openSync(guard, 'wx'));
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > this.#staleMs) rmSync(guard, { force: true });
      return false;
    }
    try {
      if (readText(this.#path) !== text) return false;
      rmSync(this.#path, { force: true });
      this.#log(`took over the lock ${this.#path} of a program that is gone`);
      return true;
    } finally {
      rmSync(guard, { force: true });
    }
  }
}

function busy(file: string, waitMs: number): CodeModeError {
  return new CodeModeError('storage', `Another program has held ${file} for ${waitMs / 1000} seconds.`, {
    hint: 'Try again. If no other program is at work there, delete that file.',
  });
}

/** Whether the holder ran on this machine and runs no more. */
function isGone(text: string): boolean {
  const owner = OwnerSchema.safeParse(parseJson(text));
  if (!owner.success || owner.data.machine !== machineName()) return false;
  try {
    process.kill(owner.data.pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    // Windows: being removed, or being written.
    if (['EPERM', 'EACCES', 'EBUSY'].includes(systemCode(error) ?? '') && process.platform === 'win32')
      return '';
    throw error;
  }
}

/** When the holder renewed its lock last; undefined while it is being removed. */
function modifiedAt(file: string): number | undefined {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
