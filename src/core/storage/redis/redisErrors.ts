import { reasonOf } from '../../common/files/systemErrors.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { LinkLost, RedisRefusal } from './link.ts';

/** Answers to a user or password that the server does not take. */
export function isRefusedPassword(error: unknown): boolean {
  return (
    error instanceof RedisRefusal &&
    (error.code === 'WRONGPASS' ||
      error.code === 'NOAUTH' ||
      /invalid password|AUTH .*without any password|no password is set/i.test(error.message))
  );
}

/** Whether the server will answer in a moment: it reads its data, or its replica waits for a master. */
export function isNotReadyYet(error: unknown): boolean {
  return (
    error instanceof RedisRefusal &&
    (error.code === 'LOADING' || error.code === 'BUSY' || error.code === 'TRYAGAIN')
  );
}

/** @param server how the server is named to a person */
export function unreachable(error: unknown, server: string): CodeModeError {
  if (CodeModeError.is(error)) return error;
  if (isRefusedPassword(error)) {
    return new CodeModeError('storage', `Redis at ${server} refused the user or password.`, {
      hint: 'Give the right password; a user other than the default one goes into the address.',
      cause: error,
    });
  }
  return new CodeModeError('storage', `Redis at ${server} can't be reached: ${reasonOf(error)}.`, {
    hint: hintForConnection(error),
    cause: error,
  });
}

function hintForConnection(error: unknown): string {
  const reason = reasonOf(error);
  if (/certificate/i.test(reason)) {
    return "Use the host name of the server's certificate; name the file of an authority of your own in NODE_EXTRA_CA_CERTS.";
  }
  if (/wrong version number/i.test(reason))
    return 'A server without TLS has an address that begins with redis://.';
  if (error instanceof LinkLost && error.wasOpen) {
    return 'A server that wants TLS has an address that begins with rediss://.';
  }
  return 'See that the server runs, and that its address is right.';
}

/**
 * A failed call in words for a person.
 * @param what what could not be done: `The artifact "a.txt" could not be saved`
 */
export function redisError(error: unknown, what: string, server: string): CodeModeError {
  if (CodeModeError.is(error)) return error;
  if (error instanceof LinkLost) {
    const reason = error.silent ? 'does not answer' : 'went away while it was under way';
    return new CodeModeError('storage', `${what}: Redis at ${server} ${reason}.`, {
      hint: 'Try again when the server is back; see first whether the change was made.',
      cause: error,
    });
  }
  if (error instanceof RedisRefusal) {
    const { reason, hint } = explain(error);
    return new CodeModeError('storage', `${what}: ${reason}.`, { hint, cause: error });
  }
  return new CodeModeError('storage', `${what}: ${reasonOf(error)}.`, { cause: error });
}

function explain(error: RedisRefusal): { reason: string; hint: string } {
  switch (error.code) {
    case 'OOM':
      return {
        reason: 'the memory that Redis may use is full',
        hint: 'Delete what is not needed, or raise maxmemory on the server. What was there before is unchanged.',
      };
    case 'READONLY':
      return {
        reason: 'this Redis server is a read-only replica',
        hint: 'Use the address of the primary server.',
      };
    case 'WRONGTYPE':
      return {
        reason: 'another program keeps something else under the same key',
        hint: 'Choose another prefix for the store, or remove that key.',
      };
    case 'NOPERM':
      return {
        reason: `the Redis user may not do this (${error.message})`,
        hint: 'Give the user +@read, +@write, +@transaction and +@connection for the keys of the store, or use another user.',
      };
    case 'MISCONF':
      return {
        reason: 'Redis takes no writes, since it cannot keep its data on the disk',
        hint: 'Free some space on the server, and see its log.',
      };
    case 'MOVED':
    case 'CROSSSLOT':
    case 'CLUSTERDOWN':
      return {
        reason: 'this is a Redis cluster',
        hint: 'Use a single Redis server: a cluster cannot change content and index as one.',
      };
    case 'LOADING':
      return { reason: 'Redis is still reading its data', hint: 'Try again in a moment.' };
    default:
      return error.message.includes('maximum allowed size')
        ? {
            reason: 'it is larger than the server takes',
            hint: 'Raise proto-max-bulk-len on the server, or keep it in files.',
          }
        : { reason: `Redis refused it (${error.message})`, hint: 'See the log of the Redis server.' };
  }
}
