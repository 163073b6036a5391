/**
 * What `promise` gives, or a rejection as soon as `signal` is aborted, whatever becomes of the promise then.
 *
 * @param signal - undefined: it is only waited for
 * @param reasonOf - what it rejects with; by default the signal's own reason
 */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  reasonOf: () => unknown = () => signal?.reason,
): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(reasonOf());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
