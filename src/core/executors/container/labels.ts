import { createHash } from 'node:crypto';
import { machineName } from '../../common/machine.ts';
import { isRunning, processStart } from '../../common/processes.ts';

/** What everything has that this extension makes in an engine. */
export const LABEL = 'python-code-mode';
/** The process that a thing lives as long as; what is kept has none. */
export const OWNER_LABEL = `${LABEL}.owner`;
const WORKSPACE_LABEL = `${LABEL}.workspace`;

/** Of what is kept beyond this process, such as the packages of a workspace. */
export function keptLabels(workspaceFolder: string | undefined): Readonly<Record<string, string>> {
  return { [LABEL]: '1', ...(workspaceFolder === undefined ? {} : { [WORKSPACE_LABEL]: workspaceFolder }) };
}

/** Of what ends with this process: where it does not, it is removed by the next that finds it. */
export function ownedLabels(workspaceFolder: string | undefined): Readonly<Record<string, string>> {
  return { ...keptLabels(workspaceFolder), [OWNER_LABEL]: owner() };
}

/** Whether a process of this machine was the owner, and is there no more. */
export function isOwnerGone(label: string): boolean {
  const [machine, id, start] = label.split(':');
  const processId = Number(id);
  if (machine !== machineDigest() || !Number.isInteger(processId) || processId <= 0) return false;
  if (!isRunning(processId)) return true;
  // Its id may have been given to another one since.
  const started = processStart(processId);
  return Boolean(start) && started !== undefined && started !== start;
}

/** `<machine>:<process id>:<its start>`: without a comma, by which an engine's list separates labels. */
function owner(): string {
  return `${machineDigest()}:${process.pid}:${processStart(process.pid) ?? ''}`;
}

/** An engine may be shared by machines and people: who they are is nobody's business there. */
function machineDigest(): string {
  return createHash('sha256').update(machineName()).digest('hex').slice(0, 16);
}
