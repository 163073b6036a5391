import type { SessionInfo } from '../../core/session/session.ts';

/**
 * What is lost where these sessions' Python ends, for the person who is asked first.
 *
 * @param waiting - pieces of code that wait for their turn outside of the sessions
 */
export function describeLoss(sessions: readonly SessionInfo[], waiting = 0): string {
  const sentences = sessions.some(({ state }) => state === 'busy')
    ? ['Code is running: it is ended, and the variables are lost.']
    : ['The variables are lost. What was kept as artifacts and workflows stays.'];
  const queued = sessions.reduce((sum, session) => sum + session.queued, waiting);
  if (queued === 1) sentences.push('One run that waits is dropped.');
  if (queued > 1) sentences.push(`${queued} runs that wait are dropped.`);
  const clients = [...new Set(sessions.flatMap((session) => session.clients))];
  // One is whoever asks.
  if (clients.length > 1) sentences.push(`Attached: ${clients.join(', ')}.`);
  return sentences.join(' ');
}

/** Whether Python of this session runs or starts, so that ending it can lose something. */
export function canLose({ state }: SessionInfo): boolean {
  return state !== 'stopped' && state !== 'dead';
}
