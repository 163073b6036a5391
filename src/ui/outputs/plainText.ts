import type { RunEvent } from '../../core/contract/execution.ts';
import { describeOmitted } from '../../core/session/runs/journal.ts';

/** What a run has emitted where only text can be shown; empty for what is no output. */
export function plainTextOf(event: RunEvent): string {
  if (event.kind === 'stdout' || event.kind === 'stderr') return event.text;
  if (event.kind === 'omitted') return describeOmitted(event);
  if (event.kind !== 'display' && event.kind !== 'updateDisplay') return '';
  const text = event.output.data['text/plain'];
  return typeof text === 'string' ? `${text}\n` : `[${Object.keys(event.output.data).join(', ')}]\n`;
}
